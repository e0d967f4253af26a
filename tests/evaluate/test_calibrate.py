"""Judges held against people: labels read, agreement measured, comparisons corrected."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from suffice.errors import DataError
from suffice.evaluate.calibrate import (
    FEWEST_LABELS,
    HumanLabel,
    calibrate,
    corrected_difference,
    corrected_mean,
    may_decide,
    read_labels,
)
from suffice.records import Answer, Aspect, Case, Json, Score, Trial


def written(tmp_path: Path, *rows: Json) -> Path:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return path


def trial(case: str, value: float | None, rung: str = "prompt", replicate: int = 0) -> Trial:
    score = Score("judge", Aspect.CONTENT, value, None if value is not None else "unreadable")
    return Trial(case, rung, replicate, Answer(f"answer to {case}"), (score,))


def trials(values: Sequence[float], rung: str = "prompt") -> list[Trial]:
    return [trial(str(n), value, rung) for n, value in enumerate(values)]


def labels(values: Sequence[float], rung: str = "prompt") -> list[HumanLabel]:
    return [HumanLabel(str(n), value, rung) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        (True, 1),
        (False, 0),
        (1, 1),
        (0.5, 0.5),
        ("pass", 1),
        ("Fail", 0),
        ("4/5", 0.75),
        ("1/5", 0),
    ],
)
def test_a_label_may_be_said_in_several_ways(tmp_path: Path, said: Json, value: float) -> None:
    """Words, truth values, shares and grades."""
    [label] = read_labels(written(tmp_path, {"case": "c", "rung": "prompt", "label": said}))
    assert label.value == value


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"case": "c", "rung": "prompt", "label": 4}, '`label` is 4; write true or false'),
        ({"case": "c", "rung": "prompt", "label": "meh"}, "`label` is 'meh'"),
        ({"case": "c", "rung": "prompt"}, "`label` is None"),
        ({"case": "c", "label": 1}, "needs `rung` or `answer`"),
        ({"rung": "prompt", "label": 1}, "needs `case`"),
        ({"case": "c", "rong": "prompt", "label": 1}, "'rong' is no key here; did you mean 'rung'"),
        ({"case": "c", "rung": "prompt", "label": 1, "replicate": "x"}, "`replicate` is 'x'"),
    ],
)  # fmt: skip
def test_a_bad_label_names_its_line(tmp_path: Path, row: Json, message: str) -> None:
    """And what to write instead."""
    path = written(tmp_path, {"case": "a", "rung": "prompt", "label": 1}, row)
    with pytest.raises(DataError) as error:
        read_labels(path)
    assert message in str(error.value)
    assert str(error.value).startswith(f"{path}:2:")


def test_contradicting_labels_are_refused(tmp_path: Path) -> None:
    """People must agree before a judge can; the same label twice is one."""
    row = {"case": "c", "rung": "prompt", "label": 1}
    assert len(read_labels(written(tmp_path, row, row))) == 1
    with pytest.raises(DataError, match="another label in line 1"):
        read_labels(written(tmp_path, row, {**row, "label": 0}))


def test_agreement_is_that_of_the_textbook() -> None:
    """20 yes/yes, 5 no/yes, 10 yes/no, 15 no/no: kappa 0.4 (Wikipedia, "Cohen's kappa")."""
    judge = [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    human = [1] * 25 + [0] * 25
    found = calibrate({"prompt": trials(judge)}, labels(human))
    [agreement] = found.rungs
    assert agreement.labels == 50
    assert agreement.kappa == pytest.approx(0.4)
    assert (agreement.sensitivity.value, agreement.specificity.value) == (20 / 25, 15 / 25)
    assert agreement.sensitivity.interval is not None
    assert agreement.sensitivity.interval.low == pytest.approx(0.609, abs=1e-3)  # Wilson
    assert not found.usable
    assert found.reason == "prompt: agreement with people is kappa 0.40, below 0.6"


GOOD = [1, 0] * 20


def test_a_judge_that_agrees_on_every_rung_may_decide() -> None:
    """The only way to get there."""
    found = calibrate(
        {"prompt": trials(GOOD), "schema": trials(GOOD, "schema")},
        labels(GOOD) + labels(GOOD, "schema"),
    )
    assert found.usable
    assert may_decide(found)


@pytest.mark.parametrize(
    ("second", "second_labels", "reason"),
    [
        (GOOD, [], "schema: 0 human labels, and it takes 20"),
        (GOOD, GOOD[: FEWEST_LABELS - 1], "schema: 19 human labels"),
        ([1] * 40, GOOD, "schema: agreement with people is kappa 0.00"),
        ([1] * 40, [1] * 40, "schema: all labels are alike"),
    ],
)
def test_one_rung_without_agreement_bars_the_judge(
    second: list[float], second_labels: list[float], reason: str
) -> None:
    """Sound on one rung and lenient on another, it would name winners that are none."""
    found = calibrate(
        {"prompt": trials(GOOD), "schema": trials(second, "schema")},
        labels(GOOD) + labels(second_labels, "schema"),
    )
    assert not may_decide(found)
    assert found.reason.startswith(reason)


def test_a_judge_without_labels_may_not_decide() -> None:
    """However sure it sounds."""
    assert not may_decide(None)
    found = calibrate({"prompt": trials(GOOD)}, [])
    assert not may_decide(found)
    assert "no answer has a human label" in found.reason


def test_the_bar_is_the_studys() -> None:
    """A stricter study bars what another lets decide."""
    judge = [1 - each if n < 4 else each for n, each in enumerate(GOOD)]
    found = calibrate({"prompt": trials(judge)}, labels(GOOD))
    assert may_decide(found, 0.6)
    assert not may_decide(found, 0.9)


def test_labels_go_by_answer_too() -> None:
    """The same words get the same label, whichever rung and replicate said them."""
    told = [HumanLabel("0", 1.0, answer="answer to 0 "), HumanLabel("9", 1.0, answer="never said")]
    found = calibrate({"prompt": [trial("0", 1), trial("0", 0, replicate=1)]}, told)
    assert found.rungs[0].labels == 2
    assert found.unmatched == 1


def test_a_label_by_rung_is_for_one_replicate() -> None:
    """The first, unless it says which."""
    held = [trial("0", 1, replicate=n) for n in range(3)]
    assert calibrate({"prompt": held}, [HumanLabel("0", 1.0, "prompt")]).rungs[0].labels == 1


def test_labels_of_another_metric_and_unscored_answers_do_not_count() -> None:
    """Nothing is paired with what is not there."""
    other = HumanLabel("0", 1.0, "prompt", metric="style")
    assert calibrate({"prompt": trials([1])}, [other]).rungs[0].labels == 0
    unread = calibrate({"prompt": [trial("0", None)]}, labels([1]))
    assert unread.rungs[0].labels == 0


def biased(
    seed: int, cases: int, labelled: int
) -> tuple[list[Trial], list[Trial], list[HumanLabel]]:
    """Two equally good systems; the judge wrongly accepts 10% of one's bad answers, 35% of the
    other's."""
    rng = np.random.default_rng(seed)
    truth = rng.random((2, cases)) < 0.6
    lenient = rng.random((2, cases)) < np.array([[0.10], [0.35]])
    said = truth | lenient
    known = [
        HumanLabel(str(n), float(truth[which, n]), rung)
        for which, rung in enumerate(("prompt", "schema"))
        for n in range(labelled)
    ]
    return (
        trials(said[0].astype(float).tolist()),
        trials(said[1].astype(float).tolist(), "schema"),
        known,
    )


