"""Reading a study's cases: which format, which checks, and what is refused."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from suffice.errors import DataError, UsageError
from suffice.evaluate import cases
from suffice.evaluate.formats.row import KEYS, case_of
from suffice.records import Case, Check, Json, Message, Source
from tests.evaluate.formats.samples import beir, write_jsonl

SCHEMA_FILE = Path(cases.__file__).parent.parent / "schemas" / "case.schema.json"
ANSWER = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
Q: dict[str, Json] = {"question": "Why?"}


def load(tmp_path: Path, *rows: Json, defaults: tuple[Check, ...] = ()) -> tuple[Case, ...]:
    path = write_jsonl(tmp_path / "cases.jsonl", rows)
    return cases.load(path, default_checks=defaults).cases


def refusal(tmp_path: Path, *rows: Json) -> str:
    with pytest.raises(DataError) as caught:
        load(tmp_path, *rows)
    return str(caught.value).removeprefix(f"{tmp_path}/")


def metrics(case: Case) -> list[str]:
    return [check.metric for check in case.checks]


# ---------------------------------------------------------------- a row

GOOD: list[Json] = [
    {"question": "Why?", "expected": "so"},
    {"id": 7, "question": "Why?", "any_of": ["a", 1, False, {"b": []}]},
    {"messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "y"}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "y"}]}]},
    {"question": "Why?", "checks": ["exact", {"metric": "judge", "rubric": "is kind"}]},
    {"question": "Why?", "checks": "exact", "gold": "a.md", "tags": ["x", "y"], "cluster": 3},
    {"question": "Why?", "answerable": False, "expected": None},
    {"question": "Why?", "schema": ANSWER, "expected": {"a": "b"}},
    {"question": "Why?", "messages": None, "any_of": None, "checks": None, "tags": None},
]
BAD: list[tuple[Json, str]] = [
    ({}, "no `question`; give one of `question` and `messages`"),
    ({"question": "a", "messages": [{"role": "user", "content": "y"}]}, "both `question` and"),
    ({"question": "  "}, "`question` must be a text that is not empty"),
    ({"question": ["a"]}, "`question` must be a text that is not empty"),
    ({"messages": []}, "`messages` must be a list of messages, not []"),
    ({"messages": [{"role": "robot", "content": "y"}]}, "unknown role 'robot'"),
    ({"messages": [{"role": "user"}]}, "the content of a message must be text, not None"),
    (
        {"messages": [{"role": "user", "content": [{"type": "image"}]}]},
        "the content of a message must be text, not [{",
    ),
    (Q | {"questoin": "a"}, "unknown key 'questoin'; did you mean 'question'?. Known: id"),
    (Q | {"expected": 1, "any_of": [2]}, "both `expected` and `any_of`"),
    (Q | {"any_of": "a"}, "`any_of` must be a list of good answers, not 'a'"),
    (Q | {"any_of": []}, "`any_of` must be a list of good answers, not []"),
    (Q | {"any_of": [None]}, "`any_of` must be a list of good answers, not [None]"),
    (Q | {"answerable": False, "expected": 1}, "`answerable` is false and yet"),
    (Q | {"answerable": "no"}, "`answerable` must be true or false, not 'no'"),
    (Q | {"checks": [{"rubric": "x"}]}, "a check is a metric's name or {metric: name"),
    (Q | {"checks": [3]}, "a check is a metric's name or {metric: name, option: value}, not 3"),
    (Q | {"gold": [3]}, "`gold` must be a list of texts, not [3]"),
    (Q | {"tags": ""}, "`tags` must be a list of texts, not ''"),
    (Q | {"cluster": True}, "`cluster` must be a text that is not empty, not True"),
    (Q | {"id": ""}, "`id` must be a text that is not empty, not ''"),
    (Q | {"schema": "object"}, "`schema` must be a JSON Schema object, not 'object'"),
]


def published_schema() -> Draft202012Validator:
    schema = json.loads(SCHEMA_FILE.read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("row", GOOD, ids=str)
def test_a_good_row_is_read_and_allowed_by_the_published_schema(row: Json) -> None:
    """What we read, the schema allows."""
    assert case_of(row, Source("cases.jsonl", 1))
    assert published_schema().is_valid(row)


@pytest.mark.parametrize(("row", "words"), BAD, ids=lambda each: str(each)[:40])
def test_a_bad_row_is_refused_with_its_line_and_by_the_published_schema(
    row: Json, words: str
) -> None:
    """What the schema forbids, we refuse in words that help."""
    with pytest.raises(DataError) as caught:
        case_of(row, Source("cases.jsonl", 3))
    assert str(caught.value).startswith(f"cases.jsonl:3: {words}")
    assert not published_schema().is_valid(row)


def test_the_published_schema_knows_the_same_keys() -> None:
    """No key is read that is not published, and the other way round."""
    properties = json.loads(SCHEMA_FILE.read_text())["properties"]
    assert set(properties) == set(KEYS)


def test_a_chat_must_end_with_the_user() -> None:
    """An assistant's turn at the end is an answer in the wrong place."""
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    with pytest.raises(DataError, match="the last message is the assistant's"):
        case_of({"messages": messages}, Source("cases.jsonl", 1))


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "objct"}, "`schema` is no JSON Schema: at type"),
        ({"$ref": "https://example.com/s.json"}, "nothing is fetched"),
        ({"items": {"$ref": "file:///etc/passwd"}}, "nothing is fetched"),
    ],
)
def test_an_unsound_schema_is_refused(schema: Json, words: str) -> None:
    """A schema that is none, or that points outside itself, never gets to a model."""
    with pytest.raises(DataError, match="schema") as caught:
        case_of(Q | {"schema": schema}, Source("cases.jsonl", 1))
    assert words in str(caught.value)


