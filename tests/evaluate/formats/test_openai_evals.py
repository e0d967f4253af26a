"""OpenAI Evals: items, output items and samples, and the graders that stood beside them."""

import json
from pathlib import Path

import pytest

from suffice import plugins
from suffice.errors import DataError
from suffice.evaluate import cases
from suffice.evaluate.formats.openai_evals import create
from suffice.ports import Cases
from suffice.records import Case, Check, Json
from tests.evaluate.formats.samples import evals, write_jsonl

ITEM = {"question": "Where is Paris?", "answer": "France"}
STRICT = {"ignore_case": False, "ignore_punctuation": False, "ignore_articles": False}


def read(folder: Path, *graders: Json, item: Json = ITEM, **beside: Json) -> Cases:
    graders_object = {"object": "eval", "id": "e", "testing_criteria": list(graders)}
    (folder / "eval.json").write_text(json.dumps(graders_object))
    for name, value in beside.items():
        (folder / f"{name}.json").write_text(json.dumps(value))
    return create().read(write_jsonl(folder / "items.jsonl", [{"item": item}]))


def string_check(operation: str, reference: str = "{{item.answer}}", **more: Json) -> Json:
    checked = {"type": "string_check", "name": "g", "input": "{{ sample.output_text }}"}
    return checked | {"operation": operation, "reference": reference} | more


def graded(folder: Path, grader: Json) -> tuple[Case, tuple[str, ...]]:
    found = read(folder, grader)
    return found.cases[0], found.warnings


@pytest.mark.parametrize(
    ("operation", "check"),
    [
        ("eq", Check("exact", STRICT)),
        ("ne", Check("regex", {"pattern": r"\A\s*France\s*\Z", "negate": True})),
        ("like", Check("contains", {"all_of": ["France"], "ignore_case": False})),
        ("ilike", Check("contains", {"all_of": ["France"], "ignore_case": True})),
    ],
)
def test_string_checks_become_checks(tmp_path: Path, operation: str, check: Check) -> None:
    """With the reference filled in from the item."""
    case, warnings = graded(tmp_path, string_check(operation))
    assert case.checks == (check,)
    assert case.expected == (("France",) if operation == "eq" else ())
    assert warnings == ()


JUDGE = [
    {"role": "developer", "content": "Grade the answer to {{item.question}}."},
    {"role": "user", "content": [{"type": "input_text", "text": "Answer: {{sample.output_text}}"}]},
]


def test_a_label_model_becomes_a_judge(tmp_path: Path) -> None:
    """Its messages are the rubric, its passing labels the condition."""
    grader = {"type": "label_model", "name": "tone", "input": JUDGE}
    case, _ = graded(tmp_path, grader | {"labels": ["good", "bad"], "passing_labels": ["good"]})
    rubric = case.checks[0].options["rubric"]
    assert case.checks[0].metric == "judge"
    assert rubric.startswith("Grade the answer to Where is Paris?.\n\nAnswer: (the answer)")
    assert rubric.endswith("one of: good, bad. It passes if its label is good.")


@pytest.mark.parametrize(
    ("span", "threshold", "passing"),
    [(None, 0.5, 3), ([0, 10], 7, 4), ([1, 5], 4, 4), ([0, 1], 1, 5), ([0, 1], None, None)],
)
def test_a_score_model_becomes_a_judge_from_1_to_5(
    tmp_path: Path, span: Json, threshold: Json, passing: int | None
) -> None:
    """What passed there passes here: the threshold is rounded up."""
    grader = {"type": "score_model", "name": "s", "input": JUDGE}
    case, warnings = graded(tmp_path, grader | {"range": span, "pass_threshold": threshold})
    check = case.checks[0]
    assert (check.options["scale"], check.options.get("passing")) == ("1-5", passing)
    assert "is asked as 1 to 5 here" in warnings[0]
    assert plugins.load("metric", "judge")(**check.options)


@pytest.mark.parametrize(
    ("measure", "check"),
    [("cosine", Check("similarity", {"threshold": 0.8})), ("rouge_l", Check("f1"))],
)
def test_text_similarity_becomes_similarity_or_f1(
    tmp_path: Path, measure: str, check: Check
) -> None:
    """And that it is another measure is told."""
    grader: Json = {"type": "text_similarity", "name": "t", "input": "{{sample.output_text}}"}
    grader |= {"reference": "{{item.answer}}", "evaluation_metric": measure, "pass_threshold": 0.8}
    case, warnings = graded(tmp_path, grader)
    assert (case.checks, case.expected) == ((check,), ("France",))
    assert warnings


