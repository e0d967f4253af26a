"""The weights that are trained: which model of a study can be, and how it is loaded for that."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from suffice.errors import MissingExtra, UsageError
from suffice.models.huggingface import HubTokenizer, ends_of, window_of
from suffice.models.nano import SHIPPED
from suffice.models.weights import Weights, load_weights
from suffice.tune.recipe import Recipe
from suffice.tune.rows import Writer

LOCAL = ("nano", "huggingface")


@dataclass(frozen=True)
class Base:
    """`provider` is who answers with it once it is tuned; its folders are read by both."""

    provider: str
    weights: Weights

    @property
    def digest(self) -> str:
        return self.weights.digest

    def writer(self, prompt: str) -> Writer:
        """Turns examples into rows for this model, under a system prompt."""
        if not self.weights.tokenizer.chat_template:
            raise UsageError(
                f"{self.weights.place} has no chat template, so what it learned could not be asked "
                "for; take an instruct version, or put a chat_template.jinja into its folder"
            )
        return Writer(
            HubTokenizer(self.weights.tokenizer),
            ends_of(self.weights),
            window_of(self.weights),
            prompt,
        )


def is_local(model: str) -> bool:
    """Whether a model's weights are on this machine, or can be fetched to it."""
    return model.partition(":")[0] in LOCAL


def load_base(model: str, folder: Path, recipe: Recipe, *, device: str | None = None) -> Base:
    """`model` is PROVIDER:NAME as in a study, whose folder local names are relative to."""
    provider, _, name = model.partition(":")
    if provider not in LOCAL:
        raise UsageError(
            f"{model} cannot be tuned from here: its weights are not on this machine. Name an open "
            "model that may be: `candidates: [huggingface:Qwen/Qwen3-0.6B]` in suffice.yaml"
        )
    if provider == "nano" and not name:
        name = str(SHIPPED)
        if not SHIPPED.is_dir():
            raise UsageError(f"nano's weights are missing from {SHIPPED}")
    if recipe.method == "qlora":
        return Base(provider, _in_four_bits(name, folder, device))
    # Trained in float32 on a CPU: bfloat16 is 60 times slower on one without the instructions.
    return Base(provider, load_weights(name, folder, device, None))


def _in_four_bits(name: str, folder: Path, device: str | None) -> Weights:
    import torch  # noqa: PLC0415 (asked for before 14 GB are read)

    if not (device or "").startswith("cuda") and not torch.cuda.is_available():
        raise UsageError(
            "qlora needs a CUDA GPU for its 4-bit weights, and this machine has none: take "
            "`method: lora`, which learns the same and needs about four times the memory"
        )
    if find_spec("bitsandbytes") is None:
        raise MissingExtra("qlora needs bitsandbytes: pip install bitsandbytes")
    return load_weights(name, folder, device, None, four_bits=True)
