"""Worked examples from the three formats that tools write."""

from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate.examples import load_examples
from suffice.records import Example, Json, Message, Source
from tests.evaluate.formats.samples import write_jsonl

OPENAI = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
SHAREGPT = {"conversations": [{"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}
ALPACA = {"instruction": "a", "input": "", "output": "b"}


@pytest.mark.parametrize("row", [OPENAI, SHAREGPT, ALPACA], ids=["openai", "sharegpt", "alpaca"])
def test_every_format_gives_the_same_example(tmp_path: Path, row: Json) -> None:
    """The question as messages, the reply apart, the place it stands at."""
    path = write_jsonl(tmp_path / "examples.jsonl", [row])
    assert load_examples(path) == (
        Example("line-1", (Message("user", "a"),), "b", source=Source(str(path), 1)),
    )


def test_system_turns_are_kept(tmp_path: Path) -> None:
    """Whether they stand among the turns or beside them."""
    beside = SHAREGPT | {"system": "s", "id": "x", "cluster": "c"}
    among = {"conversations": [{"from": "system", "value": "s"}, *SHAREGPT["conversations"]]}
    first, second = load_examples(write_jsonl(tmp_path / "e.jsonl", [beside, among]))
    assert first.messages == second.messages == (Message("system", "s"), Message("user", "a"))
    assert (first.id, first.cluster) == ("x", "c")


def test_alpaca_joins_instruction_and_input(tmp_path: Path) -> None:
    """The input follows the instruction after a blank line."""
    path = write_jsonl(tmp_path / "e.jsonl", [ALPACA | {"input": "i"}])
    assert load_examples(path)[0].messages == (Message("user", "a\n\ni"),)


def test_earlier_turns_stay_in_the_question(tmp_path: Path) -> None:
    """Only the last reply is what is taught."""
    turns = [*OPENAI["messages"], *OPENAI["messages"]]
    example = load_examples(write_jsonl(tmp_path / "e.jsonl", [{"messages": turns}]))[0]
    assert [message.role for message in example.messages] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([OPENAI, ALPACA], ":2: this row is Alpaca, line 1 is OpenAI chat; keep one format a file"),
        ([{"prompt": "a"}], ":1: not an example; a row has `messages`"),
        ([{"messages": [{"role": "user", "content": "a"}]}], ":1: the last message is the user's"),
        (
            [{"messages": [{"role": "assistant", "content": "a"}]}],
            ":1: the assistant's reply follow",
        ),
        ([ALPACA | {"output": " "}], ":1: the reply is empty"),
        ([ALPACA | {"output": 3}], ":1: `instruction`, `input` and `output` must be texts"),
        ([{"conversations": [{"from": "alien", "value": "a"}]}], ":1: unknown speaker 'alien'"),
        ([{"conversations": "a"}], ":1: `conversations` must be a list"),
    ],
    ids=str,
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, rows: list[Json], words: str) -> None:
    """One bad example would teach the wrong thing silently."""
    path = write_jsonl(tmp_path / "e.jsonl", rows)
    with pytest.raises(DataError) as caught:
        load_examples(path)
    assert f"{path}{words}" in str(caught.value)
