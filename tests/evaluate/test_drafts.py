"""Drafted cases: what makes one unsound, and the file that they wait in."""

import json
from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate.cases import load
from suffice.evaluate.drafts import (
    Decision,
    agree,
    draft_of,
    fault,
    read_drafts,
    verbatim,
    write_drafts,
)

PASSAGE = (
    "Returns\nUnworn shoes may be sent back within 30 days of delivery. The label costs "
    "4.95 euros,\nand Mara Olin signs for damaged parcels."
)


class TestFault:
    @pytest.mark.parametrize(
        ("question", "answer"),
        [
            ("How long do I have to return unworn shoes?", "30 days"),
            ("How long do I have to return unworn shoes?", "within 30\n  DAYS of delivery"),
            ("Who signs for damaged parcels?", "Mara Olin"),
            ("What does article 5 say of the label's price?", "4.95 euros"),
            ("Wer zeichnet für beschädigte Parcels?", "Mara Olin"),
        ],
    )
    def test_a_sound_draft_has_none(self, question: str, answer: str) -> None:
        """White space and letter case of the answer may differ."""
        assert fault(question, answer, PASSAGE) == ""

    @pytest.mark.parametrize(
        ("question", "answer", "why"),
        [
            ("Who signs for damaged parcels?", "", "no answer"),
            ("Who signs for damaged parcels?", "Mara Olsen", "does not stand"),
            ("How long may shoes be sent back?", "0 days", "does not stand"),
            ("What does the label cost in euros?", PASSAGE, "is long"),
            ("Shoes and their returns", "30 days", "no question"),
            ("Shoes?", "30 days", "no question"),
            ("May shoes go back within 30 days?", "30 days", "gives the answer away"),
            ("What is the label's price in the passage?", "4.95 euros", "points to"),
            ("According to the text, who signs for parcels?", "Mara Olin", "points to"),
            ("How long does this document allow for shoes?", "30 days", "points to"),
            ("Which king built the great tower?", "Mara Olin", "something else"),
        ],
    )
    def test_an_unsound_one_is_told_why(self, question: str, answer: str, why: str) -> None:
        """Each for one reason."""
        assert why in fault(question, answer, PASSAGE)

    def test_the_answer_is_spelt_as_the_passage_has_it(self) -> None:
        """It will be looked for in what the model says of the passage."""
        assert verbatim("mara olin", PASSAGE) == "Mara Olin"
        assert verbatim("euros,  and", PASSAGE) == "euros, and"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("30 days", "It is 30 days.", True),
        ("Within 30 days", "30 days", True),
        ("30 days", "3 days", False),
        ("30 days", "", False),
        ("The Label", "label", True),
    ],
)
def test_answers_agree_where_one_holds_the_other(one: str, other: str, same: bool) -> None:
    """Word by word, in a row."""
    assert agree(one, other) is same


class TestFile:
    def test_comes_back_as_it_was_written(self, tmp_path: Path) -> None:
        """With what was decided."""
        draft = draft_of("Who signs?", "Mara Olin", "returns.md", PASSAGE, "openai:m")
        dropped = draft_of("What?", "label", "returns.md", PASSAGE, "openai:m")
        object.__setattr__(dropped, "decision", Decision.DROPPED)
        path = tmp_path / "drafts.jsonl"
        write_drafts(path, [draft, dropped])
        assert read_drafts(path) == [draft, dropped]
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert [row["reviewed"] for row in rows] == [False, True]
        assert not list(tmp_path.glob(".*"))

    def test_is_no_file_of_cases(self, tmp_path: Path) -> None:
        """Named as one, it says what to do."""
        path = tmp_path / "drafts.jsonl"
        write_drafts(path, [draft_of("Who signs?", "Mara Olin", "returns.md", PASSAGE, "m")])
        with pytest.raises(DataError, match="suffice review"):
            load(path)

    @pytest.mark.parametrize(
        "change",
        [{"question": ""}, {"gold": []}, {"decision": "maybe"}, {"passage": None}, {"colour": "x"}],
    )
    def test_a_damaged_row_is_named(self, change: dict[str, object], tmp_path: Path) -> None:
        """By its line."""
        path = tmp_path / "drafts.jsonl"
        draft = draft_of("Who signs?", "Mara Olin", "returns.md", PASSAGE, "m")
        rows = [draft.row, draft.row | change]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        with pytest.raises(DataError, match=r"drafts\.jsonl:2"):
            read_drafts(path)
