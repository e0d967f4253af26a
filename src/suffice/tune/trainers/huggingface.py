"""Tunes open weights, of this machine or of the Hugging Face hub, as `tuning:` says."""

from suffice.ports import TrainerOptions
from suffice.tune.make import LocalTrainer


def create(name: str, options: TrainerOptions) -> LocalTrainer:
    return LocalTrainer(f"huggingface:{name}" if name else "huggingface", options)