def test_a_row_becomes_a_case_with_all_it_says() -> None:
    """Every key arrives in its field."""
    row: Json = Q | {"id": "x", "any_of": [1, "one"], "gold": ["d"], "cluster": "c", "tags": ["t"]}
    row |= {"checks": [{"metric": "contains", "any_of": ["1"]}], "schema": ANSWER}
    source = Source("cases.jsonl", 9)
    assert case_of(row, source) == Case(
        id="x",
        messages=(Message("user", "Why?"),),
        expected=(1, "one"),
        checks=(Check("contains", {"any_of": ["1"]}),),
        gold=("d",),
        cluster="c",
        tags=("t",),
        schema=ANSWER,
        source=source,
    )


# ---------------------------------------------------------------- a set


def test_ids_default_to_the_line(tmp_path: Path) -> None:
    """So that appending rows renames none."""
    found = load(tmp_path, Q | {"expected": 1}, Q | {"id": "b", "expected": 1})
    assert [case.id for case in found] == ["line-1", "b"]


def test_duplicate_ids_name_both_lines(tmp_path: Path) -> None:
    """One would overwrite the other in every table."""
    row = Q | {"id": "a", "expected": 1}
    message = refusal(tmp_path, row, Q | {"id": "b", "expected": 1}, row)
    assert message.startswith("cases.jsonl:3: the id 'a' stands here and at ")
    assert "cases.jsonl:1;" in message


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """No cases is not a study."""
    assert "holds no rows" in refusal(tmp_path)


def test_a_missing_file_is_told_as_missing(tmp_path: Path) -> None:
    """And not as an unknown format."""
    with pytest.raises(DataError, match="there is no such file"):
        cases.load(tmp_path / "cases.jsonl")


def test_an_unknown_ending_names_the_formats(tmp_path: Path) -> None:
    """The user learns how to name the format."""
    path = tmp_path / "cases.docx"
    path.write_text("x")
    with pytest.raises(DataError, match=r"cases: FORMAT:PATH.*jsonl"):
        cases.load(path)


def test_a_format_may_be_named(tmp_path: Path) -> None:
    """A name overrules what the file looks like."""
    path = tmp_path / "cases.txt"
    path.write_text('{"question": "Why?", "expected": "so"}\n')
    assert len(cases.load(path, format="jsonl").cases) == 1
    with pytest.raises(UsageError, match="did you mean 'jsonl'"):
        cases.load(path, format="jsnl")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"expected": "so"}, ["exact"]),
        ({"expected": 3}, ["number"]),
        ({"any_of": [3, 3.5]}, ["number"]),
        ({"any_of": [3, "three"]}, ["exact"]),
        ({"expected": True}, ["exact"]),
        ({"expected": {"a": "b"}}, ["fields"]),
        ({"expected": {"a": "b"}, "schema": ANSWER}, ["json-schema", "fields"]),
        ({"expected": 3, "schema": {"type": "number"}}, ["json-schema", "number"]),
        ({"schema": ANSWER}, ["json-schema"]),
        ({"gold": ["d"]}, ["citations"]),
        ({"expected": "so", "gold": ["d"]}, ["exact"]),
        ({"checks": ["f1"], "expected": "so"}, ["f1"]),
        ({"answerable": False}, ["abstention"]),
    ],
    ids=str,
)
def test_checks_follow_from_what_is_expected(tmp_path: Path, row: Json, expected: Json) -> None:
    """Without checks of its own and of the study's, a case is graded by what it expects."""
    assert metrics(load(tmp_path, Q | row)[0]) == expected


def test_the_studys_checks_come_before_inferred_ones(tmp_path: Path) -> None:
    """And after the case's own."""
    defaults = (Check("f1"), Check("latency"))
    rows = [Q | {"expected": "so"}, Q | {"checks": ["exact"], "expected": "so"}]
    found = load(tmp_path, *rows, defaults=defaults)
    assert [metrics(case) for case in found] == [["f1", "latency"], ["exact"]]


def test_unanswerable_cases_bring_abstention_to_all(tmp_path: Path) -> None:
    """False refusals are counted wherever refusing is ever right."""
    rows = [Q | {"expected": "so"}, Q | {"answerable": False}]
    found = load(tmp_path, *rows, defaults=(Check("f1"), Check("cost")))
    assert [metrics(case) for case in found] == [
        ["f1", "cost", "abstention"],
        ["cost", "abstention"],
    ]


