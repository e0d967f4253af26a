"""Single numbers and single texts as a reader should meet them.

Pure and table-tested. A number never looks surer than it is: a share below 1 is not written 100%,
a p-value is never 0.000, and a value that misses its bar is given the digits that show it.
"""

import re
from dataclasses import dataclass, replace
from math import floor, isfinite, log10

from suffice.records import Interval

# What a terminal or an XML file must not get raw: C0 and C1 controls except tab and newline,
# lone surrogates, the two non-characters that XML forbids, and the marks that reorder text.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


# Measures whose names do not read as words.
_LABELS = {
    "right_of_answered": "right if answered",
    "macro_f1": "macro F1",
    "context_ndcg": "context nDCG",
    "context_mrr": "context MRR",
    "judge": "judged right",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """How all numbers of one line are written: in one unit, with the same digits."""

    digits: int
    factor: float = 1.0
    prefix: str = ""
    suffix: str = ""
    signed: bool = False
    is_share: bool = False

    def bare(self, value: float) -> str:
        """The number without its unit: `76`, `+6.2`. What rounds to zero carries no sign."""
        rounded = round(value * self.factor, self.digits) + 0.0  # + 0.0 turns -0.0 into 0.0
        sign = "+" if self.signed and rounded else ""
        return f"{rounded:{sign},.{self.digits}f}"

    def write(self, value: float) -> str:
        """The number with its unit: `83%`, `$0.41`, `-$0.02`, `1.4 s`, `+6.2 points`."""
        bare = self.bare(value)
        if self.prefix and bare[0] in "+-":
            return f"{bare[0]}{self.prefix}{bare[1:]}{self.suffix}"
        return f"{self.prefix}{bare}{self.suffix}"

    def write_interval(self, interval: Interval) -> str:
        """`[76, 89]`: the unit stands at the value already."""
        return f"[{self.bare(interval.low)}, {self.bare(interval.high)}]"


def is_seconds(measure: str) -> bool:
    """Units stand in names: `latency_p95_s` is in seconds."""
    return measure.rpartition("_")[2] in ("s", "seconds")


def is_usd(measure: str) -> bool:
    """`usd_per_1k` is in US dollars."""
    return "usd" in measure.split("_")


def label(measure: str) -> str:
    """`latency_p95_s` as `latency p95`, `usd_per_1k` as `$ per 1k`."""
    if measure in _LABELS:
        return _LABELS[measure]
    if is_seconds(measure):
        measure = measure.rpartition("_")[0]
    return measure.replace("usd", "$").replace("_", " ")


def scale_of(
    measure: str, value: float | None, interval: Interval | None, required: float | None
) -> Scale:
    """The scale for a value, its interval and its bar: the fewest digits that do not mislead."""
    low, high = (interval.low, interval.high) if interval else (None, None)
    unlike = [(low, high), *((each, required) for each in (value, low, high))]
    size = abs(value or 0.0)
    if is_usd(measure):
        scale = Scale(_money_digits(size), prefix="$")
    elif is_seconds(measure):
        scale = _seconds_scale(size)
    else:
        scale = Scale(0, factor=100, suffix="%", is_share=True)
        unlike += [(value, 0.0), (value, 1.0)]  # 99.7% is neither 100% nor 99%
    return replace(scale, digits=_telling_digits(scale, unlike))


def difference_scale(measure: str, difference: float | None) -> Scale:
    """The scale for a difference and its interval. Shares differ by points, not by per cent."""
    size = abs(difference or 0.0)
    if is_usd(measure):
        return Scale(_money_digits(size), prefix="$", signed=True)
    if is_seconds(measure):
        scale = _seconds_scale(size)
        return Scale(scale.digits, scale.factor, suffix=scale.suffix, signed=True)
    return Scale(1, factor=100, suffix=" points", signed=True)


def required(measure: str, bar: float) -> str:
    """`at least 85%`, `at most 2 s`: seconds and dollars are limits from above."""
    if is_usd(measure):
        return f"at most {money(bar)}".removesuffix(".00")
    if is_seconds(measure):
        return f"at most {bar:g} s"
    return f"at least {round(100 * bar, 2):g}%"


def margin(measure: str, size: float) -> str:
    """`3 points`, `$0.05`, `0.2 s`."""
    if is_usd(measure):
        return money(size)
    if is_seconds(measure):
        return f"{size:g} s"
    points = round(100 * size, 2)
    return f"{points:g} point{'' if points == 1 else 's'}"


def money(usd: float) -> str:
    """US dollars: cents where there are any, two significant digits below a cent."""
    if 0 < usd < 5e-7:
        return "<$0.000001"
    return Scale(_money_digits(abs(usd)), prefix="$").write(usd)


def seconds(duration: float) -> str:
    """`840 ms`, `1.4 s`, `42 s`, `2 min 5 s`, `1 h 12 min`."""
    if duration < 0.0005:
        return "under 1 ms"
    if duration < 0.95:
        return f"{1000 * duration:.0f} ms"
    if duration < 9.95:
        return f"{duration:.1f} s"
    whole = round(duration)
    if whole < 120:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def p_value(p: float | None) -> str:
    """Three decimals, and never 0.000 or 1.000 where it is neither."""
    if p is None:
        return "-"
    if p < 0.001:
        return "<0.001"
    if 0.9995 <= p < 1:
        return ">0.999"
    return "1" if p == 1 else f"{p:.3f}"


def count(number: int, noun: str) -> str:
    """`1 case`, `1,240 cases`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def visible(text: str) -> str:
    """The text with every control character spelled out, so that none can act: `\\x1b[31m`."""
    text = text.replace("\r\n", "\n")
    return _HIDDEN.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def _telling_digits(scale: Scale, unlike: list[tuple[float | None, float | None]]) -> int:
    """The fewest digits at which unequal numbers look unequal: at most two more than usual."""
    pairs = [
        (left * scale.factor, right * scale.factor)
        for left, right in unlike
        if left is not None and right is not None and left != right
    ]
    for digits in (scale.digits, scale.digits + 1):
        if all(round(left, digits) != round(right, digits) for left, right in pairs):
            return digits
    return scale.digits + 2


def _money_digits(usd: float) -> int:
    if usd >= 100 or not isfinite(usd):
        return 0
    if usd >= 0.01 or usd == 0:
        return 2
    return min(7, 1 - floor(log10(usd)))


def _seconds_scale(size: float) -> Scale:
    if size < 0.1:
        return Scale(0 if size >= 0.01 else 1, factor=1000, suffix=" ms")
    return Scale(2 if size < 1 else 1 if size < 10 else 0, suffix=" s")
