"""Passages in the prompt: how they are found is chosen by what is found; how many, by answers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from suffice.errors import UsageError
from suffice.ports import Library
from suffice.records import Case, Message, Passage, Question, Request
from suffice.rungs.retrieve import RetrieveRung, RetrieveSystem
from tests.rungs.workshops import (
    a_library,
    ask_for,
    knowing,
    open_workshop,
    scripted,
    some_cases,
    some_passages,
)

CASES = some_cases(12)
GOLDEN = tuple(replace(case, gold=(f"doc-{case.id}",)) for case in CASES)


def shows_the_answer(request: Request) -> bool:
    """Whether any passage holds what the scripted model is about to say."""
    asked = request.messages[-1].content.rpartition("\n\n")[2]
    return any(asked in passage.text for passage in request.passages)


def built(
    folder: Path,
    cases: tuple[Case, ...] = GOLDEN,
    passages: tuple[Passage, ...] | None = None,
    needs: Callable[[Request], bool] = shows_the_answer,
    change: Callable[[Library], Library] = lambda library: library,
) -> RetrieveSystem:
    texts = some_passages(cases) if passages is None else passages
    with open_workshop(folder, scripted(knowing(cases, needs)), cases) as workshop:
        ready = replace(workshop, library=change(a_library(folder, texts)))
        return RetrieveRung().build(ready)


class TestRetrieve:
    def test_a_question_gets_the_passage_that_answers_it(self, tmp_path: Path) -> None:
        """Numbered, before the question, and in the request for whoever checks citations."""
        request = built(tmp_path).prepare(ask_for(CASES[7].question.text))
        assert f"doc-{CASES[7].id}" in {each.document for each in request.passages}
        first = request.passages[0]
        assert f"[1] {first.document}\n{first.text}" in request.messages[-1].content
        assert "The documents do not say" in request.messages[0].content

    def test_no_passage_is_shown_that_does_not_fit(self, tmp_path: Path) -> None:
        """The study's limit on tokens holds for all passages together."""
        system = built(tmp_path, change=lambda each: replace(each, most_tokens=60))
        passages = system.prepare(ask_for(CASES[3].question.text)).passages
        assert 0 < sum(len(each.text.split()) + 16 for each in passages) <= 60

    def test_the_models_window_leaves_room_for_the_answer(self, tmp_path: Path) -> None:
        """Passages are what gives way."""
        model = scripted(knowing(GOLDEN, lambda _: True))
        model.window = 250
        with open_workshop(tmp_path, model, GOLDEN, passages=some_passages(GOLDEN)) as workshop:
            system = RetrieveRung().build(workshop)
        request = system.prepare(ask_for(CASES[3].question.text))
        said = " ".join(message.content for message in request.messages)
        assert request.passages
        assert len(said.split()) + request.max_tokens <= 250

    def test_as_few_passages_as_do_are_shown(self, tmp_path: Path) -> None:
        """Of equals the first is taken; a model that reads only short prompts gets fewer."""
        short = built(tmp_path / "short", needs=lambda request: len(request.passages) <= 10)
        assert len(short.prepare(ask_for(CASES[3].question.text)).passages) <= 10

    def test_keys_of_the_study_are_not_chosen_anew(self, tmp_path: Path) -> None:
        """What the study says stands."""
        system = built(tmp_path, change=lambda each: replace(each, mode="bm25", k=2))
        assert system.built.startswith("bm25, k=2, chunks of 64")

    def test_misses_are_told_apart(self, tmp_path: Path) -> None:
        """A gold document that is not there is named."""
        cases = (replace(GOLDEN[0], gold=("lost",)), *GOLDEN[1:])
        notes = " ".join(built(tmp_path, cases).notes)
        assert "shown for 11 of 12 questions; of the rest: 1 gold not indexed" in notes
        assert "1 gold id of dev cases name no document: lost" in notes

    def test_without_gold_the_expected_answer_is_looked_for(self, tmp_path: Path) -> None:
        """A passage that says it counts as found."""
        assert "shown for 12 of 12 questions" in " ".join(built(tmp_path, CASES).notes)

    def test_a_changed_document_is_found_as_it_is_now(self, tmp_path: Path) -> None:
        """And one that was taken away is found no more."""
        built(tmp_path)
        first, *others = some_passages(GOLDEN)
        changed = (replace(first, text=f"{CASES[0].question.text} It is otherwise."), *others[:-1])
        system = built(tmp_path, passages=changed)
        shown = system.prepare(ask_for(CASES[0].question.text)).passages
        assert "otherwise" in shown[0].text
        assert f"doc-{CASES[11].id}" not in system.index.store.documents()

    def test_a_follow_up_is_searched_for_with_what_came_before(self, tmp_path: Path) -> None:
        """`And the lamp?` alone says little."""
        turns = (
            Message("user", "What is the weight of the kettle?"),
            Message("assistant", "value 10"),
            Message("user", "And of the lamp?"),
        )
        request = built(tmp_path).prepare(Question("next", turns))
        assert any("weight of the lamp" in each.text for each in request.passages)

    def test_a_chat_model_may_not_rerank(self, tmp_path: Path) -> None:
        """Its calls would be paid for outside the budget."""
        with pytest.raises(UsageError, match="outside the budget"):
            built(tmp_path, change=lambda each: replace(each, reranker="chat:openai:m"))
