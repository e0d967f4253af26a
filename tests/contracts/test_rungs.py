"""What every rung must do, whoever wrote it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from suffice import plugins
from suffice.errors import UsageError
from suffice.evaluate.workshop import DevWorkshop
from suffice.ports import Rung
from suffice.records import Case, Example, Passage, Request
from tests.rungs.workshops import (
    always,
    ask_for,
    knowing,
    open_workshop,
    question_of,
    scripted,
    shots_of,
    some_cases,
    some_examples,
    some_passages,
)
from tests.servers.scripted import ScriptedModel

RUNGS = plugins.names("rung")


@dataclass(frozen=True)
class Material:
    """What a rung can be built from. `needs` makes the rung's choice take more than the plainest
    system; `lacking` is material that it must refuse, None where it takes anything."""

    dev: Sequence[Case]
    examples: Sequence[Example] = ()
    passages: Sequence[Passage] = ()
    candidates: Sequence[str] = ()
    needs: Callable[[Request], bool] = always
    lacking: "Material | None" = None

    def model(self) -> ScriptedModel:
        return scripted(knowing(self.dev, self.needs))


MATERIALS = {
    "prompt": Material(some_cases(20, schema=True)),
    "fewshot": Material(
        some_cases(20),
        some_examples(10),
        needs=lambda request: len(shots_of(request)) > 2,
        lacking=Material([]),
    ),
    "retrieve": Material(
        some_cases(20),
        passages=some_passages(some_cases(20)),
        needs=lambda request: bool(request.passages),
        lacking=Material(some_cases(20)),
    ),
    "tune": Material(
        some_cases(20),
        some_examples(30),
        candidates=["planted:support-desk"],
        lacking=Material(some_cases(20), some_examples(10), candidates=["planted:support-desk"]),
    ),
    "hybrid": Material(
        some_cases(20),
        some_examples(30),
        passages=some_passages(some_cases(20)),
        candidates=["planted:support-desk"],
        lacking=Material(some_cases(20), some_examples(30), candidates=["planted:support-desk"]),
    ),
    "schema": Material(
        some_cases(20, schema=True),
        needs=lambda request: request.schema is not None,
        lacking=Material(some_cases(20)),
    ),
}


@contextmanager
def opened(
    folder: Path, material: Material, model: ScriptedModel | None = None
) -> Iterator[DevWorkshop]:
    asked = model or material.model()
    with open_workshop(
        folder,
        asked,
        material.dev,
        material.examples,
        material.passages,
        candidates=material.candidates,
    ) as workshop:
        yield workshop


def material_of(name: str) -> Material:
    assert name in MATERIALS, (
        f"the rung {name!r} has no material: add what it is built from to {__name__}.MATERIALS"
    )
    return MATERIALS[name]


def rung_of(name: str) -> Rung:
    made: Rung = plugins.load("rung", name)()
    return made


@pytest.mark.parametrize("name", RUNGS)
class TestRung:
    def test_lists_itself_in_one_line(self, name: str) -> None:
        """`suffice list` shows a sentence about it."""
        summary = next(each.summary for each in plugins.plugins("rung") if each.name == name)
        assert 20 < len(summary) < 120

    def test_builds_a_system_that_says_what_it_is(self, name: str, tmp_path: Path) -> None:
        """Under the rung's own name, on the study's model or a tuned one, with what was chosen in
        words."""
        material = material_of(name)
        model = material.model()
        with opened(tmp_path, material, model) as workshop:
            system = rung_of(name).build(workshop)
        assert system.rung == name
        assert (system.model is model) == (not material.candidates)
        assert 0 < len(system.built) < 100

    def test_asks_about_dev_cases_only(self, name: str, tmp_path: Path) -> None:
        """Nothing but a dev question is ever put to the model while it is built."""
        material = material_of(name)
        model = material.model()
        with opened(tmp_path, material, model) as workshop:
            rung_of(name).build(workshop)
        dev = {case.messages[-1].content for case in material.dev}
        assert {question_of(request) for request in model.asked} <= dev

    def test_is_built_the_same_twice_and_paid_for_once(self, name: str, tmp_path: Path) -> None:
        """A run that goes on makes the same choice out of the journal."""
        material = material_of(name)
        model = material.model()
        with opened(tmp_path, material, model) as workshop:
            first = rung_of(name).build(workshop)
            paid = len(model.asked)
            again = rung_of(name).build(workshop)
        question = ask_for("Is it red?", schema=True)
        assert len(model.asked) == paid
        assert (again.built, again.prepare(question)) == (first.built, first.prepare(question))

    def test_prepares_a_request_as_the_study_has_it(self, name: str, tmp_path: Path) -> None:
        """The question stands last, the settings are kept, and preparing has no memory."""
        material = material_of(name)
        with opened(tmp_path, material) as workshop:
            system = rung_of(name).build(workshop)
        request = system.prepare(ask_for("Is it red?"))
        assert question_of(request) == "Is it red?"
        assert (request.temperature, request.max_tokens) == (0.3, 64)
        system.prepare(ask_for("Is it blue?"))
        assert system.prepare(ask_for("Is it red?")) == request

    def test_does_not_know_a_case_by_its_id(self, name: str, tmp_path: Path) -> None:
        """A held-out question gets the same request whatever its case is called."""
        material = material_of(name)
        with opened(tmp_path, material) as workshop:
            system = rung_of(name).build(workshop)
        one, other = (ask_for("Is it red?", case=case) for case in ("held-out-1", "held-out-2"))
        assert system.prepare(one) == system.prepare(other)

    def test_says_what_is_missing(self, name: str, tmp_path: Path) -> None:
        """Where the study lacks what it needs, the error names the rung and where to mend it."""
        lacking = material_of(name).lacking
        if lacking is None:
            return
        with (
            opened(tmp_path, lacking) as workshop,
            pytest.raises(UsageError, match=rf"^{name} needs .*suffice\.yaml"),
        ):
            rung_of(name).build(workshop)


def test_every_material_has_its_rung() -> None:
    """Material that no rung uses is of a rung that got lost."""
    assert set(MATERIALS) <= set(RUNGS)
