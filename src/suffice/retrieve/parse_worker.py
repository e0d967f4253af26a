"""The process that parses: `python -m suffice.retrieve.parse_worker`, spoken to through its pipes.

    in    8 bytes length, Ask as JSON, then the file's bytes
    out   8 bytes length, Reply as JSON; as many as there are documents, the last one not `more`

It opens no connection, knows no key and no path of a document, and puts the operating system's
limits on itself before a parser's library is loaded. Whatever goes wrong in a parser becomes a
Reply with its reason, or this process's end, which the other side reports.
"""

import math
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from suffice import plugins
from suffice.errors import SufficeError
from suffice.retrieve.corpus import CorpusParser, Row, RowFault
from suffice.retrieve.limits import Limits, holding, megabytes, within
from suffice.retrieve.ports import Parser
from suffice.retrieve.records import Parsed

LENGTH_BYTES = 8


@dataclass(frozen=True, slots=True)
class Ask:
    """Which parser is to read the bytes that follow."""

    parser: str
    name: str
    size: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole file's text, a row of a corpus, or why there is none. `spent`: this process has
    reached a limit and ends."""

    parsed: Parsed | None = None
    row: Row | None = None
    row_fault: RowFault | None = None
    fault: str = ""
    corpus: bool = False
    spent: bool = False
    more: bool = False


def framed(message: object) -> bytes:
    body = msgspec.json.encode(message)
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def serve(asks: BinaryIO, replies: BinaryIO) -> None:
    """Answers until the other side closes."""
    made: dict[str, Parser] = {}
    while length := asks.read(LENGTH_BYTES):
        ask = msgspec.json.decode(asks.read(int.from_bytes(length, "big")), type=Ask)
        data = asks.read(ask.size)
        if len(data) < ask.size:
            return
        spent = False
        for reply in _replies(ask, data, made):
            replies.write(framed(reply))
            spent = spent or reply.spent
        replies.flush()
        if spent:
            return


def _replies(ask: Ask, data: bytes, made: dict[str, Parser]) -> Iterator[Reply]:
    try:
        _limit(ask.limits)
        with holding(ask.limits):
            if ask.parser not in made:
                made[ask.parser] = plugins.load("parser", ask.parser)()
            yield from _read(made[ask.parser], ask, data)
    except SufficeError as error:
        yield Reply(fault=str(error))
    except MemoryError:
        memory = megabytes(ask.limits.memory_bytes)
        yield Reply(fault=f"needs more than {memory} of memory (memory_bytes)", spent=True)
    except RecursionError:
        yield Reply(fault="nested too deep")
    except Exception as error:  # a parser's defect costs its file, not the folder
        yield Reply(fault=f"the parser {ask.parser!r} failed: {type(error).__name__}: {error}")


def _read(parser: Parser, ask: Ask, data: bytes) -> Iterator[Reply]:
    rows = parser.corpus(data, ask.name) if isinstance(parser, CorpusParser) else None
    if rows is None:
        parsed = parser.parse(data, ask.name)
        within(_size(parsed), ask.limits.text_bytes, "its text comes to", "text_bytes")
        yield Reply(parsed=parsed)
        return
    total = 0
    for row in rows:
        if isinstance(row, RowFault):
            yield Reply(row_fault=row, more=True)
            continue
        total += _size(row.parsed)
        within(total, ask.limits.text_bytes, "its text comes to", "text_bytes")
        yield Reply(row=row, more=True)
    yield Reply(corpus=True)


def _size(parsed: Parsed) -> int:
    return len(parsed.text) if parsed.text.isascii() else len(parsed.text.encode())


def _limit(limits: Limits) -> None:
    """Processor time is counted anew for each file; all else is for good. Not every system can
    bound memory (macOS cannot): there the time limits stand alone."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + limits.cpu_seconds
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    for which, bound in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CORE, 0),  # no file of a dead process's memory, which holds documents
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (bound, bound))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
