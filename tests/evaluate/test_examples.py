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


COMPLETION = {"prompt": "a", "completion": "b"}


@pytest.mark.parametrize(
    "row",
    [OPENAI, SHAREGPT, ALPACA, COMPLETION],
    ids=["openai", "sharegpt", "alpaca", "prompt and completion"],
)
def test_every_format_gives_the_same_example(tmp_path: Path, row: Json) -> None:
    """The question as messages, the reply apart, the place it stands at."""
    path = write_jsonl(tmp_path / "examples.jsonl", [row])
    assert load_examples(path) == (
        Example("line-1", (Message("user", "a"),), "b", source=Source(str(path), 1)),
    )


def test_a_table_gives_the_same_example(tmp_path: Path) -> None:
    """With the line that each row begins on."""
    path = tmp_path / "examples.csv"
    path.write_text('prompt,completion\n"a\na",b\nc,d\n')
    assert [(each.messages[0].content, each.source) for each in load_examples(path)] == [
        ("a\na", Source(str(path), 2)),
        ("c", Source(str(path), 4)),
    ]


def test_a_completion_may_be_a_chat(tmp_path: Path) -> None:
    """As TRL writes conversational ones; half of each is refused."""
    row = {"prompt": OPENAI["messages"][:1], "completion": OPENAI["messages"][1:]}
    assert load_examples(write_jsonl(tmp_path / "e.jsonl", [row]))[0].reply == "b"
    with pytest.raises(DataError, match="both"):
        load_examples(write_jsonl(tmp_path / "f.jsonl", [{"prompt": "a", "completion": []}]))


def chat(*weights: Json) -> Json:
    """A question and a reply for each weight."""
    turns: list[Json] = []
    for number, weight in enumerate(weights):
        turns += [
            {"role": "user", "content": f"q{number}"},
            {"role": "assistant", "content": f"a{number}", "weight": weight},
        ]
    return {"messages": turns}


def test_a_turn_of_no_weight_is_not_learned(tmp_path: Path) -> None:
    """As OpenAI's fine-tuning has it; it stays in the chat."""
    [example] = load_examples(write_jsonl(tmp_path / "e.jsonl", [chat(0, 1, 0, None)]))
    assert example.unlearned == (0, 2)
    assert len(example.messages) == 7


@pytest.mark.parametrize(
    ("weights", "said"), [((1, 0), "last reply has `weight` 0"), ((0.5, 1), "0 or 1, not 0.5")]
)
def test_weights_that_say_nothing_are_refused(
    tmp_path: Path, weights: tuple[Json, ...], said: str
) -> None:
    """With the line."""
    path = write_jsonl(tmp_path / "e.jsonl", [OPENAI, chat(*weights)])
    with pytest.raises(DataError, match=said) as refused:
        load_examples(path)
    assert refused.value.source == Source(str(path), 2)


def test_a_tools_call_is_taught_as_its_json(tmp_path: Path) -> None:
    """And what the tool answered is a turn that is not learned."""
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": "42"},
        {"role": "assistant", "content": "It is 42."},
    ]
    path = write_jsonl(tmp_path / "e.jsonl", [{"messages": turns, "tools": []}])
    [example] = load_examples(path)
    assert [each.role for each in example.messages] == ["user", "assistant", "user"]
    assert example.messages[1].content == '{"name": "f", "arguments": "{}"}'
    assert example.reply == "It is 42."


def test_nothing_of_a_call_is_lost(tmp_path: Path) -> None:
    """What was said beside the calls, every one of them, and every tool's answer, in order."""
    calls = [
        {"id": name, "type": "function", "function": {"name": name, "arguments": '{"n": 1}'}}
        for name in ("f", "g")
    ]
    turns = [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "I look it up.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "f", "content": "41"},
        {"role": "tool", "tool_call_id": "g", "content": "42"},
        {"role": "assistant", "content": None, "tool_calls": calls[:1]},
    ]
    declared = [{"type": "function", "function": {"name": "h", "parameters": {}}}]
    path = write_jsonl(tmp_path / "e.jsonl", [{"messages": turns, "tools": declared}])
    [example] = load_examples(path)
    called = [
        '{"name": "f", "arguments": "{\\"n\\": 1}"}',
        '{"name": "g", "arguments": "{\\"n\\": 1}"}',
    ]
    assert example.messages[1].content == "\n".join(["I look it up.", *called])
    assert example.messages[2] == Message("user", "41\n42")
    assert example.reply == called[0]
    assert example.tools == ("h", "f", "g")


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ({"content": None, "tool_calls": ["f"]}, ":1: this tool's call names no function"),
        ({"content": None, "tool_calls": [{"id": "1"}]}, ":1: this tool's call names no function"),
        ({"content": [1], "function_call": {"name": "f"}}, ":1: beside a tool's call `content`"),
        ({"content": None, "tool_calls": "f"}, ":1: the content of a message must be text"),
    ],
    ids=str,
)
def test_a_call_that_is_none_is_refused_with_its_line(
    tmp_path: Path, turn: dict[str, Json], words: str
) -> None:
    """Rather than taught as something else."""
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", **turn}]
    path = write_jsonl(tmp_path / "e.jsonl", [{"messages": turns}])
    with pytest.raises(DataError) as caught:
        load_examples(path)
    assert f"{path}{words}" in str(caught.value)


def test_what_a_row_says_of_its_origin_is_kept(tmp_path: Path) -> None:
    """Written by a model, and read by a person since."""
    rows = [OPENAI | {"synthetic": True}, OPENAI | {"synthetic": True, "reviewed": True}, OPENAI]
    found = load_examples(write_jsonl(tmp_path / "e.jsonl", rows))
    assert [(each.synthetic, each.reviewed) for each in found] == [
        (True, False),
        (True, True),
        (False, False),
    ]


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
