"""What is decided before looking has one digest, and every further look is counted."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from suffice.decide.plan import Plan, digest_of, file_plan
from suffice.errors import DataError
from suffice.records import Check, Source
from tests.decide.trials import a_case, a_plan, some_cases


@pytest.mark.parametrize(
    "changed",
    [
        {"model": "scripted:other"},
        {"rungs": ("prompt", "schema")},
        {"rungs": ("fewshot", "prompt")},
        {"measures": ("correct", "format")},
        {"margin": 0.04},
        {"alpha": 0.01},
        {"replicates": 2},
        {"fractions": (0.5, 1.0)},
        {"seed": 1},
        {"dev": "another dev"},
        {"held_out": "other cases"},
        {"held_out_cases": 99},
        {"systems": "another prompt"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_anything_that_was_decided_changes_the_digest(changed: dict[str, object]) -> None:
    """A plan with any other decision in it is another plan, and another run."""
    plan = a_plan()
    other = replace(plan, **changed)  # type: ignore[arg-type]  # each is a field of a plan
    assert other.digest != plan.digest
    assert other.run != plan.run


def test_every_field_of_a_plan_is_tried_above() -> None:
    """A field that is added to the plan cannot be left out of its digest."""
    assert a_plan().digest == a_plan().digest
    assert set(Plan.__dataclass_fields__) == {
        *("study", "model", "rungs", "measures", "margin", "alpha", "replicates"),
        *("fractions", "seed", "dev", "held_out", "held_out_cases", "systems"),
    }


def test_the_cases_digest_knows_no_order_and_no_place() -> None:
    """The same cases in another file and order are the same cases."""
    cases = some_cases(5)
    moved = [replace(case, source=Source("/elsewhere/cases.jsonl", 9)) for case in reversed(cases)]
    assert digest_of(cases) == digest_of(moved)


def test_the_cases_digest_knows_what_they_ask_and_expect() -> None:
    """Another expected answer, check or cluster makes other cases."""
    case = a_case(1)
    others = [
        replace(case, expected=("no",)),
        replace(case, checks=(Check("contains"),)),
        replace(case, cluster="elsewhere"),
        replace(case, schema={"type": "string"}),
    ]
    assert len({digest_of([each]) for each in (case, *others)}) == len(others) + 1


def test_the_family_holds_each_dearer_rung_against_each_cheaper_one() -> None:
    """Three rungs and two measures make six comparisons, none of a rung with itself."""
    family = a_plan(("prompt", "fewshot", "schema"), ("correct", "format")).family
    assert [pair[:2] for pair in family if pair[2] == "correct"] == [
        ("fewshot", "prompt"),
        ("schema", "prompt"),
        ("schema", "fewshot"),
    ]
    assert len(family) == 6


CASES = some_cases(12)


class TestLedger:
    def test_each_other_plan_is_a_further_look(self, tmp_path: Path) -> None:
        """First look, second look, third look at the same held-out cases."""
        plans = [replace(a_plan(), margin=margin) for margin in (0.01, 0.02, 0.03)]
        assert [file_plan(plan, CASES, tmp_path) for plan in plans] == [1, 2, 3]

    def test_the_same_plan_is_no_further_look(self, tmp_path: Path) -> None:
        """Asking again sees the same answers; its number stays, also after others came."""
        first, second = a_plan(), replace(a_plan(), margin=0.01)
        file_plan(first, CASES, tmp_path)
        file_plan(second, CASES, tmp_path)
        again = [file_plan(plan, CASES, tmp_path) for plan in (first, second)]
        assert again == [1, 2]
        assert len((tmp_path / "looks.jsonl").read_text().splitlines()) == 2

    def test_looks_at_other_cases_do_not_count(self, tmp_path: Path) -> None:
        """New held-out cases have never been looked at."""
        file_plan(a_plan(), CASES[:6], tmp_path)
        assert file_plan(replace(a_plan(), held_out="fresh cases"), CASES[6:], tmp_path) == 1

    def test_one_case_in_common_is_a_further_look(self, tmp_path: Path) -> None:
        """Another seed or a case more does not make old questions new."""
        file_plan(a_plan(), CASES[:6], tmp_path)
        assert file_plan(replace(a_plan(), held_out="others"), CASES[5:], tmp_path) == 2

    def test_says_when_each_look_was(self, tmp_path: Path) -> None:
        """A line of the ledger names the plan, the run and the time."""
        plan = a_plan()
        file_plan(plan, CASES, tmp_path, clock=lambda: 1234.5)
        entry = json.loads((tmp_path / "looks.jsonl").read_text())
        assert len(entry.pop("questions")) == len(CASES)
        assert entry == {"plan": plan.digest, "run": plan.run, "at": 1234.5}

    def test_the_plan_stands_in_a_file_of_its_own(self, tmp_path: Path) -> None:
        """Anybody can read what was to be compared, with the digest it was filed under."""
        plan = a_plan()
        file_plan(plan, CASES, tmp_path)
        written = json.loads((tmp_path / "plans" / f"{plan.digest}.json").read_text())
        assert written["digest"] == plan.digest
        assert written["margin"] == plan.margin
        assert written["family"] == [["fewshot", "prompt", "correct"]]

    @pytest.mark.parametrize("line", ['{"held_out": "held-out"}', "half a li", '["a"]', "\0"])
    def test_a_damaged_ledger_is_named_with_its_line(self, line: str, tmp_path: Path) -> None:
        """Looks that cannot be counted are an error, not a fresh start."""
        file_plan(a_plan(), CASES, tmp_path)
        with (tmp_path / "looks.jsonl").open("a") as ledger:
            ledger.write(f"{line}\n")
        with pytest.raises(DataError, match=r"looks\.jsonl:2: "):
            file_plan(replace(a_plan(), margin=0.01), CASES, tmp_path)
