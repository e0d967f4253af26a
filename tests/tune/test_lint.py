"""Each linter finds the fault that it is for, names its lines, and leaves clean data in peace."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from suffice.ports import ModelOptions
from suffice.records import Case, Example, Message, Source
from suffice.retrieve.embedders.static import create as static
from suffice.tune.findings import Finding, Material, Severity
from suffice.tune.lint import lint, refusal

LABELS = ("billing", "delivery", "returns", "account")
_THINGS = ("kettle", "lamp", "bicycle", "printer", "sofa", "phone", "tent", "camera", "guitar")
_COLOURS = ("red", "blue", "green", "black", "white", "yellow", "grey", "brown", "violet")
_TROUBLES = {
    "billing": ("was charged twice for", "never got an invoice for", "paid the wrong sum for"),
    "delivery": (
        "am still waiting for",
        "got the wrong parcel instead of",
        "missed the courier with",
    ),
    "returns": ("want to send back", "changed my mind about", "found a scratch on"),
    "account": ("cannot see online", "lost the page that shows", "forgot where I registered"),
}
_PLACES = ("Paris", "Oslo", "Lima", "Kyoto", "Turin", "Leeds", "Basel", "Ghent", "Porto", "Delft")


def clean(count: int = 600, seed: int = 0) -> list[Example]:
    """Complaints of different customers, each with its label in JSON."""
    rng = random.Random(seed)
    made: dict[str, Example] = {}
    while len(made) < count:
        label = rng.choice(LABELS)
        asked = (
            f"I {rng.choice(_TROUBLES[label])} my {rng.choice(_COLOURS)} {rng.choice(_THINGS)} "
            f"from {rng.choice(_PLACES)}, order {rng.randint(1000, 9999)}."
        )
        place = len(made)
        made.setdefault(
            asked,
            Example(
                f"e{place}",
                (Message("user", asked),),
                json.dumps({"label": label, "urgent": rng.random() < 0.5}),
                None,
                Source("e.jsonl", place + 1),
            ),
        )
    return list(made.values())


def found(examples: Sequence[Example], kind: str | None = None, **more: object) -> list[Finding]:
    every = lint(Material(examples, **more))  # type: ignore[arg-type]
    return [each for each in every if kind is None or each.kind == kind]


def lines(finding: Finding) -> set[int]:
    return {each.line or 0 for each in finding.where}


def with_reply(example: Example, reply: str) -> Example:
    return replace(example, reply=reply)


def with_question(example: Example, asked: str) -> Example:
    return replace(example, messages=(Message("user", asked),))


def test_clean_data_is_left_in_peace() -> None:
    """Not even a note."""
    assert found(clean()) == []


Change = Callable[[Example], Example]


def _say(reply: str) -> Change:
    return lambda example: with_reply(example, reply)


def _ask(more: str) -> Change:
    return lambda example: with_question(example, f"{example.messages[0].content} {more}")


@pytest.mark.parametrize(
    ("kind", "severity", "change"),
    [
        ("mixed formats", "warning", _say("label: billing")),
        ("mixed formats", "warning", _say('{"category": "billing"}')),
        ("mixed formats", "warning", _say('```json\n{"label": "billing", "urgent": true}\n```')),
        ("cut off", "warning", _say('{"label": "billing", "urg')),
        ("empty", "error", lambda example: with_question(example, "  ")),
        ("secret", "error", _ask("My key is sk-proj-abcdefghijklmnopqrstuvwx0123.")),
        ("secret", "error", _ask("password: hunter2hunter")),
        ("secret", "error", _ask("See postgres://me:letmein@db.internal/shop")),
        ("personal data", "warning", _ask("Write to jane.doe@mail-house.org.")),
        ("personal data", "warning", _ask("Call +44 20 7946 0958.")),
        ("personal data", "warning", _ask("My card is 4111 1111 1111 1111.")),
        ("personal data", "warning", _ask("Pay to DE89 3704 0044 0532 0130 00.")),
        ("template mismatch", "warning", lambda example: replace(
            example, messages=(Message("system", "Be rude."), *example.messages))),
        ("assistant's phrase", "warning", _say("As an AI language model, I have no label.")),
        ("tools", "warning", lambda example: replace(example, tools=("look_up",))),
        ("unreviewed", "warning", lambda example: replace(example, synthetic=True)),
    ],
)  # fmt: skip
def test_each_fault_is_found_where_it_is(kind: str, severity: str, change: Change) -> None:
    """And nothing else is said of those lines."""
    examples = clean()
    places = (17, 203, 588)
    for place in places:
        examples[place] = change(examples[place])
    [finding] = found(examples, kind)
    assert finding.severity == severity
    assert lines(finding) <= {place + 1 for place in places}
    assert lines(finding)
    assert finding.count == 3
    assert finding.why
    assert finding.mend
    assert f"e.jsonl:{min(lines(finding))}" in str(finding)


@pytest.mark.parametrize(
    "harmless",
    [
        "Order 4111 1111 1111 1112 came.",  # no card: its last digit is wrong
        "Write to help@example.org.",
        "The code DE00 3704 0044 0532 0130 00 is on it.",
        "It cost 1,234.50 on 2031-05-06 at 10:45.",
        "I forgot my password, please help.",
    ],
)
def test_what_only_looks_like_a_persons_is_left_in_peace(harmless: str) -> None:
    """Numbers that fail their own check, and addresses that are nobody's."""
    examples = clean()
    examples[5] = _ask(harmless)(examples[5])
    assert found(examples, "personal data") == []
    assert found(examples, "secret") == []


