"""Write a suffice.yaml from what is in a folder; ask for what cannot be found.

Nothing that exists is overwritten.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from suffice import settings
from suffice.cli.console import command_name, note
from suffice.errors import SufficeError, UsageError, suggest
from suffice.evaluate import cases as case_files
from suffice.plugins import load, names
from suffice.ports import Format

STARTER_CASES = (
    {"id": "refund-days", "question": "How many days do I have to return an item?",
     "expected": "30 days", "checks": [{"metric": "contains"}], "cluster": "returns"},
    {"id": "opening", "question": "When does the shop open on Saturdays?",
     "expected": "10:00", "checks": [{"metric": "contains"}], "cluster": "shop"},
    {"id": "ceo-shoe-size", "question": "What is the shoe size of your CEO?",
     "answerable": False, "cluster": "shop"},
)  # fmt: skip


def command(
    folder: Annotated[Path, typer.Argument(help="The folder with your cases.")] = Path(),
    model: Annotated[str | None, typer.Option(help="PROVIDER:NAME of the feature's model.")] = None,
) -> None:
    """Write a suffice.yaml from what is in a folder; ask for what cannot be found."""
    target = folder / settings.FILE
    if folder.is_file():
        raise UsageError(f"{folder} is a file; name the folder that it is in")
    if target.exists():
        raise UsageError(f"{target} exists already; change it, or delete it and run this again")
    model = _known(model or _model())
    folder.mkdir(parents=True, exist_ok=True)
    found = dict(look_around(folder))
    cases = found.pop("cases", None) or _starter(folder)
    text = compose(_name(folder), model, cases, found)
    with target.open("x", encoding="utf-8") as file:
        file.write(text)
    settings.read(target)
    typer.echo(text, nl=False)
    note(f"Wrote {target}. Next: {command_name()} check --study {folder}")


def look_around(folder: Path) -> Iterator[tuple[str, str]]:
    """What is in the folder, by the key of suffice.yaml that it would stand under."""
    yield from _first(folder, "prompt", ("prompts/system.md", "prompts/*.md", "prompt*.md",
                                         "prompt*.txt", "system*.md", "system*.txt"))  # fmt: skip
    yield from _first(folder, "examples", ("examples*.jsonl", "train*.jsonl"))
    yield from _first(folder, "schema", ("*.schema.json", "schema.json", "schemas/*.json"))
    yield from _first(folder, "documents", ("docs", "documents", "corpus.jsonl"))
    cases = _cases(folder)
    if cases:
        yield "cases", cases


def compose(name: str, model: str, cases: str, found: dict[str, str]) -> str:
    """A suffice.yaml with what was found, and the keys to set next as comments."""
    lines = [
        f"name: {name}",
        f"model: {_quoted(model)}",
        f"cases: {_quoted(cases)}",
        *(f"{key}: {_quoted(path)}" for key, path in found.items()),
        "",
        "# What is good enough. A rung suffices when it surely clears every bar.",
        "bar:",
        "  correct: 0.85",
        *(["  format: 0.95"] if "schema" in found else []),
        "  # abstains: 0.8        share of unanswerable cases that are declined",
        "  # latency_p95_s: 2.0",
        "  # usd_per_1k: 5",
        "",
        "# A dearer rung must win by this much, surely, to be worth it.",
        "margin: 0.03",
        "",
    ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """As JSON, which YAML reads the same; but escapes beyond the first plane it does not."""
    return json.dumps(text, ensure_ascii=False)


def _first(folder: Path, key: str, patterns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            yield key, path.relative_to(folder).as_posix()
            return


def _cases(folder: Path) -> str | None:
    """The first file whose name says that it holds cases and whose content a format knows."""
    formats = [load("format", name)() for name in names("format")]
    likely = sorted(folder.glob("*cases*")) + sorted(folder.glob("*eval*"))
    others = [path for path in sorted(folder.iterdir()) if path not in likely]
    for path in [*likely, *others]:
        if path.name.startswith((".", "examples", "train", "corpus")):
            continue
        if any(_holds_cases(each, path) for each in formats):
            return path.name
    return "." if any(_holds_cases(each, folder) for each in formats) else None


def _holds_cases(form: Format, path: Path) -> bool:
    try:
        return form.recognises(path) and bool(form.read(path).cases)
    except SufficeError:
        return False  # `suffice check` will say what is wrong once the file is named


def _starter(folder: Path) -> str:
    """Asks where the cases are; without a person to ask, writes three to be replaced."""
    if sys.stdin.isatty():
        answer: str = typer.prompt(
            "Where are your cases? (empty: write a starter file)", default=""
        )
        if answer:
            return answer
    path = folder / "cases.jsonl"
    if path.exists():
        case_files.load(path)  # raises with the line that hindered every format
    with path.open("x", encoding="utf-8") as file:
        file.writelines(json.dumps(case) + "\n" for case in STARTER_CASES)
    note(f"Found no cases: wrote {path} with three made-up ones. Replace them with your own.")
    return path.name


def _model() -> str:
    """The model that the environment speaks of, else the one that the user names."""
    if sys.stdin.isatty():
        answer: str = typer.prompt("Which model? PROVIDER:NAME", default=_likely_model())
        return answer
    if likely := _likely_model():
        return likely
    raise UsageError(
        "which model? Name it with --model PROVIDER:NAME, such as openai:gpt-4o-mini "
        f"(providers: {', '.join(names('model'))})"
    )


def _known(model: str) -> str:
    """The model's name, if there is such a provider."""
    provider = model.partition(":")[0]
    if provider not in names("model"):
        near = suggest(provider, names("model"))
        raise UsageError(
            f"{model!r}: there is no provider {provider!r}{near}. Write PROVIDER:NAME "
            f"(providers: {', '.join(names('model'))})"
        )
    return model


def _likely_model() -> str:
    if "OPENAI_API_KEY" in os.environ or "OPENAI_BASE_URL" in os.environ:
        return "openai:gpt-4o-mini"
    if "ANTHROPIC_API_KEY" in os.environ:
        return "anthropic:claude-haiku-4-5"
    return ""


def _name(folder: Path) -> str:
    kept = "".join(
        char if (char.isascii() and char.isalnum()) or char in "._-" else "-"
        for char in folder.resolve().name
    )
    return kept.strip("._-") or "study"
