"""A cross-encoder reads question and passage together: cross-encoder:FOLDER or a hub id.

Through sentence-transformers. Slower than the search itself by far: its time for 20 passages
belongs into the latency that the study allows.
"""

from collections.abc import Sequence
from dataclasses import replace

from sentence_transformers import CrossEncoder

from suffice.errors import UsageError
from suffice.ports import ModelOptions
from suffice.retrieve.records import Hit


class CrossEncoderReranker:
    def __init__(self, name: str, model: CrossEncoder) -> None:
        self.name = f"cross-encoder:{name}"
        self._model = model

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        pairs = [(question, f"{hit.passage.title}\n{hit.passage.text}".strip()) for hit in hits]
        scores = [float(score) for score in self._model.predict(pairs)] if pairs else []
        scored = [
            replace(hit, scores={**hit.scores, self.name: score})
            for hit, score in zip(hits, scores, strict=True)
        ]
        return sorted(scored, key=lambda hit: -hit.scores[self.name])


def create(name: str, options: ModelOptions) -> CrossEncoderReranker:
    """NAME is a folder (relative to the study's) or an id of the Hugging Face hub."""
    if not name:
        raise UsageError("cross-encoder needs a model: write cross-encoder:NAME")
    local = options.folder / name
    source = str(local) if local.is_dir() else name
    try:
        model = CrossEncoder(source, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"the cross-encoder {source!r} cannot be loaded: {error}") from error
    return CrossEncoderReranker(name, model)
