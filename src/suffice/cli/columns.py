"""Which column of a table is what: asked of a person, or told by options; its rows as cases."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.table import Table as Grid
from rich.text import Text

from suffice.begin.table import Columns, Table, cases_of, chosen, guess, is_bare
from suffice.cli.asking import Person
from suffice.cli.console import err, note, write_new
from suffice.errors import DataError, UsageError
from suffice.report.words import count

CASES = "cases.jsonl"
_SAID = {"question": "the question", "expected": "the good answer"}
_CELL = 40  # characters of a cell that a preview shows


def cases_from_table(
    read: Table,
    given: Mapping[str, str | None],
    person: Person,
    documents: Sequence[str],
    *,
    declines: bool,
    yes: bool,
) -> None:
    """Writes cases.jsonl beside a table whose columns have names of their own. `given` are the
    columns that were named, `documents` the ids that gold may have."""
    guessed, unsure = guess(read, documents)
    columns = chosen(read, guessed, given)
    if person.here:
        columns = _asked(read, columns, person)
    elif (open_keys := unsure - {key for key, name in given.items() if name is not None}) and (
        not yes
    ):
        raise UsageError(_which(read, columns, sorted(open_keys, reverse=True)))
    if columns.question is None or not (columns.expected or columns.gold):
        raise UsageError(_which(read, columns, ["question", "expected"]))
    bare = sum(is_bare(row, columns) for row in read.rows)
    if bare and not declines:
        declines = person.agrees(
            f"{count(bare, 'row')} of {len(read.rows)} have no answer. Should those be declined?",
            usual=False,
        )
    rows = list(cases_of(read, columns, documents, declines=declines))
    if not rows:
        raise DataError(f"{read.path}: no row has a question and an answer")
    path = read.path.with_name(CASES)
    write_new(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    said = ", ".join(f"{key} from {name!r}" for key, name in columns.named().items())
    note(f"Wrote {path}: {count(len(rows), 'case')} out of {read.path.name} ({said}).")
    if bare and not declines:
        note(f"{count(bare, 'row')} without an answer left out: give them one, or say "
             "--empty-declines if declining is right there.")  # fmt: skip


def _asked(read: Table, columns: Columns, person: Person) -> Columns:
    """Shows the table's first row and asks which column is what."""
    grid = Grid(box=None, pad_edge=False, title=f"{read.path.name}, its first row",
                title_justify="left")  # fmt: skip
    grid.add_column("column", style="bold")
    grid.add_column("holds")
    for name in read.header:
        grid.add_row(Text(name), Text(_short(read.rows[0].get(name, ""))))
    err().print(grid)

    def fits(said: str) -> str:
        there = said == "none" or said in read.header
        return "" if there else f"no column {said!r}: {', '.join(read.header)}, or none"

    questions = {
        "question": "Which column is the question?",
        "expected": "Which is the good answer?",
        "gold": "Which names the document that the answer stands in?",
        "tags": "Which holds words to group by?",
    }
    usual = columns.named()
    said = {key: person.say(text, usual.get(key, "none"), fits) for key, text in questions.items()}
    return replace(columns, **{key: None if name == "none" else name for key, name in said.items()})


def _which(read: Table, columns: Columns, keys: Sequence[str]) -> str:
    """That columns cannot be told, with the options that tell them."""
    named = columns.named()
    options = " ".join(f"--{key}-column {json.dumps(named.get(key, 'NAME'))}" for key in keys)
    return (
        f"{read.path} has columns of its own: {', '.join(read.header)}. Which is "
        f"{' and which '.join(_SAID[key] for key in keys)}? Say it with {options}"
        + (", or take these guesses with --yes" if all(key in named for key in keys) else "")
    )


def _short(cell: str) -> str:
    flat = " ".join(cell.split())
    return flat if len(flat) <= _CELL else f"{flat[: _CELL - 1]}…"
