"""promptfoo: prompts, variables and asserts taken over, and everything else told."""

import json
from pathlib import Path

import pytest

from suffice import plugins
from suffice.errors import DataError
from suffice.evaluate import cases
from suffice.evaluate.formats.promptfoo import create
from suffice.ports import Cases
from suffice.records import Case, Check, Json
from tests.evaluate.formats.samples import write_jsonl

SCHEMA = {"type": "object", "required": ["city"]}
STRICT = {"ignore_case": False, "ignore_punctuation": False, "ignore_articles": False}


def config(tmp_path: Path, **keys: Json) -> Path:
    """A configuration as YAML: JSON is YAML."""
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(json.dumps({"prompts": ["{{q}}"], **keys}))
    return path


def read(tmp_path: Path, **keys: Json) -> Cases:
    return create().read(config(tmp_path, **keys))


def asserted(tmp_path: Path, *items: Json, **values: Json) -> tuple[Case, tuple[str, ...]]:
    found = read(tmp_path, tests=[{"vars": {"q": "why?"} | values, "assert": list(items)}])
    return found.cases[0], found.warnings


# ---------------------------------------------------------------- asserts


@pytest.mark.parametrize(
    ("kind", "value", "check"),
    [
        ("equals", "so", Check("exact", STRICT)),
        ("not-equals", "so.", Check("regex", {"pattern": r"\A\s*so\.\s*\Z", "negate": True})),
        ("contains", "so", Check("contains", {"all_of": ["so"], "ignore_case": False})),
        ("icontains", 7, Check("contains", {"all_of": ["7"], "ignore_case": True})),
        ("not-contains", "so", Check("contains", {"none_of": ["so"], "ignore_case": False})),
        (
            "contains-any",
            ["a", "b"],
            Check("contains", {"any_of": ["a", "b"], "ignore_case": False}),
        ),
        ("icontains-all", "a, b", Check("contains", {"all_of": ["a", "b"], "ignore_case": True})),
        ("not-icontains-any", ["a"], Check("contains", {"none_of": ["a"], "ignore_case": True})),
        ("regex", r"\d", Check("regex", {"pattern": r"\d"})),
        ("not-regex", r"\d", Check("regex", {"pattern": r"\d", "negate": True})),
        ("starts-with", "So", Check("style", {"starts_with": "So"})),
        ("not-starts-with", "So", Check("regex", {"pattern": r"\A\s*So", "negate": True})),
        ("llm-rubric", "is kind", Check("judge", {"rubric": "is kind", "scale": "binary"})),
        ("g-eval", ["a", "b"], Check("judge", {"rubric": "a\nb", "scale": "binary"})),
        ("word-count", {"min": 2, "max": 9}, Check("style", {"min_words": 2, "max_words": 9})),
        ("similar", "so", Check("similarity", {"threshold": 0.75})),
        ("cost", None, Check("cost")),
        ("is-json", None, Check("json-schema")),
        ("is-json", SCHEMA, Check("json-schema")),
        ("equals", {"city": "Paris"}, Check("fields")),
    ],
)
def test_asserts_become_checks(tmp_path: Path, kind: str, value: Json, check: Check) -> None:
    """Each has its counterpart, with options that the metric takes."""
    case, _ = asserted(tmp_path, {"type": kind, "value": value})
    assert case.checks == (check,)
    assert plugins.load("metric", check.metric)(**check.options)


def test_thresholds_are_taken_over_in_our_units(tmp_path: Path) -> None:
    """Milliseconds become seconds."""
    case, _ = asserted(
        tmp_path,
        {"type": "latency", "threshold": 1500},
        {"type": "cost", "threshold": 0.002},
        {"type": "similar", "value": "so", "threshold": 0.9},
    )
    assert [check.options for check in case.checks] == [
        {"max_seconds": 1.5},
        {"max_usd": 0.002},
        {"threshold": 0.9},
    ]
    assert case.expected == ("so",)


def test_what_must_be_equal_is_expected(tmp_path: Path) -> None:
    """And a schema is the case's schema."""
    case, _ = asserted(
        tmp_path, {"type": "equals", "value": "so"}, {"type": "is-json", "value": SCHEMA}
    )
    assert (case.expected, case.schema) == (("so",), SCHEMA)


