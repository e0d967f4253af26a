"""citations: each sentence, what it cites, and whether that supports it."""

import pytest

from suffice.evaluate.metrics.citations import Citations
from suffice.evaluate.metrics.claims import claims_of
from suffice.records import Answer, Passage, Request
from tests.evaluate.metrics.contexts import FAQ, context, says

BOTH = "Refunds take 14 days [1]. Shipping to Norway costs 12.50 euros [2]."


@pytest.mark.parametrize(
    ("text", "precision", "recall"),
    [
        (BOTH, 1, 1),
        ("Refunds take 14 days. [1] Shipping to Norway costs 12.50 euros.[2]", 1, 1),
        ("Refunds take 14 days [faq-1].", 1, 1),
        ("Refunds take 14 days \u30101\u3011.", 1, 1),
        ("Refunds take 14 days [2].", 0, 0),
        ("Refunds take 14 days [7].", 0, 0),
        ("Refunds take 14 days [faq-9].", 0, 0),
        ("Refunds take 14 days [1, 2].", 0.5, 1),
        ("Refunds take 14 days [1-2].", 0.5, 1),
        ("Refunds take 14 days.", 0, 0),
        ("Refunds take 30 days [1].", 0, 0),
        ("Refunds take 14 days [1]. Shipping to Norway is free of charge.", 1, 0.5),
        ("Refunds take 14 days and shipping to Norway costs 12.50 euros [1][2].", 1, 1),
        ('{"answer": "Refunds take 14 days.", "citations": ["faq-1"]}', 1, 1),
        ('{"answer": "Refunds take 14 days.", "citations": [{"id": "faq-1"}, "x1"]}', 0.5, 1),
        ('{"answer": "Refunds take 14 days.", "citations": []}', 0, 0),
        ('{"answer": "Refunds: 14 days. Norway: 12.50 euros.", "sources": [1, 2]}', 1, 1),
    ],
)  # fmt: skip
def test_precision_and_recall(text: str, precision: float, recall: float) -> None:
    """A citation must name a given passage that holds what the sentence says, numbers and all."""
    seen = context(text, passages=FAQ)
    assert Citations(value="precision").score(seen).value == pytest.approx(precision)
    assert Citations(value="recall").score(seen).value == pytest.approx(recall)


def test_the_value_is_the_harmonic_mean_and_the_detail_has_both() -> None:
    """F1 of precision 1/2 and recall 1."""
    score = Citations().score(context("Refunds take 14 days [1, 2].", passages=FAQ))
    assert score.value == pytest.approx(2 / 3)
    assert score.detail == "precision 0.50 (1/2 citations), recall 1.00 (1/1 sentences)"


@pytest.mark.parametrize("text", ["I don't know.", "Yes.", ""])
def test_what_claims_nothing_needs_no_citation(text: str) -> None:
    """Unscored, never 0."""
    assert Citations().score(context(text, passages=FAQ)).value is None


def test_without_passages_there_is_nothing_to_cite() -> None:
    """A rung that retrieves nothing is not punished for it here."""
    assert "no passages" in str(Citations().score(context(BOTH)).unscored)


def test_numbers_name_passages_before_ids_do() -> None:
    """The messages number passages from 1; an id that is a number cannot shadow that."""
    given = (Passage("2", "d", "Cats purr loudly."), Passage("1", "d", "Dogs bark loudly."))
    seen = context("Cats purr loudly [1].", passages=given)
    assert Citations().score(seen).value == 1


def test_a_judge_can_decide_instead() -> None:
    """It sees the passages and the sentence; its figure goes by a name of its own."""
    asked: list[Request] = []

    def judge(request: Request) -> Answer:
        asked.append(request)
        return Answer('{"reason": "", "verdict": "yes"}')

    score = Citations(judge=True).score(context("Fees vary [1].", passages=FAQ, judge=judge))
    assert (score.value, score.metric) == (1, "citations (judge)")
    assert "Refunds take 14 days" in asked[0].messages[-1].content


def test_an_unreadable_judge_leaves_it_unscored() -> None:
    """As does a missing one."""
    seen = context("Fees vary [1].", passages=FAQ, judge=says("hm"))
    assert "no verdict" in str(Citations(judge=True).score(seen).unscored)
    assert "no judge" in str(Citations(judge=True).score(context(BOTH, passages=FAQ)).unscored)


def test_sentences_end_where_they_do() -> None:
    """Not after a title, an initial or a decimal point."""
    text = "Dr. Smith pays 12.50 euros [1]. J. Doe pays nothing [2]."
    assert [claim.cited for claim in claims_of(text, set()).claims] == [("1",), ("2",)]


def test_a_link_is_no_citation() -> None:
    """Nor is a word in brackets."""
    found = claims_of("See [page 2](http://x) for what they [sic] wrote.", set())
    assert found.claims[0].cited == ()
