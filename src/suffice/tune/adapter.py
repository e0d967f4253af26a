"""What tuning leaves behind: a folder with the adapter, its card, and how to merge it.

    adapter_model.safetensors, adapter_config.json   as peft writes and every server reads them
    suffice.json                                     the card: base, data, recipe, how it went
    README.md                                        the same for people

A folder appears whole or not at all. An adapter is refused on any base but its own: loaded on
another it would answer, and wrongly.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import peft
import torch
from peft import PeftModel
from safetensors import SafetensorError

from suffice.errors import DataError, SufficeError, UsageError
from suffice.models.folder import digest, digests, refuse_pickled
from suffice.models.weights import Weights, quiet, versions
from suffice.records import Example, Json, Source, fingerprint
from suffice.tune.batches import stacked
from suffice.tune.lineage import CARD, example_digest, sentence_digests
from suffice.tune.network import Network
from suffice.tune.recipe import Recipe
from suffice.tune.rows import Row
from suffice.tune.train import Look, Trained, set_weights

WEIGHTS = "adapter_model.safetensors"
_TOKENIZER = ("tokenizer*", "chat_template*", "special_tokens_map.json", "vocab*", "merges.txt")
_PROBED = 4  # rows on which merged and unmerged are compared


@dataclass(frozen=True, slots=True)
class Card:
    """Where an adapter comes from. `examples` has a digest of each one that it learned from and
    `sentences` of all they say, so that erasure finds who saw a text; `data` is of them all."""

    base: str
    base_digest: str
    recipe: Recipe
    examples: tuple[str, ...]
    data: str
    sentences: tuple[str, ...]
    prompt: str
    looks: tuple[Look, ...]
    best_epoch: int
    steps: int
    tokens: int
    seconds: float
    stopped: str
    overfitted: str
    versions: dict[str, str] = field(default_factory=dict)
    layout: int = 1

    def __str__(self) -> str:
        return f"{self.recipe} on {len(self.examples)} examples of {self.base}"


def card_of(
    base: Weights, recipe: Recipe, examples: Sequence[Example], prompt: str, run: Trained
) -> Card:
    """What there is to say of a training that has ended."""
    each = tuple(example_digest(example) for example in examples)
    return Card(
        base=base.place,
        base_digest=base.digest,
        recipe=recipe,
        examples=each,
        data=fingerprint(each),
        sentences=sentence_digests(examples),
        prompt=fingerprint(prompt),
        looks=run.looks,
        best_epoch=run.best.epoch,
        steps=run.steps,
        tokens=run.tokens,
        seconds=run.seconds,
        stopped=run.stopped,
        overfitted=run.overfitted,
        versions={**versions(), "peft": peft.__version__},
    )


# ---------------------------------------------------------------- to disk and back


def keep(network: Network, run: Trained, card: Card, base: Weights, folder: Path) -> Path:
    """Writes the best weights and the card; of full tuning, the whole model."""
    set_weights(network, run.weights)
    with _whole(folder) as part:
        if card.recipe.method == "full":
            write_model(network.inner, base, part)
        else:
            network.adapted.save_pretrained(str(part), save_embedding_layers=False)
        (part / CARD).write_bytes(msgspec.json.format(msgspec.json.encode(card), indent=1))
        (part / "README.md").write_text(_readme(card), "utf-8")
    return folder


def read_card(folder: Path) -> Card:
    """Raises DataError where there is none, or where it was written otherwise."""
    path = folder / CARD
    try:
        return msgspec.json.decode(path.read_bytes(), type=Card)
    except FileNotFoundError as error:
        raise DataError("this is no adapter of ours: it has no card", Source(str(path))) from error
    except msgspec.DecodeError as error:
        raise DataError(f"the card cannot be read: {error}", Source(str(path))) from error


def check(base: Weights, folder: Path) -> None:
    """Raises unless the folder holds an adapter of this very base."""
    card = read_card(folder)
    if card.base_digest != base.digest:
        raise UsageError(
            f"the adapter in {folder} was trained on {card.base} as it was then, and "
            f"{base.place} is another model: on it the adapter would say anything. Train it anew, "
            "or name the model that it was trained on"
        )
    if card.recipe.method == "full":
        raise UsageError(f"{folder} holds a whole model and no adapter; name it as the model")


def on(base: Weights, folder: Path) -> Any:
    """The base with the adapter on it."""
    check(base, folder)
    try:
        return PeftModel.from_pretrained(base.model, str(folder)).eval()
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise DataError(
            f"the adapter is damaged ({error}); copy it again or train it again",
            Source(str(folder / WEIGHTS)),
        ) from error


def merge(base: Weights, folder: Path, dest: Path, probes: Sequence[Row] = ()) -> float:
    """Writes the base with the adapter in its weights: a plain model that answers at the speed of
    the base. Gives by how much the scores of the two differ at most."""
    if base.dtype not in ("float32", "bfloat16", "float16"):
        raise UsageError("an adapter is never merged into 4-bit weights: load the base in 16 bits")
    adapted = on(base, folder)
    rows = [[row] for row in probes[:_PROBED]]
    before = _scores(adapted, rows, base.device)
    merged = adapted.merge_and_unload()
    after = _scores(merged, rows, base.device)
    with _whole(dest) as part:
        write_model(merged, base, part)
        shutil.copy(folder / CARD, part / CARD)
    gaps = (float((one - two).abs().max()) for one, two in zip(before, after, strict=True))
    return max(gaps, default=0.0)


def write_model(model: Any, base: Weights, folder: Path) -> None:
    """As a folder that transformers, vLLM and, for nano, numpy read: with the base's own tokenizer
    and template, byte for byte."""
    model.config.use_cache = True
    with quiet():
        model.save_pretrained(str(folder), safe_serialization=True)
    source = Path(base.place)
    if source.is_dir():
        for pattern in (*_TOKENIZER, "generation_config.json"):
            for file in source.glob(pattern):
                shutil.copy(file, folder / file.name)
    else:
        base.tokenizer.save_pretrained(str(folder))


def model_digest(folder: Path) -> str:
    refuse_pickled(folder)
    return digest(digests(folder))


def _scores(model: Any, rows: Sequence[Sequence[Row]], device: str) -> list[Any]:
    model.eval()
    with torch.inference_mode():
        return [
            model(input_ids=stacked([row], device).tokens, use_cache=False).logits.float()
            for row in rows
        ]


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder that is filled beside its place and put there at once."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        if folder.exists():
            shutil.rmtree(folder)
        part.replace(folder)
    except OSError as error:
        raise SufficeError(f"{folder} could not be written: {error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _readme(card: Card) -> str:
    looks = "\n".join(
        f"| {look.epoch} | {look.learned:.4f} | "
        f"{'-' if look.kept_aside is None else f'{look.kept_aside:.4f}'} |"
        for look in card.looks
    )
    told: dict[str, Json] = {
        "base": card.base,
        "base digest": card.base_digest,
        "examples": len(card.examples),
        "data digest": card.data,
        "steps": card.steps,
        "tokens": card.tokens,
        "seconds": round(card.seconds, 1),
        **card.versions,
    }
    facts = "\n".join(f"- {name}: {value}" for name, value in told.items())
    recipe = json.dumps(asdict(card.recipe))
    ended = "".join(f"\n{said}.\n" for said in (card.stopped, card.overfitted) if said)
    return (
        f"# {card}\n\n{facts}\n- recipe: `{recipe}`\n\n"
        f"| epoch | loss on learned | on kept aside |\n|---|---|---|\n{looks}\n\n"
        f"Kept: the weights after epoch {card.best_epoch}.\n{ended}"
    )