def test_a_refusal_that_is_wanted_makes_the_case_unanswerable(tmp_path: Path) -> None:
    """And one that is not wanted is checked on an answerable one."""
    case, _ = asserted(tmp_path, {"type": "is-refusal"})
    assert (case.answerable, case.checks) == (False, (Check("abstention"),))
    assert asserted(tmp_path, {"type": "not-is-refusal"})[0].answerable


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (
            {"type": "javascript", "value": "output"},
            "`javascript` is not taken over: Suffice runs no",
        ),
        (
            {"type": "python", "value": "file://x.py"},
            "`python` is not taken over: Suffice runs no code",
        ),
        (
            {"type": "equals", "value": "file://x.js"},
            "`equals` is not taken over: Suffice runs no code",
        ),
        (
            {"type": "levenshtein", "value": "a"},
            "`levenshtein` is not taken over: there is no edit-",
        ),
        ({"type": "brand-new", "value": "a"}, "`brand-new` is not taken over: Suffice has no such"),
        ({"type": "not-similar", "value": "a"}, "`not-similar` is not taken over: its negation"),
        ({"type": "not-contains-all", "value": ["a", "b"]}, "`not-contains-all` is not taken over"),
        ({"type": "latency"}, "`latency` is not taken over: it has no threshold"),
        ({"type": "contains", "value": {"a": 1}}, "its value must be a text, not {'a': 1}"),
        (
            {"type": "contains", "value": "a", "transform": "output.x"},
            "transforms the answer first",
        ),
        ({"type": "assert-set", "threshold": 0.5, "assert": []}, "`assert-set` is not taken over"),
    ],
    ids=str,
)
def test_what_has_no_counterpart_is_told_with_its_line(
    tmp_path: Path, item: Json, words: str
) -> None:
    """Never dropped in silence."""
    case, warnings = asserted(tmp_path, item)
    assert case.checks == ()
    assert len(warnings) == 1
    assert warnings[0].startswith(f"{tmp_path}/promptfooconfig.yaml:1: ")
    assert words in warnings[0]


def test_warnings_name_the_line_of_the_assert(tmp_path: Path) -> None:
    """And those that say the same become one."""
    path = tmp_path / "promptfooconfig.yaml"
    path.write_text(
        "prompts: ['{{q}}']\n"
        "tests:\n"
        "  - vars: {q: a}\n"
        "    assert:\n"
        "      - type: equals\n"
        "        value: b\n"
        "      - type: python\n"
        "        value: 'True'\n"
        "  - vars: {q: c}\n"
        "    assert: [{type: python, value: x}]\n"
    )
    (warning,) = create().read(path).warnings
    assert warning.startswith(f"{path}:7: `python` is not taken over")
    assert warning.endswith("(also at 10)")


def test_weights_are_told(tmp_path: Path) -> None:
    """Every check counts alike here, so a weight would be lost in silence."""
    case, warnings = asserted(tmp_path, {"type": "contains", "value": "a", "weight": 3})
    assert len(case.checks) == 1
    assert "`weight` is not taken over" in warnings[0]


def test_a_set_of_asserts_is_all_of_them(tmp_path: Path) -> None:
    """Without a threshold every one must pass."""
    inner = [{"type": "contains", "value": "a"}, {"type": "regex", "value": "b"}]
    case, _ = asserted(tmp_path, {"type": "assert-set", "assert": inner})
    assert [check.metric for check in case.checks] == ["contains", "regex"]


def test_two_answers_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    """A case has one set of expected answers; an equal text can be said as a pattern."""
    case, warnings = asserted(
        tmp_path,
        {"type": "similar", "value": "a"},
        {"type": "equals", "value": "b"},
        {"type": "similar", "value": "c"},
    )
    assert case.expected == ("a",)
    assert [check.metric for check in case.checks] == ["similarity", "regex"]
    assert any("expects another answer than an earlier" in warning for warning in warnings)


def test_templates_of_asserts_are_looked_up(tmp_path: Path) -> None:
    """`$ref` points into `assertionTemplates`."""
    found = read(
        tmp_path,
        assertionTemplates={"has": {"type": "contains", "value": "{{want}}"}},
        tests=[{"vars": {"q": "a", "want": "b"}, "assert": [{"$ref": "#/assertionTemplates/has"}]}],
    )
    assert found.cases[0].checks[0].options["all_of"] == ["b"]