def test_a_judge_that_favours_one_side_is_corrected() -> None:
    """Over 40 studies the raw judge names a winner that is none; corrected, few intervals do."""
    cases = {str(n): Case(str(n), ()) for n in range(400)}
    raw, missed = [], 0
    for seed in range(40):
        baseline, candidate, known = biased(seed, 400, 100)
        found = corrected_difference(candidate, baseline, known, cases).judged
        assert found is not None
        missed += not found.interval.low <= 0 <= found.interval.high
        raw.append(
            np.mean([one.scores[0].value for one in candidate])
            - np.mean([one.scores[0].value for one in baseline])
        )
    assert np.mean(raw) > 0.07
    assert missed <= 5  # 2 expected of 40 at 95%


def test_a_mean_is_corrected_too() -> None:
    """The judge accepts everything; people accept 60 of the 100 that they saw."""
    cases = {str(n): Case(str(n), ()) for n in range(400)}
    told = labels([1.0, 1.0, 1.0, 0.0, 0.0] * 20)
    found = corrected_mean(trials([1.0] * 400), told, cases).judged
    assert found is not None
    assert found.difference == pytest.approx(0.6)


def test_where_everything_is_labelled_the_judge_counts_for_nothing() -> None:
    """People's labels alone: here they are equal, and the judge is wrong throughout."""
    cases = {str(n): Case(str(n), ()) for n in range(40)}
    told = labels(GOOD) + labels(GOOD, "schema")
    found = corrected_difference(trials([1] * 40, "schema"), trials([0] * 40), told, cases).judged
    assert found is not None
    assert (found.difference, found.trust) == (0, 0)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (0, "people labelled the answers of fewer than two clusters"),
        (1, "people labelled the answers of fewer than two clusters"),
        (39, "fewer than two clusters are without labels"),
    ],
)
def test_a_correction_that_cannot_be_made_says_why(told: int, reason: str) -> None:
    """And is no number."""
    cases = {str(n): Case(str(n), ()) for n in range(40)}
    known = labels(GOOD[:told]) + labels(GOOD[:told], "schema")
    found = corrected_difference(trials(GOOD, "schema"), trials(GOOD), known, cases)
    assert found.judged is None
    assert found.reason.startswith(reason)


def test_cases_of_one_cluster_count_as_one() -> None:
    """Forty copies in four clusters are not forty observations."""
    rng = np.random.default_rng(0)
    values = np.repeat(rng.random(20), 10).round().tolist()
    cases = {str(n): Case(str(n), (), cluster=str(n // 10)) for n in range(200)}
    alone = {str(n): Case(str(n), ()) for n in range(200)}
    told = labels(values[:100]) + labels([0.0] * 100, "schema")
    sides = trials(values, "schema"), trials([0.0] * 200)
    together, apart = (corrected_difference(*sides, told, each).judged for each in (cases, alone))
    assert together is not None
    assert apart is not None
    assert together.clusters == 10
    assert together.standard_error > 2 * apart.standard_error
