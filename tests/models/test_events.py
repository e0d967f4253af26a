"""Server-sent events, in whatever pieces they come."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suffice.models.events import data_events

STREAM = b': hi\n\nevent: x\ndata: one\n\ndata:two\ndata: lines\n\nid: 7\n\ndata: {"a": "b"}\n\n'
EVENTS = [b"one", b"two\nlines", b'{"a": "b"}']


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_the_pieces_do_not_matter(cuts: list[int]) -> None:
    """Events are the same wherever the network cut the stream."""
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(places)]
    assert list(data_events(pieces)) == EVENTS


def test_line_ends_may_be_those_of_windows() -> None:
    """CRLF is as good as LF, also when a piece ends between the two."""
    stream = STREAM.replace(b"\n", b"\r\n")
    for cut in range(len(stream)):
        assert list(data_events([stream[:cut], stream[cut:]])) == EVENTS


@pytest.mark.parametrize("stream", [b"", b"data: half", b"data: half\n", b"nonsense\n\n"])
def test_an_unfinished_event_is_none(stream: bytes) -> None:
    """Without its empty line an event may be cut in the middle of its data."""
    assert list(data_events([stream])) == []
