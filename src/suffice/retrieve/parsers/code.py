"""Source code and configuration, cut where definitions begin on the first level."""

import re
from collections.abc import Iterator
from itertools import pairwise

from suffice.retrieve.parsers.decoding import decoded
from suffice.retrieve.records import Block, BlockKind, Parsed

SUFFIXES = (
    *(".py", ".pyi", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".java", ".kt", ".scala"),
    *(".go", ".rs", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".swift", ".m", ".rb", ".php"),
    *(".lua", ".pl", ".r", ".jl", ".ex", ".exs", ".erl", ".hs", ".clj", ".sh", ".bash", ".ps1"),
    *(".sql", ".css", ".scss", ".tf", ".proto", ".graphql", ".yaml", ".yml", ".toml", ".ini"),
    *(".cfg", ".tex"),
)

_DEFINITION = re.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub"
    r"(?:\([a-z]+\))?|unsafe|extern|inline|sealed|data|partial|override|virtual|const|local)\s+)*"
    r"(?:def|class|func|fun|fn|function|interface|struct|enum|trait|impl|type|module|namespace|"
    r"union|record|object|protocol|extension|sub|message|service|resource|create|test)\b",
    re.I,
)
_ATTACHED = re.compile(r"@|#|//|/\*|\*|--|;|\"\"\"|'''|\[\[?\w")  # decorators and comments
_CLOSING = re.compile(r"[)\]}>]|(?:end|else|elif|except|finally|catch|fi|done|esac|then|do)\b")


class Code:
    """Keeps the source as it is."""

    suffixes = SUFFIXES

    def parse(self, data: bytes, name: str) -> Parsed:  # noqa: ARG002 (all parsers know it)
        text, warnings = decoded(data)
        starts = [*_starts(text), len(text)]
        spans = ((low, low + len(text[low:high].rstrip())) for low, high in pairwise(starts))
        blocks = tuple(Block(BlockKind.CODE, low, high) for low, high in spans if low < high)
        return Parsed(text, blocks, warnings=warnings)


def create() -> Code:
    return Code()


def _starts(text: str) -> Iterator[int]:
    """Where blocks begin: at a definition, or behind a blank line, always at the margin. Comments
    and decorators belong to what follows them."""
    begun = False  # whether the block holds more than what is attached to the next line
    blank = True
    place = 0
    for line in text.splitlines(keepends=True):
        at_margin = bool(line.strip()) and not line[0].isspace() and not _CLOSING.match(line)
        if at_margin and (place == 0 or (begun and (blank or _DEFINITION.match(line)))):
            yield place
            begun = False
        elif place == 0:
            yield 0
        if line.strip():
            begun = begun or not _ATTACHED.match(line)
        blank = not line.strip()
        place += len(line)
