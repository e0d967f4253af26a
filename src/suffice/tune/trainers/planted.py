"""Simulated tuning of a simulated model: its world says what examples teach it."""

from collections.abc import Sequence
from dataclasses import dataclass

from suffice.ports import Progress, TrainerOptions, Tuned
from suffice.records import Example


@dataclass(frozen=True)
class PlantedTrainer:
    name: str
    simulated: bool = True

    def train(
        self,
        examples: Sequence[Example],
        prompt: str,  # noqa: ARG002 (a planted model learns the same under any prompt)
        progress: Progress,  # noqa: ARG002 (and at once)
    ) -> Tuned:
        world, _, _ = self.name.partition("#")
        count = len(examples)
        return Tuned(f"planted:{world}#tuned={count}", f"simulated, on {count} examples")


def create(name: str, options: TrainerOptions) -> PlantedTrainer:  # noqa: ARG001
    return PlantedTrainer(name)
