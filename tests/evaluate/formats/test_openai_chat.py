"""Chat rows as cases: the last reply is what is expected."""

from pathlib import Path

import pytest

from suffice.errors import DataError
from suffice.evaluate import cases
from suffice.evaluate.formats.openai_chat import create
from suffice.records import Case, Json
from tests.evaluate.formats.samples import write_jsonl

USER = {"role": "user", "content": "a"}


def reply(content: Json) -> Json:
    return {"role": "assistant", "content": content}


def only(tmp_path: Path, row: Json) -> Case:
    return create().read(write_jsonl(tmp_path / "c.jsonl", [row])).cases[0]


def test_the_last_reply_is_expected(tmp_path: Path) -> None:
    """Earlier replies stay in the question."""
    case = only(tmp_path, {"messages": [USER, reply("b"), USER, reply("c")]})
    assert case.expected == ("c",)
    assert [message.role for message in case.messages] == ["user", "assistant", "user"]


def test_a_reply_that_is_an_object_is_expected_as_one(tmp_path: Path) -> None:
    """Its spaces are no part of the answer."""
    assert only(tmp_path, {"messages": [USER, reply('{ "b": 1 }')]}).expected == ({"b": 1},)
    assert only(tmp_path, {"messages": [USER, reply("{b}")]}).expected == ("{b}",)


def test_a_system_text_beside_the_messages_comes_first(tmp_path: Path) -> None:
    """Some tools write it there."""
    case = only(tmp_path, {"system": "s", "messages": [USER, reply("b")]})
    assert [(m.role, m.content) for m in case.messages] == [("system", "s"), ("user", "a")]


def test_rows_with_tools_or_images_are_left_out_and_told(tmp_path: Path) -> None:
    """A case is text alone."""
    calls = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
    image = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
    rows = [{"messages": [USER, reply("b")]}, {"messages": [USER, calls, reply("b")]}]
    rows += [{"messages": [image, reply("b")]}]
    read = create().read(write_jsonl(tmp_path / "c.jsonl", rows))
    assert len(read.cases) == 1
    assert "c.jsonl:2: left out: it calls tools" in read.warnings[0]
    assert "c.jsonl:3: left out: it holds more than text" in read.warnings[1]


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([USER], "the last message is the user's"),
        ([reply("b")], "the assistant's reply follows no user's message"),
        ("hello", "`messages` must be a list"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, messages: Json, words: str) -> None:
    """The row that has nothing to ask or to expect is named."""
    rows = [{"messages": [USER, reply("b")]}, {"messages": messages}]
    with pytest.raises(DataError, match=r"c\.jsonl:2: ") as caught:
        create().read(write_jsonl(tmp_path / "c.jsonl", rows))
    assert words in str(caught.value)


def test_rows_of_ours_with_messages_are_not_taken(tmp_path: Path) -> None:
    """A chat that ends with the user, or that has keys of ours, is a row of ours."""
    path = write_jsonl(tmp_path / "c.jsonl", [{"messages": [USER], "expected": "b"}])
    assert cases.recognised(path) == "jsonl"
