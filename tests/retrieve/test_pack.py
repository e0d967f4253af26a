"""Packing: what was found becomes what the model reads."""

from suffice.records import Passage
from suffice.retrieve.pack import evidence, instruction, joined_spans, label, pack
from suffice.retrieve.records import Hit


def words(text: str) -> int:
    return len(text.split())


def hit(document: str, text: str, start: int = 0, *, dated: str | None = None) -> Hit:
    end = start + len(text)
    passage = Passage(
        f"{document}#{start}-{end}", document, text, start=start, end=end, dated=dated
    )
    return Hit(passage, 1.0)


def test_the_best_stand_first() -> None:
    """Passages keep the order of the search."""
    packed = pack([hit("a", "one text"), hit("b", "another matter")], 1000, words)

    assert [each.document for each in packed] == ["a", "b"]


def test_what_does_not_fit_is_left_out() -> None:
    """A passage above the budget makes room for a shorter one further down."""
    packed = pack([hit("a", "word " * 20), hit("b", "word " * 90), hit("c", "brief")], 60, words)

    assert [each.document for each in packed] == ["a", "c"]


def test_overlapping_passages_become_one() -> None:
    """What two chunks share is shown once, and the span covers both."""
    text = "First part. Shared middle. Last part."
    one = hit("a", text[:27], 0)
    other = hit("a", text[12:], 12)

    [packed] = pack([other, one], 1000, words)

    assert packed.text == text
    assert (packed.start, packed.end) == (0, len(text))


def test_passages_of_two_documents_are_never_joined() -> None:
    """Equal spans of different documents are different texts."""
    assert joined_spans(hit("a", "same").passage, hit("b", "same").passage) is None


def test_sources_that_may_disagree_stand_together() -> None:
    """The old and the new price follow each other, whatever was ranked between them."""
    old = hit("2023.md", "The refund window for garden cameras is thirty days.", dated="2023-01-01")
    between = hit("x.md", "Opening hours of all branches in winter and summer.")
    new = hit("2024.md", "The refund window for garden cameras is fourteen days.")

    packed = pack([old, between, new], 1000, words)

    assert [each.document for each in packed] == ["2023.md", "2024.md", "x.md"]


def test_evidence_is_numbered_and_dated() -> None:
    """Each passage is shown with its number, its place and its date."""
    passage = Passage("i", "a.md", "Text.", title="Handbook", headings=("Handbook", "Fees"))
    dated = Passage("j", "b.md", "More.", dated="2031-04-02")

    assert (
        evidence([passage, dated]) == "[1] Handbook > Fees\nText.\n\n[2] b.md (2031-04-02)\nMore."
    )
    assert label(passage) == "Handbook > Fees"


def test_citations_go_where_the_schema_has_a_place() -> None:
    """Free text is told to cite in brackets; JSON into its own key, or not at all."""
    assert "like [1]" in instruction(None)
    assert "`sources`" in instruction({"properties": {"answer": {}, "sources": {}}})
    assert "number" not in instruction({"properties": {"answer": {}}}).replace("numbered", "")
