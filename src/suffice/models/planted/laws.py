"""The laws of a simulated model: every probability a stated formula, every draw repeatable.

Knows nothing of prompts or files. `Laws` says how likely a thing is, `Dice` says whether it
happens. The dice are common random numbers: one uniform number for each pair of law and fact,
whatever the rung, the thread, the batch or the machine. So two rungs differ only where their laws
differ, and more of a good thing (examples, tuning, instructions) never loses a case it had won.
"""

from dataclasses import dataclass
from hashlib import blake2b
from math import exp
from typing import Annotated

from msgspec import Meta, Struct

Probability = Annotated[float, Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, Meta(gt=0.0)]
Amount = Annotated[float, Meta(ge=0.0)]

_STEP = 2.0**-53


class Laws(Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers in a world's laws, and the formulas they stand in."""

    recall: Probability = 0.97
    abstain_unknown: Probability = 0.15
    abstain: Probability = 0.3
    abstain_told: Probability = 0.3
    grounding: Probability = 0.95
    distraction: Probability = 0.01
    citing: Probability = 0.9
    abstain_ungrounded: Probability = 0.85
    format: Probability = 0.5
    format_told: Probability = 0.15
    examples_scale: Positive = 8.0
    tuning_scale: Positive = 300.0
    schema_tax: Probability = 0.0
    skill: Probability = 0.8
    skill_examples_scale: Positive = 16.0
    skill_tuning_scale: Positive = 600.0
    seconds: Amount = 0.35
    seconds_per_input_token: Amount = 0.00002
    seconds_per_output_token: Amount = 0.012
    jitter: Probability = 0.2

    def compliance(
        self, *, examples: int = 0, told: bool = False, constrained: bool = False, tuned: int = 0
    ) -> float:
        """How likely the reply has the right shape."""
        if constrained:
            return 1.0
        start = min(1.0, self.format + self.format_told * told)
        return 1 - (1 - start) * exp(-examples / self.examples_scale - tuned / self.tuning_scale)

    def skilled(self, *, examples: int = 0, tuned: int = 0) -> float:
        """How likely something that takes skill, not knowledge, comes out right."""
        practice = examples / self.skill_examples_scale + tuned / self.skill_tuning_scale
        return 1 - (1 - self.skill) * exp(-practice)

    def reads(self, distractors: int) -> float:
        """How likely evidence that stands in the prompt is used."""
        return max(0.0, self.grounding - self.distraction * distractors)

    def declines(self, *, answerable: bool, told: bool) -> float:
        """How likely the model declines what it does not know."""
        start = self.abstain_unknown if answerable else self.abstain
        return min(1.0, start + self.abstain_told * told)

    def latency(self, *, input_tokens: int, output_tokens: int, uniform: float) -> float:
        """Seconds of an answer; `uniform` spreads them by `jitter` to either side."""
        reading = self.seconds + self.seconds_per_input_token * input_tokens
        writing = self.seconds_per_output_token * output_tokens
        return (reading + writing) * (1 + self.jitter * (2 * uniform - 1))


def uniform(seed: int, law: str, fact: str, draw: str = "") -> float:
    """A number in [0, 1) that depends on nothing but its arguments.

    53 bits, so that it is a float exactly and never rounds up to 1.
    """
    key = f"{seed}\x1f{law}\x1f{fact}\x1f{draw}".encode("utf-8", "surrogatepass")
    return (int.from_bytes(blake2b(key, digest_size=8).digest(), "big") >> 11) * _STEP


@dataclass(frozen=True, slots=True)
class Dice:
    """The draws of one request.

    At temperature 0 every ask of a fact gives the same draw, whatever the request's seed, as
    greedy decoding would. Above 0 each law's draw is thrown anew, by the request's seed, with
    probability `temperature` (1 at most), and else stays the greedy one: replicates of a case
    resemble each other, the less so the warmer the model, and every share stays what the law says.
    """

    seed: int
    temperature: float = 0.0
    draw: int | None = None

    def roll(self, law: str, fact: str) -> float:
        if self.temperature > 0:
            draw = f"seed {self.draw}"
            if uniform(self.seed, f"redraw {law}", fact, draw) < self.temperature:
                return uniform(self.seed, law, fact, draw)
        return uniform(self.seed, law, fact)

    def happens(self, law: str, fact: str, probability: float) -> bool:
        return self.roll(law, fact) < probability
