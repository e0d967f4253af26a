"""Nobody leaves empty-handed: the rung that leads, how likely it is right, and what to do next."""

from collections.abc import Mapping, Sequence
from statistics import NormalDist

from suffice.decide.bars import LOWER_IS_BETTER
from suffice.records import BarResult, BarStatus, Cause, CauseShare, Gain, Leading, Standing

# From this chance on an open rung is not climbed past: what is dearer could only be surer.
LIKELY = 0.8
_AS_LIKELY = 0.05  # chances that lie no farther apart do not tell two rungs apart
_MUCH = 0.1  # of the dev cases
_WORTH_LABELLING = 1.0  # points of a hundred


def leading(standings: Sequence[Standing]) -> Leading | None:
    """The cheapest rung that is about as likely as any to clear every bar, where none surely
    does."""
    able = [each for each in standings if not each.ruled_out and each.bars]
    if not able or any(each.suffices for each in able):
        return None
    chances = {each.rung: chance(each.bars) for each in able}
    highest = max(chances.values())
    within = highest - _AS_LIKELY if highest > 2 * _AS_LIKELY else highest
    best = next(each for each in able if chances[each.rung] >= within)
    wanted = [bar.more_cases for bar in best.bars if bar.status is BarStatus.UNDECIDED]
    settled = None if None in wanted or not wanted else max(each or 0 for each in wanted)
    return Leading(best.rung, chances[best.rung], settled)


def chance(bars: Sequence[BarResult]) -> float:
    """How likely it is that every bar is cleared, judged by each estimate and its interval. The
    bars are of the same cases, so the least likely one decides."""
    return min((_chance(bar) for bar in bars), default=0.0)


def _chance(bar: BarResult) -> float:
    found = bar.estimate
    if bar.status is BarStatus.MET:
        return 1.0
    if found.value is None or found.interval is None:
        return 0.5 if bar.status is BarStatus.UNDECIDED else 0.0
    normal, interval = NormalDist(), found.interval
    width = interval.high - interval.low
    above = found.value - bar.required
    if bar.bar in LOWER_IS_BETTER:
        above = -above
    if width <= 0:
        return float(above > 0)
    return normal.cdf(above / (width / (2 * normal.inv_cdf((1 + interval.level) / 2))))


def next_steps(
    standings: Sequence[Standing],
    causes: Sequence[CauseShare],
    left_out: Mapping[str, str],
) -> tuple[str, ...]:
    """What would bring most, the first thing first: material that a rung lacked against what fails,
    and the cases that would settle what is open."""
    said = []
    shares = {each.cause: each.share for each in causes}
    facts = sum(shares.get(each, 0.0) for each in (Cause.KNOWLEDGE, Cause.CONTENT))
    form = sum(shares.get(each, 0.0) for each in (Cause.FORMAT, Cause.SKILL, Cause.CONTENT))
    if facts and "retrieve needs documents" in left_out.get("retrieve", ""):
        said.append(
            f"{facts:.0%} of dev cases have the wrong content: name the documents that hold what "
            "they ask for (`documents:`), and `retrieve` can be measured"
        )
    if form and "worked examples" in left_out.get("tune", ""):
        said.append(
            f"{form:.0%} of dev cases fail in form or skill: write down 200 worked examples or "
            "more (`examples:`), and `tune` can be measured"
        )
    elif (skill := shares.get(Cause.SKILL, 0.0)) >= _MUCH:
        said.append(
            f"{skill:.0%} of dev cases are wrong even with what the documents say: a stronger "
            "model, or worked examples of what is wanted, may mend that; no search does"
        )
    if lost := shares.get(Cause.RETRIEVAL, 0.0):
        said.append(
            f"{lost:.0%} of dev cases fail because a plain search does not find their document: "
            "see the notes of `retrieve`, and try `retrieval: {adapt: true}` or a reranker"
        )
    if unused := shares.get(Cause.GROUNDING, 0.0):
        said.append(
            f"{unused:.0%} of dev cases fail with their document before the model: fewer passages, "
            "a stronger model, or `hybrid`"
        )
    if unstable := shares.get(Cause.UNSTABLE, 0.0):
        said.append(f"{unstable:.0%} of dev cases vary when asked again: lower `temperature`")
    said += [step for each in standings if (step := _more_examples(each))]
    found = leading(standings)
    if found is not None and found.more_cases:
        said.append(f"about {found.more_cases:,} more held-out cases would settle {found.rung}")
    return tuple(said)


def _more_examples(standing: Standing) -> str:
    """What the learning curve says of labelling more, in its own interval; nothing without one."""
    curve = standing.curve
    if curve is None or standing.clears_bars:
        return ""
    if curve.enough:
        return f"{_labelled(curve.enough)}, about enough for the bar of `{standing.rung}`"
    if curve.doubled is None:
        return ""
    if curve.doubled.high < _WORTH_LABELLING:
        return (
            f"more examples of the same kind would bring `{standing.rung}` little: "
            f"{curve.doubled}; other examples or a larger model may"
        )
    return f"{_labelled(curve.doubled)}, short of the bar of `{standing.rung}`"


def _labelled(gain: Gain) -> str:
    return (
        f"label {gain.more:,} more examples: the learning curve says {gain.points:+.0f} points, "
        f"{gain.low:+.0f} to {gain.high:+.0f}"
    )
