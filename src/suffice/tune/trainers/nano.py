"""Tunes nano, or another of its make, with LoRA: minutes on a laptop's CPU."""

from suffice.ports import TrainerOptions
from suffice.tune.make import LocalTrainer


def create(name: str, options: TrainerOptions) -> LocalTrainer:
    return LocalTrainer(f"nano:{name}" if name else "nano", options)
