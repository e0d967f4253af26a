"""Drafting with a model that says what it is told: what is asked, what survives, what it costs."""

import json
from pathlib import Path
from typing import Any

import pytest

from suffice.drafting import Drafting, passages_of, questions_a_passage
from suffice.errors import DataError
from suffice.evaluate.drafts import Draft
from suffice.evaluate.journal import Journal
from suffice.ports import Library, Price
from suffice.records import Passage, Request
from suffice.retrieve.records import Skipped
from suffice.settings import Settings
from suffice.study import Study
from suffice.winner import asker_of
from tests.servers.scripted import ScriptedModel

PASSAGES = [
    Passage(
        f"hall-{n}", f"hall-{n}.md", f"Hall {n} stands in Bern. A visit to it costs {n}7 euros."
    )
    for n in range(1, 13)
]


def number(request: Request) -> str:
    return request.passages[0].id.removeprefix("hall-")


def good(request: Request) -> str:
    """A sound question of the passage, and the right answer to it."""
    which = number(request)
    if request.schema is None:
        return f"It costs {which}7 euros."
    question = f"What does a visit to hall {which} cost?"
    return json.dumps({"drafts": [{"question": question, "answer": f"{which}7 euros"}]})


def drafting(folder: Path, model: ScriptedModel, **keys: Any) -> tuple[Drafting, Journal]:
    journal = Journal(folder / "journal.db")
    study = Study(Settings(model="nano", cases="cases.jsonl"), folder)
    return Drafting(model, asker_of(study, journal), **keys), journal


def drafts(folder: Path, model: ScriptedModel, count: int = 5, **keys: Any) -> Any:
    made, journal = drafting(folder, model)
    with journal:
        return made.draft(PASSAGES, count, **keys)


def test_sound_drafts_carry_their_document_and_passage(tmp_path: Path) -> None:
    """As many as are wanted, from the first passages on."""
    done = drafts(tmp_path, ScriptedModel(good))
    assert [each.document for each in done.drafts] == [f"hall-{n}.md" for n in range(1, 6)]
    assert done.drafts[0].passage == PASSAGES[0].text
    assert done.drafts[0].expected == "17 euros"
    assert not done.faults


def test_what_is_unsound_is_thrown_away_and_counted(tmp_path: Path) -> None:
    """The next passages stand in for it."""

    def reply(request: Request) -> str:
        if request.schema is None:
            return good(request)
        answer = "nobody knows" if int(number(request)) % 2 else f"{number(request)}7 euros"
        question = f"What does a visit to hall {number(request)} cost?"
        return json.dumps({"drafts": [{"question": question, "answer": answer}]})

    done = drafts(tmp_path, ScriptedModel(reply))
    assert [each.document for each in done.drafts] == [f"hall-{n}.md" for n in (2, 4, 6, 8, 10)]
    assert done.faults == {"the answer does not stand in the passage": 6}


def test_a_draft_that_its_own_model_answers_otherwise_goes(tmp_path: Path) -> None:
    """What it cannot answer with the passage before it is no sound question."""

    def reply(request: Request) -> str:
        return "in Bern" if request.schema is None and number(request) == "1" else good(request)

    done = drafts(tmp_path, ScriptedModel(reply))
    assert "hall-1.md" not in [each.document for each in done.drafts]
    assert done.faults == {"asked back, the answer was another": 1}


def test_what_is_asked_already_goes(tmp_path: Path) -> None:
    """By the cases, or by a draft before it."""

    def reply(request: Request) -> str:
        text = good(request)
        return text.replace("hall 2", "hall 3") if number(request) == "2" else text

    done = drafts(tmp_path, ScriptedModel(reply), known=["what does a visit to hall 1 cost"])
    assert done.faults["asked already"] >= 1
    assert "hall-1.md" not in [each.document for each in done.drafts]


@pytest.mark.parametrize("text", ["no JSON at all", "[]", '{"drafts": [{"question": 1}]}', "{}"])
def test_what_is_no_json_is_counted(text: str, tmp_path: Path) -> None:
    """Nothing is made of it."""
    done = drafts(tmp_path, ScriptedModel(lambda _: text))
    assert not done.drafts
    assert done.faults == {"no JSON with questions and answers": 12}


def test_a_second_time_nothing_is_asked(tmp_path: Path) -> None:
    """The journal knows every answer, and the drafts are the same."""
    first = drafts(tmp_path, ScriptedModel(good))
    again = ScriptedModel(good)
    assert drafts(tmp_path, again).drafts == first.drafts
    assert not again.asked


def test_it_tells_after_each_round(tmp_path: Path) -> None:
    """So that a kill loses no round that was finished."""
    told: list[int] = []

    def keep(found: list[Draft]) -> None:
        told.append(len(found))

    drafts(tmp_path, ScriptedModel(good), count=10, told=keep)
    assert told == [10]


def test_the_forecast_is_no_less_than_what_is_asked(tmp_path: Path) -> None:
    """Calls and dollars; of a second time it says that all is known."""
    model = ScriptedModel(good, price=Price(1.0, 1.0))
    made, journal = drafting(tmp_path, model)
    with journal:
        foreseen = made.forecast(PASSAGES)
        made.draft(PASSAGES, 12)
    spent = (
        sum(model.price.usd(each.usage) for each in model.ask(model.asked)) if model.price else 0
    )
    assert foreseen.calls == 24
    assert foreseen.usd is not None
    assert foreseen.usd >= spent > 0


def test_few_passages_are_asked_for_more(tmp_path: Path) -> None:
    """Up to four each: cases of one document count as one."""
    assert questions_a_passage(60, PASSAGES * 10) == 1
    assert questions_a_passage(12, PASSAGES) == 2
    assert questions_a_passage(600, PASSAGES) == 4
    model = ScriptedModel(good)
    made, journal = drafting(tmp_path, model, each=3)
    with journal:
        made.draft(PASSAGES[:2], 1)
    assert "3 different questions" in model.asked[0].messages[0].content


class TestPassages:
    def test_every_document_comes_before_a_second_passage_of_any(self, tmp_path: Path) -> None:
        """So that the cases come from many places."""
        for name in "abc":
            text = "".join(
                f"## Part {n}\n\n"
                + f"Sentence {name}{n} tells of the tariff in zone {n}. " * 25
                + "\n\n"
                for n in range(4)
            )
            (tmp_path / f"{name}.md").write_text(text)
        (tmp_path / "short.md").write_text("Too short to ask.")
        (tmp_path / "broken.pdf").write_bytes(b"no pdf")
        library = Library(tmp_path, path=tmp_path)
        found, skipped = passages_of(library, lambda text: len(text.split()), seed=1)
        assert {each.document for each in found[:3]} == {"a.md", "b.md", "c.md"}
        assert len(found) > 6
        assert [each.path for each in skipped if isinstance(each, Skipped)] == ["broken.pdf"]

    def test_documents_without_text_are_told(self, tmp_path: Path) -> None:
        """There is nothing to ask about."""
        (tmp_path / "short.md").write_text("Too short to ask.")
        with pytest.raises(DataError, match="enough text"):
            passages_of(Library(tmp_path, path=tmp_path), lambda text: len(text.split()), seed=1)
