"""Server-sent events: pieces of a stream to the data of its events.

Only what chat servers send: `data` fields; comments, names and ids are passed over.
"""

from collections.abc import Iterable, Iterator


def data_events(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The data of every event that the stream finished, in order."""
    rest = b""
    data: list[bytes] = []
    for piece in pieces:
        *lines, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n")
        for line in lines:
            stripped = line.rstrip(b"\r")
            if stripped.startswith(b"data:"):
                data.append(stripped[5:].removeprefix(b" "))
            elif not stripped and data:
                yield b"\n".join(data)
                data = []
