"""Plain text: paragraphs are what blank lines part; the encoding is found out."""

from suffice.retrieve.parsers.blocks import paragraphs
from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.records import Parsed

SUFFIXES = (".txt", ".text", ".log", ".rst", ".adoc")


class Text:
    """Keeps the text as it is."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:  # noqa: ARG002 (all parsers know it)
        text, warnings = decoded(data)
        return Parsed(text, tuple(paragraphs(text)), warnings=warnings)


def create() -> Text:
    return Text()
