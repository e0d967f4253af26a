"""Verdicts to render: one as a study would end in it, and the parts to make others from."""

from suffice.records import (
    BarResult,
    BarStatus,
    Comparison,
    Counts,
    Estimate,
    Flip,
    Interval,
    Outcome,
    Standing,
    Verdict,
)

HOSTILE = (
    "a|b <script>alert(1)</script> \x1b[31mred\x00 ]]> `code` *bold* \u202e\ud800 & @you\nnext"
)


def an_estimate(
    measure: str,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    *,
    counts: tuple[int, int, int] = (160, 160, 160),
    note: str = "",
) -> Estimate:
    interval = None if low is None or high is None else Interval(low, high, 0.95, "cluster t")
    return Estimate(measure, value, interval, Counts(*counts), 160, 40, note)


def a_bar(
    estimate: Estimate, required: float, status: BarStatus, more_cases: int | None = None
) -> BarResult:
    return BarResult(estimate.measure, required, status, estimate, more_cases)


def a_standing(
    rung: str,
    *bars: BarResult,
    built: str = "",
    others: tuple[Estimate, ...] = (),
    usd: float | None = 0.0608,
    answered: int = 160,
    notes: tuple[str, ...] = (),
) -> Standing:
    estimates = (*(bar.estimate for bar in bars), *others)
    return Standing(rung, built, estimates, bars, 160, answered, usd, notes)


def a_comparison(
    outcome: Outcome = Outcome.BETTER,
    *,
    candidate: str = "fewshot",
    baseline: str = "prompt",
    measure: str = "correct",
    more_cases: int | None = None,
    reason: str = "",
    flips: tuple[Flip, ...] = (),
    mcnemar_p: float | None = None,
) -> Comparison:
    return Comparison(
        candidate=candidate,
        baseline=baseline,
        measure=measure,
        outcome=outcome,
        difference=0.0625,
        interval=Interval(0.0104, 0.1146, 0.95, "cluster t"),
        p=0.0123,
        p_corrected=0.0369,
        margin=0.03,
        cases=160,
        clusters=40,
        wins=14,
        losses=4,
        mcnemar_p=mcnemar_p,
        more_cases=more_cases,
        reason=reason,
        flips=flips,
    )


def a_verdict(
    *standings: Standing,
    chosen: str | None = None,
    reason: str = "",
    comparisons: tuple[Comparison, ...] = (),
    warnings: tuple[str, ...] = (),
    look: int = 1,
    study: str = "support-desk",
    model: str = "openai:gpt-x",
    complete: bool = True,
) -> Verdict:
    return Verdict(
        run="2026-11-21-3f9a",
        study=study,
        model=model,
        chosen=chosen,
        reason=reason,
        standings=standings,
        comparisons=comparisons,
        plan="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        look=look,
        usd=0.2134,
        seconds=128.4,
        warnings=warnings,
        complete=complete,
    )


def a_support_desk() -> Verdict:
    """Three rungs, of which the dearest suffices; one endpoint failed twice along the way."""
    prompt = a_standing(
        "prompt",
        a_bar(an_estimate("correct", 0.8312, 0.764, 0.893), 0.80, BarStatus.UNDECIDED, 140),
        a_bar(an_estimate("format", 0.7125, 0.631, 0.784), 0.95, BarStatus.MISSED),
        a_bar(an_estimate("latency_p95_s", 1.42, 1.21, 1.66), 2.0, BarStatus.MET),
        built="the study's prompt",
    )
    fewshot = a_standing(
        "fewshot",
        a_bar(an_estimate("correct", 0.8938, 0.842, 0.941), 0.80, BarStatus.MET),
        a_bar(
            an_estimate("format", 0.949, 0.903, 0.978, counts=(160, 158, 157)),
            0.95,
            BarStatus.UNDECIDED,
            1240,
        ),
        a_bar(an_estimate("latency_p95_s", 1.81, 1.52, 2.13), 2.0, BarStatus.UNDECIDED, 60),
        built="4 examples, nearest",
        usd=0.0981,
        answered=158,
    )
    schema = a_standing(
        "schema",
        a_bar(an_estimate("correct", 0.8875, 0.831, 0.937), 0.80, BarStatus.MET),
        a_bar(an_estimate("format", 1.0, 0.976, 1.0), 0.95, BarStatus.MET),
        a_bar(an_estimate("latency_p95_s", 1.44, 1.20, 1.71), 2.0, BarStatus.MET),
        built="constrained to the cases' schema",
        usd=0.0655,
    )
    return a_verdict(
        prompt,
        fewshot,
        schema,
        chosen="schema",
        reason="It meets all 3 bars; `prompt` missed format, and `fewshot` is not sure of it.",
        comparisons=(
            a_comparison(mcnemar_p=0.0309),
            a_comparison(Outcome.NOT_ENOUGH, measure="format", more_cases=140),
            a_comparison(
                Outcome.NOT_ENOUGH,
                measure="abstains",
                reason="7 clusters are too few: no verdict below 10",
            ),
            a_comparison(Outcome.NOT_WORSE, candidate="schema", baseline="fewshot"),
            a_comparison(
                Outcome.WORSE,
                candidate="schema",
                baseline="fewshot",
                measure="format",
            ),
        ),
        warnings=(
            "2 of 160 answers of `fewshot` failed (rate limit): they are not counted as wrong.",
            "3 held-out cases nearly repeat a dev case; see `suffice check`.",
        ),
        look=2,
    )
