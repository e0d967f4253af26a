"""Tables that people keep: which column is what, and the cases that their rows become."""

from pathlib import Path

import pytest

from suffice.begin.table import Columns, cases_of, chosen, guess, read_table
from suffice.errors import UsageError

DOCUMENTS = ["hr/leave.pdf", "hr/pay.docx", "it/leave.md", "it/laptops.md"]


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


class TestGuess:
    @pytest.mark.parametrize(
        ("header", "question", "expected"),
        [
            ("Question,Answer", "Question", "Answer"),
            ("Expected Answer;User question", "User question", "Expected Answer"),
            ("prompt\tideal", "prompt", "ideal"),
        ],
    )
    def test_a_known_name_is_sure(
        self, header: str, question: str, expected: str, tmp_path: Path
    ) -> None:
        """However it is written: case, spaces and underscores say nothing."""
        between = next(each for each in ",;\t" if each in header)
        read = read_table(write(tmp_path, f"{header}\none{between}two\n"))
        found, unsure = guess(read)
        assert (found.question, found.expected, unsure) == (question, expected, frozenset())

    def test_other_names_are_guessed_by_what_they_hold(self, tmp_path: Path) -> None:
        """Question marks, answers that differ, a category that comes again, a running number."""
        rows = "".join(f"{n},How much is {n}?,{n} euros,money\n" for n in range(1, 9))
        read = read_table(write(tmp_path, f"row,Customer asks,We say,Desk\n{rows}"))
        found, unsure = guess(read)
        assert (found.question, found.expected) == ("Customer asks", "We say")
        assert unsure == {"question", "expected"}

    @pytest.mark.parametrize("rows", ["a1,2\nb2,4\nc3,6\n", "Berlin,10:30\nRome,11:45\n"])
    def test_where_no_column_asks_anything_none_is_the_question(
        self, rows: str, tmp_path: Path
    ) -> None:
        """Codes, prices and names are not asked: a person is."""
        found, unsure = guess(read_table(write(tmp_path, f"one,two\n{rows}")))
        assert found.question is None
        assert "question" in unsure

    def test_a_question_without_spaces_is_one_in_scripts_that_have_none(
        self, tmp_path: Path
    ) -> None:
        rows = "東京はどこですか,日本\n今何時ですか,三時\n"
        found, _ = guess(read_table(write(tmp_path, f"one,two\n{rows}")))
        assert found.question == "one"

    def test_a_column_that_names_documents_is_gold(self, tmp_path: Path) -> None:
        """Under whatever name."""
        read = read_table(write(tmp_path, "question,answer,where\nWho?,me,laptops\nWhat?,it,pay\n"))
        assert guess(read, DOCUMENTS)[0].gold == "where"
        assert guess(read, [])[0].gold is None

    def test_ids_that_repeat_are_none(self, tmp_path: Path) -> None:
        """A case's id tells it apart."""
        read = read_table(write(tmp_path, "id,question,answer\n1,Who?,me\n1,What?,it\n"))
        assert guess(read)[0].id is None

    def test_a_column_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        """With the near name."""
        read = read_table(write(tmp_path, "question,answer\nWho?,me\n"))
        with pytest.raises(UsageError, match="did you mean 'answer'"):
            chosen(read, guess(read)[0], {"expected": "anwser"})

    def test_a_named_column_is_taken_from_what_was_guessed(self, tmp_path: Path) -> None:
        """No column is two things."""
        read = read_table(write(tmp_path, "question,answer,b\nWho?,me,x\n"))
        found = chosen(read, guess(read)[0], {"question": "answer", "expected": "b"})
        assert found == Columns(question="answer", expected="b")


class TestCases:
    def test_gold_is_found_by_path_name_and_stem(self, tmp_path: Path) -> None:
        """A name that two documents bear stays as it is, for `suffice check` to tell."""
        read = read_table(
            write(tmp_path, "question,answer,doc\nA?,x,Pay.docx|hr/leave.pdf\nB?,y,leave\n")
        )
        rows = list(cases_of(read, guess(read)[0], DOCUMENTS, declines=False))
        assert rows[0]["gold"] == ["hr/pay.docx", "hr/leave.pdf"]
        assert rows[1]["gold"] == ["leave"]

    def test_numbers_are_numbers_only_where_all_are(self, tmp_path: Path) -> None:
        """One text among them, and a number is a text like the others."""
        numbers = read_table(write(tmp_path, "question,answer\nA?,12\nB?,3.5\n"))
        mixed = read_table(write(tmp_path, "question,answer\nA?,12\nB?,about 3\n"))
        columns = Columns(question="question", expected="answer")
        assert [row["expected"] for row in cases_of(numbers, columns, [], declines=False)] == [
            12,
            3.5,
        ]
        assert [row["expected"] for row in cases_of(mixed, columns, [], declines=False)] == [
            "12",
            "about 3",
        ]

    def test_a_row_without_an_answer_is_left_out_or_declined(self, tmp_path: Path) -> None:
        """As it was said; a cell that says that there is no answer needs no saying."""
        read = read_table(write(tmp_path, "question,answer\nA?,x\nB?,\nC?,n/a\n"))
        columns = guess(read)[0]
        left = list(cases_of(read, columns, [], declines=False))
        declined = list(cases_of(read, columns, [], declines=True))
        assert [row.get("answerable", True) for row in left] == [True, False]
        assert [row.get("answerable", True) for row in declined] == [True, False, False]