# ---------------------------------------------------------------- tests and prompts


def test_prompts_are_filled_with_variables(tmp_path: Path) -> None:
    """Those of defaultTest too; the test's own come first."""
    found = read(
        tmp_path,
        prompts=["Speak {{language}}: {{q}}"],
        defaultTest={
            "vars": {"language": "French", "q": "-"},
            "assert": [{"type": "regex", "value": "x"}],
        },
        tests=[
            {"vars": {"q": "hello"}},
            {"vars": {"q": "bye"}, "options": {"disableDefaultAsserts": True}},
        ],
    )
    assert [case.question.text for case in found.cases] == [
        "Speak French: hello",
        "Speak French: bye",
    ]
    assert [len(case.checks) for case in found.cases] == [1, 0]


def test_a_list_among_the_variables_makes_a_case_an_item(tmp_path: Path) -> None:
    """As promptfoo does it, all combinations."""
    tests: Json = [{"vars": {"q": ["a", "b"], "r": ["c", "d"]}, "description": "all"}]
    found = read(tmp_path, prompts=["{{q}}{{r}}"], tests=tests)
    assert [case.question.text for case in found.cases] == ["ac", "ad", "bc", "bd"]
    assert [case.id for case in found.cases] == ["all", "all-2", "all-3", "all-4"]
    tests[0]["options"] = {"disableVarExpansion": True}
    assert read(tmp_path, tests=tests).cases[0].question.text == '["a","b"]'


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    """A few lists can stand for millions of cases."""
    values = {name: list(range(20)) for name in "abcdefgh"}
    with pytest.raises(DataError, match="make more than 1000 cases"):
        read(tmp_path, tests=[{"vars": values}])


def test_the_first_prompt_makes_the_cases(tmp_path: Path) -> None:
    """Others are candidates and not cases; that they are left is told."""
    found = read(tmp_path, prompts=["A {{q}}", "B {{q}}"], tests=[{"vars": {"q": "x"}}])
    assert [case.question.text for case in found.cases] == ["A x"]
    assert "2 prompts; the cases are made with the first of them" in found.warnings[0]


@pytest.mark.parametrize("kind", ["json", "yaml", "text"])
def test_chat_prompts_become_messages(tmp_path: Path, kind: str) -> None:
    """From a file of JSON or YAML, or from a text that is JSON."""
    turns = [{"role": "system", "content": "Be {{tone}}."}, {"role": "user", "content": "{{q}}"}]
    text = json.dumps(turns)
    if kind != "text":
        (tmp_path / f"chat.{kind}").write_text(text)
    prompt = text if kind == "text" else f"file://chat.{kind}"
    found = read(tmp_path, prompts=[prompt], tests=[{"vars": {"q": "x", "tone": "kind"}}])
    assert [(m.role, m.content) for m in found.cases[0].messages] == [
        ("system", "Be kind."),
        ("user", "x"),
    ]


def test_what_a_template_computes_is_left_and_told(tmp_path: Path) -> None:
    """Nunjucks filters and conditions are not run."""
    found = read(tmp_path, prompts=["{{ q | upper }} {{q}}"], tests=[{"vars": {"q": "x"}}])
    assert found.cases[0].question.text == "{{ q | upper }} x"
    assert "{{ q | upper }} is left as it is" in found.warnings[0]


def test_tests_come_from_files(tmp_path: Path) -> None:
    """YAML, JSON, JSONL and CSV, by name and by wildcard, inside the folder."""
    test = {"vars": {"q": "x"}, "assert": [{"type": "equals", "value": "y"}]}
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.yaml").write_text(json.dumps([test]))
    (tmp_path / "more" / "b.yaml").write_text(json.dumps([test]))
    (tmp_path / "c.json").write_text(json.dumps([test]))
    write_jsonl(tmp_path / "d.jsonl", [test])
    (tmp_path / "e.csv").write_text("q,__expected\nx,y\n")
    names = ["file://more/*.yaml", "file://c.json", "file://d.jsonl", "file://e.csv", test]
    found = read(tmp_path, tests=names)
    assert [Path(case.source.path).name for case in found.cases if case.source] == [
        "a.yaml",
        "b.yaml",
        "c.json",
        "d.jsonl",
        "e.csv",
        "promptfooconfig.yaml",
    ]
    assert all(case.checks == (Check("exact", STRICT),) for case in found.cases)


