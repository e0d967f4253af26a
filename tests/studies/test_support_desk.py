"""The bundled study holds together, leaks nothing, and tells the story that its README tells."""

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import suffice
from suffice.evaluate.grade import grade
from suffice.evaluate.split import split
from suffice.records import Aspect, Case, Example, Question, Trial
from suffice.rungs.chat import ChatSystem
from suffice.study import Study

FOLDER = Path(suffice.__file__).parent / "studies" / "support_desk"
ROOT = Path(__file__).parents[2]


@cache
def study() -> Study:
    return Study.load(FOLDER)


def cases() -> tuple[Case, ...]:
    return study().cases.cases


def test_the_files_are_what_the_generator_writes() -> None:
    """Nobody has changed a case without its document, or the text without running the generator."""
    generator = ROOT / "examples" / "generate_support_desk.py"
    ran = subprocess.run(
        [sys.executable, str(generator), "--check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_its_size_is_what_its_readme_says() -> None:
    """263 cases on 63 pages, 28 of them without an answer, 62 worked examples."""
    told = (FOLDER.parent / "README.md").read_text("utf-8")
    unanswerable = sum(not case.answerable for case in cases())
    clusters = {case.cluster for case in cases()}
    assert f"{len(cases())} questions on {len(clusters)} pages; {unanswerable} have" in told
    assert f"{len(study().examples)} questions on 16 other pages" in told
    assert 0.08 <= unanswerable / len(cases()) <= 0.14


def test_enough_documents_are_held_out_for_every_interval() -> None:
    """40 clusters or more are held out, whatever the seed of the split."""
    for seed in range(3):
        parted = split(cases(), dev_share=0.3, seed=seed)
        assert len({case.cluster for case in parted.held_out}) >= 40


def test_every_answer_stands_in_its_gold_document() -> None:
    """The world's evidence is a sentence of the page that the case names."""
    facts = {fact.id: fact for fact in study().model.world.facts}  # type: ignore[attr-defined]
    for case in cases():
        if case.answerable:
            page = (FOLDER / "documents" / case.gold[0]).read_text("utf-8")
            assert facts[case.id].sentences[0] in page
            assert facts[case.id].document == case.gold[0]


def test_expected_answers_and_examples_are_valid() -> None:
    """Every good answer and every worked reply keeps to the schema."""
    validator = Draft202012Validator(study().schema or {})
    for case in cases():
        for expected in case.expected:
            validator.validate(expected)
    for example in study().examples:
        validator.validate(json.loads(example.reply))


def test_nothing_leaks() -> None:
    """Examples come from other pages, and no question is nearly another's."""
    assert not {case.cluster for case in cases()} & {each.cluster for each in study().examples}
    assert not study().leaks


def test_no_two_cases_ask_the_same() -> None:
    """Cases are not variations on a template: their openings differ."""
    texts = [case.messages[-1].content for case in cases()]
    assert len(set(texts)) == len(texts)
    openings = [" ".join(re.findall(r"\w+", text.lower())[:4]) for text in texts]
    assert max(openings.count(each) for each in set(openings)) <= 5


@cache
def standing(manner: str) -> dict[Aspect, float]:
    """Mean content and format of all cases: the prompt, with 8 examples, or with the schema."""

    def examples(_: Question) -> tuple[Example, ...]:
        return study().examples[:8] if manner == "fewshot" else ()

    system = ChatSystem(
        rung=manner,
        model=study().model,
        prompt=study().prompt,
        temperature=0.0,
        max_tokens=512,
        constrained=manner == "schema",
        shown=examples,
    )
    trials = [
        Trial(case.id, manner, 0, system.model.ask([system.prepare(case.question)])[0])
        for case in cases()
    ]
    graded = [grade(trial, case) for trial, case in zip(trials, cases(), strict=True)]
    found: dict[Aspect, float] = {}
    for aspect in (Aspect.CONTENT, Aspect.FORMAT):
        values = [value for trial in graded if (value := trial.value(aspect)) is not None]
        found[aspect] = sum(values) / len(values)
    return found


@pytest.mark.parametrize("manner", ["prompt", "fewshot"])
def test_only_the_schema_meets_the_format(manner: str) -> None:
    """Prompt and examples miss the bar for format, examples by less; the schema meets it."""
    bar = study().settings.bar.format or 0.0
    assert standing(manner)[Aspect.FORMAT] < bar - 0.05
    assert standing("prompt")[Aspect.FORMAT] < standing("fewshot")[Aspect.FORMAT] - 0.1
    assert standing("schema")[Aspect.FORMAT] == 1.0


@pytest.mark.parametrize("manner", ["prompt", "fewshot", "schema"])
def test_no_rung_without_retrieval_meets_content(manner: str) -> None:
    """What the model does not know keeps every one of them below the bar."""
    assert standing(manner)[Aspect.CONTENT] < (study().settings.bar.correct or 0.0) - 0.04
