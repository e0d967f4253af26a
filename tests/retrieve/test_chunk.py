"""Chunks: whole sentences and rows, to a budget, each one span of the document."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suffice.errors import UsageError
from suffice.retrieve.chunk import ChunkPlan, chunk, sentences
from suffice.retrieve.records import Block, BlockKind, Document, Parsed

FREE = ChunkPlan(tokens=16, overlap=0.0)


def words(text: str) -> int:
    return len(text.split())


def document(*parts: tuple[BlockKind, str], title: str = "Handbook", header: str = "") -> Document:
    """A document of blocks with an empty line between them. `# x` is a heading of level 1."""
    text, blocks = "", []
    for kind, said in parts:
        start = len(text)
        text += said
        level = len(said) - len(said.lstrip("#")) if kind is BlockKind.HEADING else 0
        head = header if kind is BlockKind.TABLE else ""
        blocks.append(Block(kind, start, len(text), level=level, header=head))
        text += "\n\n"
    return Document("a.md", Parsed(text, tuple(blocks), title=title), "digest", "a.md")


def prose(count: int) -> str:
    return " ".join(f"Sentence number {n} stands here." for n in range(count))


def test_a_chunk_is_a_span_of_the_document() -> None:
    """A chunk's text is the document's own between its start and its end."""
    made = document((BlockKind.PARAGRAPH, prose(20)), (BlockKind.PARAGRAPH, prose(3)))

    chunks = chunk(made, FREE, words)

    assert len(chunks) > 3
    for each in chunks:
        assert each.text == made.parsed.text[each.start : each.end]


def test_no_sentence_is_cut() -> None:
    """Every chunk ends where a sentence ends."""
    for each in chunk(document((BlockKind.PARAGRAPH, prose(20))), FREE, words):
        assert each.text.startswith("Sentence")
        assert each.text.endswith("here.")


def test_no_table_row_is_cut() -> None:
    """A row is whole, and a chunk that begins within a table is told its columns."""
    rows = [(BlockKind.TABLE, f"| item {n} with words | {n} euros |") for n in range(8)]
    chunks = chunk(document(*rows, header="| what | price |"), FREE, words)

    assert len(chunks) > 1
    for each in chunks:
        assert re.fullmatch(r"(\| item \d with words \| \d euros \|\s*)+", each.text)
        assert "| what | price |" in each.context


def test_the_budget_is_kept() -> None:
    """A chunk has no more tokens than the plan says, where no single sentence has more."""
    chunks = chunk(document((BlockKind.PARAGRAPH, prose(40))), FREE, words)

    assert max(each.tokens for each in chunks) <= FREE.tokens


def test_a_sentence_above_the_budget_stands_alone() -> None:
    """A long sentence is not cut; what follows begins another chunk."""
    long = " ".join(["word"] * 30) + "."
    chunks = chunk(document((BlockKind.PARAGRAPH, f"{long} Short one here.")), FREE, words)

    assert [each.tokens for each in chunks] == [30, 3]


def test_a_file_without_sentences_is_cut_between_words() -> None:
    """A line of thousands of words is no sentence; nothing of it is lost."""
    endless = " ".join(f"w{n}" for n in range(500))
    chunks = chunk(document((BlockKind.PARAGRAPH, endless)), FREE, words)

    assert len(chunks) > 20
    assert " ".join(each.text.strip() for each in chunks).split() == endless.split()


def test_the_next_chunk_repeats_the_end_of_the_last() -> None:
    """With overlap, a sentence where two chunks meet stands in both."""
    plan = ChunkPlan(tokens=20, overlap=0.3)
    first, second, *_ = chunk(document((BlockKind.PARAGRAPH, prose(20))), plan, words)

    assert second.start < first.end
    assert first.text.endswith(second.text[: first.end - second.start])


def test_a_heading_begins_a_chunk_and_names_its_path() -> None:
    """A chunk knows the headings it stands under; they are its context."""
    made = document(
        (BlockKind.HEADING, "# Shop"),
        (BlockKind.HEADING, "## Returns"),
        (BlockKind.PARAGRAPH, prose(2)),
        (BlockKind.HEADING, "## Shipping"),
        (BlockKind.PARAGRAPH, prose(2)),
    )

    returns, shipping = chunk(made, FREE, words)

    assert returns.headings == ("# Shop", "## Returns")
    assert shipping.headings == ("# Shop", "## Shipping")
    assert returns.context == "Handbook > # Shop > ## Returns"
    assert shipping.parent == (shipping.start, shipping.end)


def test_context_can_be_left_out() -> None:
    """With context none, a chunk is embedded as it is."""
    made = document((BlockKind.HEADING, "# Shop"), (BlockKind.PARAGRAPH, prose(1)))

    [only] = chunk(made, ChunkPlan(tokens=64, context="none"), words)

    assert only.embedded == only.text


def test_another_context_is_another_digest() -> None:
    """A chunk whose heading changed is embedded anew."""
    one = document((BlockKind.HEADING, "# Old"), (BlockKind.PARAGRAPH, prose(1)))
    other = document((BlockKind.HEADING, "# New"), (BlockKind.PARAGRAPH, prose(1)))

    assert chunk(one, FREE, words)[0].digest != chunk(other, FREE, words)[0].digest


def test_an_abbreviation_ends_no_sentence() -> None:
    """`Dr. Smith` is not cut."""
    text = "Ask Dr. Smith first. She knows it."

    assert [text[low:high] for low, high in sentences(text, 0, len(text))] == [
        "Ask Dr. Smith first.",
        "She knows it.",
    ]


def test_an_empty_document_has_no_chunks() -> None:
    """Blank text gives nothing to find."""
    assert chunk(document((BlockKind.PARAGRAPH, "   ")), FREE, words) == []


@pytest.mark.parametrize(("tokens", "overlap"), [(4, 0.1), (100_000, 0.1), (64, 0.5), (64, -0.1)])
def test_a_plan_that_cannot_work_is_refused(tokens: int, overlap: float) -> None:
    """The error says which values work."""
    with pytest.raises(UsageError, match="take"):
        ChunkPlan(tokens=tokens, overlap=overlap)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aB. \n!?'\"é", max_size=400), st.integers(16, 40))
def test_no_word_is_lost(text: str, tokens: int) -> None:
    """Whatever the text, every word of it stands in some chunk."""
    made = document((BlockKind.PARAGRAPH, text))
    chunks = chunk(made, ChunkPlan(tokens=tokens, overlap=0.0), words)

    assert " ".join(each.text for each in chunks).split() == text.split()