@pytest.mark.parametrize(
    "name", ["file://../out.yaml", "file:///etc/passwd.yaml", "file://../*.yaml"]
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    """A file that somebody sent cannot read others."""
    (tmp_path / "out.yaml").write_text("[]")
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="lies outside the folder"):
        read(tmp_path / "in", tests=name)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """Nor through a symbolic link."""
    (tmp_path / "out.yaml").write_text("[]")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    with pytest.raises(DataError, match="lies outside the folder"):
        read(tmp_path / "in", tests="file://link.yaml")


def test_tests_that_a_script_makes_are_told(tmp_path: Path) -> None:
    """Suffice runs nothing."""
    found = read(tmp_path, tests=["file://make.py:tests", {"vars": {"q": "x"}}])
    assert "tests of 'file://make.py:tests' are not taken over" in found.warnings[0]


def test_variables_may_be_files(tmp_path: Path) -> None:
    """Texts as they are."""
    (tmp_path / "long.txt").write_text("a long text")
    assert (
        read(tmp_path, tests=[{"vars": {"q": "file://long.txt"}}]).cases[0].question.text
        == "a long text"
    )


def test_metadata_become_tags(tmp_path: Path) -> None:
    """So that results can be grouped by them."""
    test = {"vars": {"q": "x"}, "metadata": {"area": "login", "team": ["a", "b"]}}
    assert read(tmp_path, tests=[test]).cases[0].tags == ("area:login", "team:a", "team:b")


@pytest.mark.parametrize(
    ("cell", "check"),
    [
        ("Paris", Check("exact", STRICT)),
        ("equals: Paris", Check("exact", STRICT)),
        ("Note: Paris", Check("exact", STRICT)),
        ("contains:Paris", Check("contains", {"all_of": ["Paris"], "ignore_case": False})),
        ("contains-any: a,b", Check("contains", {"any_of": ["a", "b"], "ignore_case": False})),
        ("not-regex: x:y", Check("regex", {"pattern": "x:y", "negate": True})),
        ("similar(0.8): Paris", Check("similarity", {"threshold": 0.8})),
        ("grade: is kind", Check("judge", {"rubric": "is kind", "scale": "binary"})),
        ("is-json", Check("json-schema")),
    ],
)
def test_cells_of_a_table_are_asserts(tmp_path: Path, cell: str, check: Check) -> None:
    """`type: value`, or an answer that must be equal."""
    path = tmp_path / "tests.csv"
    path.write_text(f'question,__expected,__description,__metadata:area\nWhy?,"{cell}",named,x\n')
    assert cases.recognised(path) == "promptfoo"
    case = create().read(path).cases[0]
    assert (case.id, case.checks, case.tags) == ("named", (check,), ("area:x",))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "a promptfoo configuration without `tests`"),
        ({"tests": ["file://none.yaml"]}, "file://none.yaml names no file"),
        ({"tests": [3]}, "a test must be a mapping or file://..., not 3"),
        ({"tests": [{"vars": {"q": "x"}, "assert": "equals"}]}, "`assert` must be a list"),
        (
            {"tests": [{"vars": {"q": "x"}, "assert": [{"value": 1}]}]},
            "an assertion must have a `type`",
        ),
        ({"tests": [{"vars": ["x"]}]}, "`vars` must be a mapping"),
        (
            {"tests": [{"vars": {"q": "x"}, "assert": [{"type": "cost", "threshold": "a"}]}]},
            "a number",
        ),
        ({"prompts": [3], "tests": [{}]}, "a prompt must be a text or file://..., not 3"),
        (
            {"prompts": [], "tests": [{"vars": {"a": "x", "b": "y"}}]},
            "which of a, b is the question?",
        ),
    ],
    ids=str,
)
def test_a_bad_configuration_is_refused_with_its_file(
    tmp_path: Path, keys: Json, words: str
) -> None:
    """Each message names the file and what to mend."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, **keys)
    assert "promptfooconfig.yaml" in str(caught.value)
    assert words in str(caught.value)
