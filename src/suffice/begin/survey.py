"""What lies in a folder that is to become a study: cases, documents, prompt, examples, schema.

Nothing is parsed but what may hold cases; documents are told by their endings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from suffice.errors import DataError, SufficeError
from suffice.evaluate.cases import named
from suffice.evaluate.formats.csv import table
from suffice.plugins import load, names
from suffice.ports import Cases, Format
from suffice.retrieve.folder import IGNORE, Entry, entries, ignoring, unignored

DRAFTS = "drafts.jsonl"
_PROMPTS = ("prompts/system.md", "prompts/*.md", "prompt*.md", "prompt*.txt",
            "system*.md", "system*.txt")  # fmt: skip
_EXAMPLES = ("examples*.jsonl", "train*.jsonl")
_SCHEMAS = ("*.schema.json", "schema.json", "schemas/*.json")
_USUAL_HOMES = ("docs", "documents", "corpus.jsonl")
# Data and code have parsers too, but a folder of them is no shelf of documents.
_PROSE = frozenset((".md", ".markdown", ".txt", ".rst", ".html", ".htm", ".pdf", ".docx", ".pptx"))
_ABOUT_THE_FOLDER = ("readme", "license", "licence", "changelog", "contributing", "notice")
_FEW = 2  # loose documents below which a folder is taken to hold none
_REPORTS = ("report.*", "verdict.*", "junit.xml")  # what `suffice report` writes, as documented
_NO_CASES = (".", "examples", "train", "corpus", "drafts")


@dataclass(frozen=True, slots=True)
class Found:
    """What is there, by paths as suffice.yaml would call them. `odd` are tables that no format
    takes, whose columns a person may explain; `loose` says that the documents lie beside them."""

    folder: Path
    cases: str | None = None
    odd: tuple[Path, ...] = ()
    documents: str | None = None
    prompt: str | None = None
    examples: str | None = None
    schema: str | None = None

    @property
    def loose(self) -> bool:
        return self.documents == "."


def survey(folder: Path) -> Found:
    """Everything in a folder that a study could name."""
    prompt = _first(folder, _PROMPTS)
    cases = None if not folder.is_dir() else _cases(folder)
    return Found(
        folder=folder,
        cases=cases,
        odd=() if cases or not folder.is_dir() else tuple(_odd(folder)),
        documents=_first(folder, _USUAL_HOMES) or _documents(folder, prompt),
        prompt=prompt,
        examples=_first(folder, _EXAMPLES),
        schema=_first(folder, _SCHEMAS),
    )


def document_names(folder: Path, documents: str | None, own: frozenset[str]) -> list[str]:
    """The ids that the documents will have, without the study's `own` files."""
    place = folder / documents if documents else None
    if place is None or not place.is_dir():
        return []
    return [each.id for each in entries(place) if isinstance(each, Entry) and each.id not in own]


def read_cases(folder: Path, name: str) -> Cases | None:
    """The rows behind a name as `cases:` has it, as they stand; None where no format reads them."""
    kind, path = named(name)
    for each in [kind] if kind else names("format"):
        form: Format = load("format", each)()
        if found := _read(form, folder / path):
            return found
    return None


def _first(folder: Path, patterns: tuple[str, ...]) -> str | None:
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            return path.relative_to(folder).as_posix()
    return None


def _cases(folder: Path) -> str | None:
    """The first file whose name says that it holds cases and whose content a format knows."""
    forms: list[Format] = [load("format", name)() for name in names("format")]
    likely = sorted(folder.glob("*cases*")) + sorted(folder.glob("*eval*"))
    others = [path for path in sorted(folder.iterdir()) if path not in likely]
    for path in [*likely, *others]:
        if not path.name.startswith(_NO_CASES) and any(_read(form, path) for form in forms):
            return path.name
    return "." if any(_read(form, folder) for form in forms) else None


def _read(form: Format, path: Path) -> Cases | None:
    try:
        found = form.read(path) if form.recognises(path) else None
    except SufficeError:
        return None  # `suffice check` says what is wrong once the file is named
    return found if found and found.cases else None


def _odd(folder: Path) -> Iterator[Path]:
    """Tables with a header of at least two columns and a row."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in (".csv", ".tsv") or not path.is_file():
            continue
        try:
            _, row = next(table(path))
        except (DataError, StopIteration):
            continue
        if row:
            yield path


def _documents(folder: Path, prompt: str | None) -> str | None:
    """The one folder that holds documents; the whole where they lie in several or loose."""
    if not folder.is_dir():
        return None
    prose = [
        PurePosixPath(each.id)
        for each in entries(folder)
        if isinstance(each, Entry) and each.id != prompt and _is_prose(PurePosixPath(each.id))
    ]
    homes = {path.parts[0] for path in prose if len(path.parts) > 1}
    loose = [path for path in prose if len(path.parts) == 1]
    if len(homes) == 1 and len(loose) < _FEW:
        return homes.pop()
    return "." if len(prose) >= _FEW else None


def _is_prose(path: PurePosixPath) -> bool:
    if path.parts[0] in ("prompts", "schemas", "tests", "src"):
        return False
    about = len(path.parts) == 1 and path.stem.casefold().startswith(_ABOUT_THE_FOLDER)
    return path.suffix.lower() in _PROSE and not about


def ignore_text(folder: Path, own: frozenset[str]) -> str:
    """What an ignore file must say more, so that the study's own files are none of its documents;
    nothing where one that is there keeps them out already."""
    new = not (folder / IGNORE).exists()
    left = sorted(own) if new else unignored(folder, sorted(own))
    rows = [*map(ignoring, left), *(_REPORTS if new else ())]
    if not rows:
        return ""
    return (
        "# Files here that are no documents: the questions and their answers must not be found\n"
        "# by a search. One name or pattern a line.\n" + "".join(f"{row}\n" for row in rows)
    )