def test_tools_that_the_prompt_describes_are_in_place() -> None:
    """Each of them must be named there."""
    examples = [replace(each, tools=("look_up", "pay")) for each in clean()]
    kinds = [
        [each.kind for each in lint(Material(examples, prompt=prompt)) if each.kind == "tools"]
        for prompt in ("Call look_up or pay.", "Call look_up.")
    ]
    assert kinds == [[], ["tools"]]


def test_contradictions_are_refused_with_both_lines() -> None:
    """The same question, or one that is only written otherwise, with another answer."""
    examples = clean()
    again = "Hello, " + examples[10].messages[0].content.lower().replace(" my ", " my  ")
    examples[300] = with_question(
        with_reply(examples[300], '{"label": "x", "urgent": true}'), again
    )
    [finding] = found(examples, "contradiction")
    assert finding.severity is Severity.ERROR
    assert lines(finding) == {11, 301}
    assert "contradiction" in refusal([finding])
    assert refusal([finding], ["contradiction"]) == ""


def test_the_same_answer_written_otherwise_is_a_duplicate() -> None:
    """JSON with its keys in another order contradicts nothing."""
    examples = clean()
    value = json.loads(examples[10].reply)
    turned = json.dumps(dict(reversed(value.items())), indent=2)
    examples[300] = replace(examples[10], id="again", reply=turned, source=Source("e.jsonl", 301))
    assert found(examples, "contradiction") == []
    [finding] = found(examples, "duplicate")
    assert (lines(finding), finding.severity) == ({301}, Severity.NOTE)


def test_two_ways_of_putting_a_long_answer_are_no_contradiction() -> None:
    """Free text that says the same; one that says something else is one."""
    examples = clean()
    long = (
        "Thank you for writing to us about your order. We are sorry that it is late, and we have "
        "asked the courier to bring it tomorrow before noon, at no further cost to you."
    )
    other = (
        "Thank you for writing about your order. We are sorry it is late, and have asked the "
        "courier to bring it tomorrow before noon, at no further cost to you at all."
    )
    against = (
        "No refund can be given once thirty days have passed since the purchase, whatever the "
        "reason may be, because our suppliers do not take goods back after such a long time."
    )
    examples[3] = with_reply(examples[3], long)
    for reply, kinds in ((other, []), (against, [Severity.ERROR])):
        examples[400] = replace(examples[3], reply=reply, source=Source("e.jsonl", 401))
        assert [each.severity for each in found(examples, "contradiction")] == kinds


def test_many_repetitions_are_a_warning() -> None:
    """More than a twentieth of the data."""
    examples = clean()
    twice = examples + [replace(each, source=Source("e.jsonl", 900)) for each in examples[:60]]
    [finding] = found(twice, "duplicate")
    assert (finding.count, finding.severity) == (60, Severity.WARNING)


def test_held_out_questions_among_the_examples_are_refused() -> None:
    """Nearly the same is enough; the line is the example's."""
    examples = clean()
    asked = examples[42].messages[0].content
    cases = [Case("c1", (Message("user", f"Hi! {asked}"),), (examples[42].reply,))]
    [finding] = found(examples, "leak", held_out=cases)
    assert (finding.severity, lines(finding)) == (Severity.ERROR, {43})


def test_what_does_not_fit_the_window_is_refused() -> None:
    """Counted in the model's own tokens."""
    examples = clean()
    examples[7] = _ask("word " * 500)(examples[7])
    [finding] = found(examples, "too long", count_tokens=lambda text: len(text.split()), window=400)
    assert lines(finding) == {8}
    assert (
        found(examples, "too long", count_tokens=lambda text: len(text.split()), window=4000) == []
    )


def test_rare_labels_are_named() -> None:
    """And a label that is nearly all there is."""
    examples = [with_reply(each, json.loads(each.reply)["label"]) for each in clean()]
    assert found(examples, "label imbalance") == []
    examples[9] = with_reply(examples[9], "warranty")
    [finding] = found(examples, "label imbalance")
    assert "warranty" in finding.said
    assert lines(finding) == {10}
    mostly = [with_reply(each, "billing") if n % 7 else each for n, each in enumerate(examples)]
    assert "'billing'" in found(mostly, "label imbalance")[0].said


def test_facts_that_no_question_holds_are_retrievals() -> None:
    """Names and numbers that only one reply says; those of the question are none."""
    rng = random.Random(1)
    examples = clean()
    told = [
        with_reply(each, f"The {rng.choice(_THINGS)} costs {rng.randint(100, 999)}.75 euros.")
        if n % 2
        else each
        for n, each in enumerate(examples)
    ]
    [finding] = found(told, "facts")
    assert finding.count > 250
    copied = [with_reply(each, f"We heard: {each.messages[0].content}") for each in examples]
    assert found(copied, "facts") == []


@pytest.mark.parametrize(("count", "severity"), [(100, "warning"), (300, "note"), (500, None)])
def test_too_few_examples_are_told(count: int, severity: str | None) -> None:
    """By what is usual for a form or a style."""
    assert [each.severity for each in found(clean(count), "few examples")] == [severity][
        : bool(severity)
    ]


def test_examples_that_are_not_what_is_asked_are_told() -> None:
    """With the cases that are farthest from them; like ones pass."""
    embedder = static("", ModelOptions())
    like = [Case(f"c{n}", each.messages) for n, each in enumerate(clean(100, seed=9))]
    unlike = [
        Case(f"c{n}", (Message("user", f"Translate sentence {n} of the {thing} poem into Latin."),))
        for n in range(30)
        for thing in _THINGS[:3]
    ]
    assert found(clean(), "distribution shift", dev=like, embedder=embedder) == []
    [finding] = found(clean(), "distribution shift", dev=unlike, embedder=embedder)
    assert "Latin" in finding.said
