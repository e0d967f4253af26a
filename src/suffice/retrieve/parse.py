"""Files to documents. Every parser runs in a process of its own, with limits on all it may take.

What cannot be read is a Skipped with its reason, and the rest goes on.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from suffice import plugins
from suffice.errors import DataError
from suffice.records import Source
from suffice.retrieve.folder import Entry, content, entries
from suffice.retrieve.limits import Limits
from suffice.retrieve.parse_process import ParseProcess
from suffice.retrieve.parse_worker import Reply
from suffice.retrieve.records import Document, Parsed, Skipped

__all__ = ["Limits", "parse_file", "read_folder"]

_NAMELESS = "text"  # reads files without an ending: README, LICENSE, Makefile


def parse_file(path: Path, limits: Limits | None = None) -> Parsed:
    """One file's text. DataError says why there is none."""
    found = list(read_folder(path, limits=limits))
    match found:
        case [Document() as document]:
            return document.parsed
        case [Skipped() as skipped]:
            raise DataError(skipped.reason, Source(str(path)))
        case _:
            raise DataError(f"{len(found)} documents, where one is wanted", Source(str(path)))


def read_folder(
    folder: Path,
    *,
    limits: Limits | None = None,
    seen: Callable[[str, str], bool] = lambda _id, _digest: False,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Document | Skipped]:
    """All documents of a folder, or of one file, in the order of their paths.

    `seen` is told each document's id and digest; where it says yes, the document is neither parsed
    nor given. A .jsonl corpus gives a document a row, by the row's own id. `progress` is told how
    many of the files are done, and how many there are.
    """
    listed = entries(folder)
    with ParseProcess(limits or Limits()) as process:
        reading = _Reading(process, seen)
        for number, each in enumerate(listed, start=1):
            if isinstance(each, Skipped):
                yield each
            else:
                yield from reading.documents(each)
            if progress:
                progress(number, len(listed))


class _Reading:
    """One pass. Remembers whose an id is: the first in order keeps it."""

    def __init__(self, process: ParseProcess, seen: Callable[[str, str], bool]) -> None:
        self._process = process
        self._seen = seen
        self._holders: dict[str, str] = {}

    def documents(self, entry: Entry) -> Iterator[Document | Skipped]:
        try:
            parser = _parser_of(entry.id)
            data = content(entry.path, self._process.limits.file_bytes)
            digest = sha256(data).hexdigest()
            self._claim(entry.id, entry.id)
            if self._seen(entry.id, digest):
                return
            replies = self._process.read(parser, entry.id, data)
            if replies[-1].corpus:
                del self._holders[entry.id]  # its rows have ids, it has none
                yield from self._rows(entry, replies, parser)
                return
            parsed = _checked(replies[-1].parsed, parser)
            yield Document(entry.id, parsed, digest, str(entry.path), meta=parsed.meta)
        except DataError as error:
            yield Skipped(entry.id, str(error))

    def _rows(
        self, entry: Entry, replies: Sequence[Reply], parser: str
    ) -> Iterator[Document | Skipped]:
        for reply in replies:
            if fault := reply.row_fault:
                yield Skipped(f"{entry.id}:{fault.line}", fault.reason)
            if not (row := reply.row):
                continue
            try:
                self._claim(row.id, f"{entry.id}:{row.line}")
                if not self._seen(row.id, row.digest):
                    parsed = _checked(row.parsed, parser)
                    source = f"{entry.path}:{row.line}"
                    yield Document(row.id, parsed, row.digest, source, meta=parsed.meta)
            except DataError as error:
                yield Skipped(f"{entry.id}:{row.line}", str(error))

    def _claim(self, name: str, place: str) -> None:
        holder = self._holders.setdefault(name, place)
        if holder != place:
            raise DataError(f"its id {name!r} is taken by {holder}")


def _checked(parsed: Parsed | None, parser: str) -> Parsed:
    """Spans come from another process that read a stranger's file: they are checked."""
    if parsed is None:
        raise DataError(f"the parser {parser!r} gave nothing")
    place = 0
    for block in parsed.blocks:
        if not place <= block.start <= block.end <= len(parsed.text):
            raise DataError(f"the parser {parser!r} gave a span that is not in order")
        place = block.end
    if not any(parsed.text[each.start : each.end].strip() for each in parsed.blocks):
        raise DataError("no text in it")
    return parsed


def _parser_of(name: str) -> str:
    ending = PurePosixPath(name).suffix.lower()
    if not ending:
        return _NAMELESS
    if ending not in parsers():
        raise DataError(f"no parser reads {ending} files")
    return parsers()[ending]


@cache
def parsers() -> dict[str, str]:
    """Each file ending with the parser that reads it, none of them imported."""
    found: dict[str, str] = {}
    for plugin in plugins.plugins("parser"):
        for suffix in _suffixes(plugin.module):
            found.setdefault(suffix, plugin.name)
    return found


def _suffixes(module: str) -> tuple[str, ...]:
    """The literal SUFFIXES of a parser's source text."""
    try:
        spec = find_spec(module)
    except ImportError:
        return ()
    if spec is None or spec.origin is None:
        return ()
    for node in ast.parse(Path(spec.origin).read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "SUFFIXES" for target in node.targets
        ):
            return tuple(_flat(node.value))
    return ()


def _flat(node: ast.expr) -> Iterator[str]:
    """The texts of a literal tuple, also of tuples unpacked into it."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value
