"""What a tuned model learned from: found again by a text, and seen to have changed since."""

import json
from pathlib import Path

import pytest

from suffice.records import Example, Message
from suffice.tune.lineage import changed_since, sentence_digests

RETURNS = "Parcels can be returned within fourteen days. The label is in the box."
PRICES = "The smallest tent costs ninety crowns and fifty. It weighs two kilograms in all."


@pytest.fixture
def tuned(tmp_path: Path) -> Path:
    """A model that learned a sentence of the returns page, and one of no page."""
    reply = "Parcels can be returned within fourteen days. Nobody else ever said this sentence."
    example = Example("e", (Message("user", "How long do I have?"),), reply)
    (tmp_path / "adapter").mkdir()
    card = {"sentences": sentence_digests([example])}
    (tmp_path / "adapter" / "suffice.json").write_text(json.dumps(card), "utf-8")
    return tmp_path


def test_right_after_the_training_nothing_has_changed(tuned: Path) -> None:
    """Only documents of which it learned something are kept in mind."""
    assert changed_since(tuned, {"returns.md": RETURNS, "prices.md": PRICES}) == []
    assert list(json.loads((tuned / "documents.json").read_text())) == ["returns.md"]


def test_a_document_that_says_otherwise_now_is_named(tuned: Path) -> None:
    changed_since(tuned, {"returns.md": RETURNS, "prices.md": PRICES})
    new = RETURNS.replace("fourteen", "thirty")
    assert changed_since(tuned, {"returns.md": new, "prices.md": PRICES}) == ["returns.md"]


def test_what_it_did_not_learn_may_change(tuned: Path) -> None:
    """Another sentence of the document, another document, more of either."""
    changed_since(tuned, {"returns.md": RETURNS, "prices.md": PRICES})
    other = RETURNS.replace("in the box", "on the lid of it")
    now = {"returns.md": f"{other} And there is news.", "prices.md": "Nothing is for sale."}
    assert changed_since(tuned, now) == []


def test_a_document_that_is_gone_is_named(tuned: Path) -> None:
    changed_since(tuned, {"returns.md": RETURNS})
    assert changed_since(tuned, {}) == ["returns.md"]