@pytest.mark.parametrize(
    ("grader", "words"),
    [
        (
            {"type": "python", "name": "p", "source": "1"},
            "`p` is not taken over: Suffice has no check",
        ),
        ({"type": "multi", "name": "m"}, "`m` is not taken over"),
        (string_check("eq", "{{item.nothing}}"), "its reference needs {{item.nothing}}"),
        (string_check("eq", input="{{item.question}}"), "not the model's answer as it is"),
        (string_check("gt"), "the operation 'gt' is not known"),
        ({"type": "label_model", "name": "l"}, "it lacks `labels` or `passing_labels`"),
    ],
    ids=str,
)
def test_what_has_no_counterpart_is_told_with_its_file(
    tmp_path: Path, grader: Json, words: str
) -> None:
    """Never dropped in silence."""
    case, warnings = graded(tmp_path, grader)
    assert case.checks == ()
    assert warnings[0].startswith(f"{tmp_path}/eval.json: ")
    assert words in warnings[0]


def test_the_runs_prompt_makes_the_question(tmp_path: Path) -> None:
    """Its template is filled from each item."""
    template = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": {"type": "input_text", "text": "Q: {{item.question}}"}},
    ]
    source = {"type": "completions", "input_messages": {"type": "template", "template": template}}
    found = read(tmp_path, string_check("eq"), run={"object": "eval.run", "data_source": source})
    assert [(m.role, m.content) for m in found.cases[0].messages] == [
        ("system", "Be brief."),
        ("user", "Q: Where is Paris?"),
    ]


def test_the_run_may_point_into_the_item(tmp_path: Path) -> None:
    """`item_reference` names a chat that the item holds."""
    source = {"input_messages": {"type": "item_reference", "item_reference": "item.chat"}}
    item = ITEM | {"chat": [{"role": "user", "content": "hello"}]}
    run = {"object": "eval.run", "data_source": source}
    assert read(tmp_path, item=item, run=run).cases[0].question.text == "hello"


def test_output_items_bring_their_own_question(tmp_path: Path) -> None:
    """What was sent then is asked now; what was answered is not expected."""
    row = {
        "object": "eval.run.output_item",
        "id": "o1",
        "datasource_item": {"answer": "France"},
        "sample": {
            "input": [{"role": "user", "content": "Where is Paris?"}],
            "output": [{"role": "assistant", "content": "Texas"}],
        },
    }
    evals(tmp_path)
    (tmp_path / "items.jsonl").unlink()
    for path in (
        write_jsonl(tmp_path / "out.jsonl", [row]),
        tmp_path / "page.json",
    ):
        if path.suffix == ".json":
            path.write_text(json.dumps({"object": "list", "data": [row]}))
        assert cases.recognised(path) == "openai-evals"
        case = create().read(path).cases[0]
        assert (case.id, case.question.text, case.expected) == (
            "o1",
            "Where is Paris?",
            ("France",),
        )


def test_the_folder_and_the_eval_object_lead_to_the_items(tmp_path: Path) -> None:
    """Whichever of them is named."""
    items = evals(tmp_path)
    expected = create().read(items).cases
    for path in (tmp_path, tmp_path / "eval.json"):
        assert cases.recognised(path) == "openai-evals"
        assert create().read(path).cases == expected


def test_older_samples_are_read(tmp_path: Path) -> None:
    """{"input", "ideal"}, as text or chat, with one ideal answer or several."""
    chat = [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}]
    rows = [{"input": chat, "ideal": "b"}, {"input": "a", "ideal": ["b", "c"]}]
    path = write_jsonl(tmp_path / "samples.jsonl", rows)
    assert cases.recognised(path) == "openai-evals"
    found = create().read(path)
    assert [case.expected for case in found.cases] == [("b",), ("b", "c")]
    assert [case.question.text for case in found.cases] == ["a", "a"]
    assert "do not say how they are graded" in found.warnings[0]


def test_items_without_an_eval_object_are_told(tmp_path: Path) -> None:
    """Without criteria there is nothing to check."""
    path = write_jsonl(tmp_path / "items.jsonl", [{"item": ITEM}])
    assert "no eval object beside these items" in create().read(path).warnings[0]
    with pytest.raises(DataError, match="nothing to check"):
        cases.load(path)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"a": "x", "b": "y"}, "items.jsonl:1: which of a, b is the question? Put the run's JSON"),
        ("text", 'items.jsonl:1: a row must be {"item": {...}}'),
    ],
)
def test_a_bad_item_is_refused_with_its_line(tmp_path: Path, item: Json, words: str) -> None:
    """A guess at the question would grade nonsense."""
    with pytest.raises(DataError) as caught:
        read(tmp_path, item=item)
    assert words in str(caught.value)


def test_two_eval_objects_are_a_question(tmp_path: Path) -> None:
    """No criteria are picked at random."""
    other = {"object": "eval", "testing_criteria": []}
    with pytest.raises(DataError, match="several eval objects"):
        read(tmp_path, string_check("eq"), other=other)