def test_abstention_is_not_asked_twice(tmp_path: Path) -> None:
    """A case that names it keeps its own."""
    found = load(tmp_path, Q | {"answerable": False, "checks": ["abstention"]})
    assert metrics(found[0]) == ["abstention"]


def test_a_case_without_any_check_is_refused(tmp_path: Path) -> None:
    """It could only ever be counted as asked."""
    message = refusal(tmp_path, Q | {"expected": 1}, Q, Q)
    assert message.startswith(
        "cases.jsonl:2: nothing to check: the case 'line-2' has no `expected`"
    )
    assert "The same holds at " in message
    assert "cases.jsonl:3" in message


def test_a_case_without_any_check_is_fine_where_the_study_gives_some(tmp_path: Path) -> None:
    """The study's checks hold for all."""
    assert metrics(load(tmp_path, Q, defaults=(Check("latency"),))[0]) == ["latency"]


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("exat", "there is no metric 'exat'; did you mean 'exact'?. Known: abstention"),
        ({"metric": "contains", "anyof": ["x"]}, "'contains' has no option 'anyof'; did you mean"),
        ({"metric": "json-schema", "x": 1}, "'json-schema' has no option 'x'. It takes none"),
        ({"metric": "judge"}, "the check 'judge' cannot be done so"),
        ({"metric": "regex", "pattern": "("}, "the check 'regex' cannot be done so"),
    ],
    ids=str,
)
def test_a_check_that_cannot_be_done_is_refused_with_its_line(
    tmp_path: Path, check: Json, words: str
) -> None:
    """Before a single answer is paid for."""
    message = refusal(tmp_path, Q | {"expected": 1}, Q | {"checks": [check]})
    assert message.startswith(f"cases.jsonl:2: {words}")


def test_a_check_of_the_study_that_cannot_be_done_is_a_usage_error(tmp_path: Path) -> None:
    """It stands in suffice.yaml and not in the cases."""
    with pytest.raises(UsageError, match="no metric 'exat'"):
        load(tmp_path, Q | {"expected": 1}, defaults=(Check("exat"),))


def test_the_studys_schema_goes_to_every_case_without_one(tmp_path: Path) -> None:
    """To unanswerable ones too: the question must not give away that it is one."""
    own = {"type": "object"}
    path = write_jsonl(
        tmp_path / "cases.jsonl",
        [
            Q | {"expected": {"a": "b"}},
            Q | {"expected": {"a": "b"}, "schema": own},
            Q | {"answerable": False},
        ],
    )
    found = cases.load(path, default_schema=ANSWER).cases
    assert [case.schema for case in found] == [ANSWER, own, ANSWER]
    assert metrics(found[0]) == ["json-schema", "fields", "abstention"]


def test_an_answer_that_its_schema_forbids_is_warned_of(tmp_path: Path) -> None:
    """No system that keeps the schema could be right."""
    path = write_jsonl(
        tmp_path / "cases.jsonl",
        [
            Q | {"expected": {"a": 3}, "schema": ANSWER},
            Q | {"expected": '{"a": "x"}', "schema": ANSWER},
            Q | {"any_of": [{"a": 3}, {"a": "x"}], "schema": ANSWER},
        ],
    )
    warnings = cases.load(path).warnings
    assert len(warnings) == 1
    assert warnings[0].startswith("1 cases expect an answer that their own schema forbids")
    assert "cases.jsonl:1" in warnings[0]


def test_an_import_keeps_what_can_be_checked_and_tells_the_rest(tmp_path: Path) -> None:
    """A foreign test that maps to nothing is left out, in words."""
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(
        "prompts: ['{{q}}']\n"
        "tests:\n"
        "  - vars: {q: one}\n"
        "    assert: [{type: equals, value: '1'}]\n"
        "  - vars: {q: two}\n"
        "    assert: [{type: javascript, value: 'output > 1'}]\n"
    )
    loaded = cases.load(path)
    assert [case.id for case in loaded.cases] == ["test-1"]
    assert any(
        "promptfooconfig.yaml:6: `javascript` is not taken over" in w for w in loaded.warnings
    )
    assert any("1 of 2 cases are left out" in w and ".yaml:5" in w for w in loaded.warnings)
    assert len(cases.load(path, default_checks=(Check("latency"),)).cases) == 2


def test_an_import_of_nothing_is_refused(tmp_path: Path) -> None:
    """If nothing at all can be checked, it is an error and not a warning."""
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text("prompts: ['{{q}}']\ntests:\n  - vars: {q: one}\n")
    with pytest.raises(DataError, match="nothing to check"):
        cases.load(path)


def test_passages_of_a_corpus_are_kept(tmp_path: Path) -> None:
    """BEIR brings its documents along."""
    assert [passage.id for passage in cases.load(beir(tmp_path)).passages] == ["d1", "d2"]
