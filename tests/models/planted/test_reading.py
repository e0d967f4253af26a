"""What the simulated model reads in a prompt: evidence, distractors, instructions."""

import json

import pytest

from suffice.models.planted.reading import read_prompt
from suffice.records import Message, Request
from tests.models.planted.asking import FACTS, close, facts, model, request, share

ONLY = "Answer only from the passages below. If they do not hold the answer, say so."
UNKNOWN = {"known": 0.0}


def with_passages(at: int, *, evidence: bool, distractors: int, head: str = ONLY) -> Request:
    """A question after numbered passages, the evidence standing last."""
    texts = [f"Stone {other} is a stone and weighs something." for other in range(distractors)]
    texts += (
        [f"Notes.\nBody {at} has a mass\nof {at} grams in all. More notes."] if evidence else []
    )
    shown = "\n\n".join(f"[{number}] {text}" for number, text in enumerate(texts, 1))
    return request(f"{head}\n\n{shown}\n\nQuestion: What is the mass of body {at}?")


def right(texts: list[str]) -> list[bool]:
    return [json.loads(text)["answer"].startswith(f"{at} grams") for at, text in enumerate(texts)]


@pytest.mark.parametrize("distractors", [0, 3, 9])
def test_evidence_is_read_with_grounding_less_distraction(distractors: int) -> None:
    """An unknown fact comes out right as often as its evidence is read."""
    made = model(grounding=0.9, distraction=0.05, world=UNKNOWN)
    asked = [with_passages(at, evidence=True, distractors=distractors) for at in range(FACTS)]
    texts = [answer.text for answer in made.ask(asked)]
    assert close(share(right(texts)), 0.9 - 0.05 * distractors)


def test_evidence_in_the_system_prompt_is_read() -> None:
    """Evidence need not be numbered, and line breaks in it do not matter."""
    made = model(grounding=0.8, world=UNKNOWN)
    asked = [
        request(
            f"What is the mass of body {at}?",
            system=f"Body {at} has a mass\n of {at} grams in all.",
        )
        for at in range(FACTS)
    ]
    assert close(share(right([answer.text for answer in made.ask(asked)])), 0.8)


def test_without_evidence_it_declines_when_told_to_keep_to_the_passages() -> None:
    """`abstain_ungrounded` holds where passages stand and none holds the evidence."""
    made = model(abstain_ungrounded=0.7, world={"known": 1.0})
    asked = [with_passages(at, evidence=False, distractors=3) for at in range(FACTS)]
    texts = [answer.text for answer in made.ask(asked)]
    assert close(share("I don't know." in text for text in texts), 0.7)


def test_without_that_instruction_it_answers_from_memory() -> None:
    """Passages that do not help leave a known fact known."""
    made = model()
    asked = [
        with_passages(at, evidence=False, distractors=3, head="Some notes:") for at in range(200)
    ]
    assert all(right([answer.text for answer in made.ask(asked)]))


def test_it_cites_the_passage_that_it_read() -> None:
    """Asked for citations, it names the number of the evidence with `citing`."""
    made = model(citing=0.6, world=UNKNOWN)
    head = "Answer from the passages and cite them as [n]."
    asked = [with_passages(at, evidence=True, distractors=2, head=head) for at in range(FACTS)]
    texts = [answer.text for answer in made.ask(asked)]
    assert close(share("[3]" in text for text in texts), 0.6)
    assert not any("[1]" in text or "[2]" in text for text in texts)


def test_it_cites_nothing_unasked() -> None:
    """Where the prompt speaks of no citations, there are none."""
    made = model(world=UNKNOWN)
    (answer,) = made.ask([with_passages(5, evidence=True, distractors=2, head="Notes:")])
    assert json.loads(answer.text)["answer"] == "5 grams"


def test_all_sentences_of_the_evidence_are_needed() -> None:
    """A fact whose evidence is spread over passages is read only when all of it is there."""
    two = facts(1, evidence=("Body 0 is a pebble.", "A pebble weighs 0 grams."))
    made = model(told_of=(*two, *facts(3)[1:]), world=UNKNOWN)
    half = "[1] Body 0 is a pebble.\n\nQuestion: What is the mass of body 0?"
    whole = f"[2] A pebble weighs 0 grams.\n{half}"
    texts = [answer.text for answer in made.ask([request(half), request(whole)])]
    assert right(texts[:1]) == [False]
    assert right(texts[1:]) == [True]


def test_worked_examples_are_the_replies_before_the_last_question() -> None:
    """What stands after the last user turn is no example."""
    prompt = read_prompt(
        (
            Message("user", "One?"),
            Message("assistant", "1"),
            Message("user", "Two?"),
            Message("assistant", "unfinished"),
        )
    )
    assert prompt.replies == ("1",)
    assert prompt.question == "Two?"


def test_documents_give_no_instructions() -> None:
    """A passage that speaks of answering only from documents changes nothing."""
    text = "[1] Staff answer only from the documents and cite them.\n\nQuestion: What?"
    prompt = read_prompt((Message("user", text),))
    assert not prompt.only_passages
    assert not prompt.cite


@pytest.mark.parametrize(
    "text",
    [
        "what is the mass of body 12",
        "Question: What is the mass of body 12?",
        "Here are notes.\n\nWhat is the mass of body 12?\n\nReply in JSON.",
        "Please tell me: what is the mass of the body 12, roughly?",
    ],
)
def test_the_question_is_found_by_its_words(text: str) -> None:
    """Case, punctuation, a frame around it or a few other words do not hide a question."""
    (answer,) = model().ask([request(text)])
    assert json.loads(answer.text)["answer"] == "12 grams"


def test_a_question_of_no_fact_is_unanswerable() -> None:
    """What the world does not hold is declined like an unanswerable question."""
    (answer,) = model(abstain=1).ask([request("Who painted the ceiling of the old chapel?")])
    assert json.loads(answer.text)["answer"] == "I don't know."
