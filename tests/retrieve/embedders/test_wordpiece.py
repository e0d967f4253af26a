"""Texts to token numbers, and batches that are shaped by tokens."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.errors import UsageError
from suffice.retrieve.embedders.minilm_weights import packaged
from suffice.retrieve.embedders.wordpiece import WordPieces, batches, padded

PIECES = WordPieces(packaged().tokenizer)


def test_counts_leave_the_marks_out() -> None:
    """So the counts of two halves add up to that of the whole."""
    assert PIECES.count("a small cat") == 3
    assert PIECES.count("") == 0
    assert PIECES.marks == 2


@pytest.mark.parametrize(
    "text",
    [
        "Two  words,\tand\n\r\nmore: don't stop at QX-204!",
        "\u00a0no-break\u00a0space \u2028line\x1cseparator\x85 next",
        "caf\u00e9 cafe\u0301 \u0301alone \u4e2d\u6587\u5b57 \U0001f600\ufe0f zero\u200bwidth",
        "[SEP] [ SEP ] [MASK]word \x00nul\x00 \ud800",
        " leading and trailing ",
    ],
)
def test_a_count_by_words_is_that_of_the_whole(text: str) -> None:
    """No token reaches over a space, whatever else is a space to somebody."""
    [whole] = PIECES.plain_ids([text])
    assert PIECES.count(text) == len(whole)


@given(st.text(alphabet=st.sampled_from("aB \t\n\u00a0.-'\u0301\u4e2d[]\x1c\u200b"), max_size=40))
def test_no_spaces_make_a_count_differ(text: str) -> None:
    """Of signs that tokenizers take for spaces, for marks or for nothing."""
    assert PIECES.count(text) == len(PIECES.plain_ids([text])[0])


def test_a_long_text_is_neither_cut_nor_padded_unless_asked() -> None:
    """The tokenizer's file says 128 for both."""
    short, long = PIECES.ids(["cat", "cat " * 300])
    assert (len(short), len(long)) == (3, 302)


def test_a_cut_keeps_the_marks() -> None:
    """What is cut is the end of the text."""
    [whole] = PIECES.ids(["a b c d e f"])
    [cut] = PIECES.ids(["a b c d e f"], most=5)
    assert cut == [*whole[:4], whole[-1]]
    assert PIECES.ids(["a b c d e f"], most=8) == [whole]


def test_a_lone_surrogate_is_read_as_a_question_mark() -> None:
    """It is no character, and the tokenizer would raise."""
    assert PIECES.ids(["a\ud800b"]) == PIECES.ids(["a?b"])
    assert PIECES.count("a\ud800b") == 3


@given(st.lists(st.integers(min_value=1, max_value=300), max_size=50))
def test_batches_hold_every_text_once_within_the_budget(lengths: list[int]) -> None:
    """Longest first; a text that alone exceeds the budget goes alone."""
    parts = list(batches(lengths, 256))
    assert sorted(place for part in parts for place in part) == list(range(len(lengths)))
    for part in parts:
        assert len(part) == 1 or len(part) * max(lengths[place] for place in part) <= 256
    in_order = [lengths[place] for part in parts for place in part]
    assert in_order == sorted(lengths, reverse=True)


def test_padding_is_masked() -> None:
    """A row a text, as wide as the longest."""
    ids, mask = padded([[5, 6, 7], [8]])
    assert np.array_equal(ids, [[5, 6, 7], [8, 0, 0]])
    assert np.array_equal(mask, [[1, 1, 1], [1, 0, 0]])


def test_a_file_that_is_no_tokenizer_is_named(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(UsageError, match=r"tokenizer\.json.*reinstall"):
        WordPieces(tmp_path / "tokenizer.json")
