"""Seconds that the answer took, without waits and retries."""

from dataclasses import dataclass
from typing import ClassVar

from suffice.ports import Context
from suffice.records import Aspect, Score


@dataclass(frozen=True, slots=True)
class Latency:
    """`max_seconds` marks slower answers in the detail; the value stays the seconds."""

    name: ClassVar[str] = "latency"
    aspect: ClassVar[Aspect] = Aspect.LATENCY

    max_seconds: float | None = None

    def score(self, context: Context) -> Score:
        seconds = context.answer.seconds
        late = self.max_seconds is not None and seconds > self.max_seconds
        detail = f"slower than {self.max_seconds:g} s" if late else ""
        return Score("latency", Aspect.LATENCY, seconds, None, detail)


create = Latency
