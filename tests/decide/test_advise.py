"""The questionnaires say what they say in print, and the mistakes are named."""

import pytest

from suffice.decide.advise import FRAMEWORKS, QUESTIONS, advise


def said(**answers: float) -> dict[str, str]:
    return {each.framework: each.says for each in advise(answers).opinions}


@pytest.mark.parametrize(
    ("answers", "framework", "says"),
    [
        ({"lacks_facts": 1}, "six checks", "retrieve"),
        ({"must_cite": 1}, "six checks", "retrieve"),
        ({}, "six checks", "prompt"),
        ({"prompting_exhausted": 1, "behaviour_left": 1, "examples": 800}, "six checks", "tune"),
        ({"prompting_exhausted": 1, "behaviour_left": 1, "examples": 50}, "six checks", "prompt"),
        ({"lacks_facts": 1, "prompting_exhausted": 1, "behaviour_left": 1, "examples": 800},
         "six checks", "hybrid"),
        ({"knowledge_changes": 1, "examples": 9000}, "four questions", "retrieve"),
        ({"share_right": 92}, "four questions", "prompt"),
        ({"share_right": 60, "examples": 300}, "four questions", "retrieve"),
        ({"share_right": 60, "examples": 5000, "must_be_smaller": 1}, "four questions", "tune"),
        ({"share_right": 60, "examples": 5000}, "four questions", "retrieve"),
        ({"must_delete": 1}, "table of requirements", "retrieve"),
        ({"strict_format": 1}, "table of requirements", "tune"),
        ({"strict_format": 1, "lacks_facts": 1}, "table of requirements", "hybrid"),
        ({"documents": 2_000_000, "examples": 50}, "where each wins", "retrieve"),
        ({"must_be_smaller": 1, "own_vocabulary": 1}, "where each wins", "tune"),
        ({"lacks_facts": 1, "strict_format": 1}, "the word `know`", "retrieve"),
        ({"strict_format": 1}, "the word `know`", "tune"),
    ],
)  # fmt: skip
def test_each_says_what_it_says_in_print(
    answers: dict[str, float], framework: str, says: str
) -> None:
    """One answer more can turn it."""
    assert said(**answers)[framework] == says


def test_where_they_agree_that_is_told_and_where_not_too() -> None:
    """A pure knowledge gap is agreed on; a format with changing facts is not."""
    assert advise({"lacks_facts": 1, "knowledge_changes": 1, "must_cite": 1}).agreed == "retrieve"
    assert advise({"strict_format": 1, "knowledge_changes": 1}).agreed is None


@pytest.mark.parametrize(
    ("answers", "mistake"),
    [
        ({"wants_tuning": 1, "lacks_facts": 1}, "tuning to add knowledge"),
        ({"wants_retrieval": 1, "behaviour_left": 1}, "expecting retrieval to change behaviour"),
        ({"wants_tuning": 1}, "tuning without a set of cases"),
        ({"wants_tuning": 1, "has_eval_set": 1}, "tuning in place of good prompting"),
    ],
)
def test_the_four_mistakes_are_named(answers: dict[str, float], mistake: str) -> None:
    """And none where there is none."""
    assert any(each.startswith(mistake) for each in advise(answers).mistakes)
    fine = {"wants_tuning": 1, "has_eval_set": 1, "prompting_exhausted": 1, "behaviour_left": 1}
    assert advise(fine).mistakes == ()


def test_the_smallest_experiment_comes_before_the_dear_one() -> None:
    """Cases first, then what is cheap."""
    assert "50 to 200 real questions" in advise({"lacks_facts": 1}).experiment
    assert "with their document" in advise({"has_eval_set": 1, "lacks_facts": 1}).experiment
    assert "prompt,fewshot,schema" in advise({"has_eval_set": 1}).experiment


def test_every_question_can_change_something() -> None:
    """One that no questionnaire reads would be asked for nothing."""
    base = {"has_eval_set": 1.0, "examples": 600.0, "prompting_exhausted": 1.0}
    for question in QUESTIONS:
        changed = []
        for other in (
            {},
            base,
            {"wants_tuning": 1.0},
            {"must_be_smaller": 1.0},
            {"behaviour_left": 1.0},
        ):
            values = (0.0, 1.0) if question.kind == "yes or no" else (0.0, 95.0, 20_000.0)
            seen = {repr(advise({**other, question.key: value})) for value in values}
            changed.append(len(seen) > 1)
        assert any(changed), question.key
    assert len(FRAMEWORKS) == 5
