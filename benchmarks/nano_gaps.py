"""Four studies over nano, each with another gap planted: do they end in their four verdicts?

    python -m benchmarks.nano_gaps [--only enough knowledge behaviour both]

The product climbs each by itself (`Study.run`), offline, with real retrieval and real training:

    enough      what is asked for stands in the message        prompt
    knowledge   it stands in documents that nano never saw     retrieve
    behaviour   a house's own voice in replies to customers    tune
    both        facts from documents, in a house's own JSON    hybrid

Things, names and values are invented afresh. nano is small, so the bars are low: what is asked is
whether the cheapest rung that clears the bar is found, not how good nano is.
"""

import argparse
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from nano.domains.unseen.house_formats import BEHAVIOURS, CLOSING, OPENING
from nano.grammar import Kind
from nano.kinds import trained_kinds
from nano.words import Names
from nano.worlds import Document, Fact, ask, draw_thing, write

from benchmarks.nano_claims import Found
from benchmarks.nano_formats import drawn
from benchmarks.results_file import Row, print_claims, print_table
from benchmarks.results_file import write as write_results
from suffice.ladder import Study
from suffice.records import Json, Verdict

DESKS = ("amber", "birch", "cedar", "delta", "ember", "flint")
PROMPT = (
    "You work for the help desk. Answer the question in a few words. If you do not know the "
    "answer, say that you do not know."
)
HOUSE = (
    'You work for the help desk. Reply with one JSON object and nothing else: {"answer": the '
    'answer in a few words, "desk": the desk that the question belongs to}.'
)
SCHEMA = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "desk": {"enum": list(DESKS)}},
    "required": ["answer", "desk"],
    "additionalProperties": False,
}
_FACTS = 4  # a document states, and as many questions ask
_ASIDES = 2


@dataclass(frozen=True)
class Page:
    """A document with its questions and their answers."""

    name: str
    document: Document
    asked: tuple[tuple[str, str], ...]
    desk: str

    @property
    def text(self) -> str:
        title = self.document.title
        return f"# {title}\n\n{self.document.text}\n" if title else f"{self.document.text}\n"


def pages(count: int, seed: int, kinds: Sequence[Kind]) -> list[Page]:
    rng = random.Random(seed)
    names = Names(rng, seen=False)
    found = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        thing = draw_thing(kind, names)
        places = rng.sample(range(len(kind.attributes)), min(_FACTS, len(kind.attributes)))
        document = write(thing, places, rng, asides=_ASIDES)
        asked = tuple((ask(fact, rng), fact.value) for fact in map(_fact(thing), places))
        found.append(Page(f"page-{number:03d}.md", document, asked, DESKS[number % len(DESKS)]))
    return found


def _fact(thing: object) -> Callable[[int], Fact]:
    return lambda place: Fact(thing, place)  # type: ignore[arg-type]


# ---------------------------------------------------------------- the four studies


def enough(folder: Path) -> None:
    """The page stands in the question itself."""
    made = pages(50, 11, trained_kinds())
    cases = [
        {
            "question": f"[1] {page.text.removeprefix('# ').strip()}\n\n{asked}",
            "expected": answer,
            "cluster": page.name,
        }
        for page in made
        for asked, answer in page.asked
    ]
    _study(folder, cases, prompt=PROMPT, checks=["contains"], bar={"correct": 0.4})


def knowledge(folder: Path) -> None:
    made = pages(60, 12, trained_kinds())
    _documents(folder, made)
    cases = [
        {"question": asked, "expected": answer, "gold": [page.name]}
        for page in made
        for asked, answer in page.asked
    ]
    _study(
        folder, cases, prompt=PROMPT, checks=["contains"], bar={"correct": 0.4}, documents="docs"
    )  # fmt: skip


def behaviour(folder: Path) -> None:
    """A set opening and closing with one sentence between: a voice that no schema can hold."""
    voice = next(each for each in BEHAVIOURS if each.name == "tone")
    rng = random.Random(13)
    cases = [{"question": asked} for asked, _ in drawn(voice, rng, 220, held_out=True)]
    examples = [
        {"instruction": asked, "input": "", "output": reply}
        for asked, reply in drawn(voice, rng, 300, held_out=False)
    ]
    form = rf"^{re.escape(OPENING)} [^.!?]+[.!?] {re.escape(CLOSING)}$"
    checks = [{"metric": "regex", "pattern": form}]
    _study(
        folder, cases, prompt=voice.SYSTEM, checks=checks, bar={"correct": 0.8}, examples=examples
    )


def both(folder: Path) -> None:
    made = pages(110, 14, trained_kinds()[: len(DESKS)])
    _documents(folder, made)
    cases = [
        {
            "question": asked,
            "expected": {"answer": answer, "desk": page.desk},
            "gold": [page.name],
        }
        for page in made[:50]
        for asked, answer in page.asked
    ]
    examples = [
        {
            "instruction": asked,
            "input": "",
            "output": json.dumps({"answer": answer, "desk": page.desk}),
        }
        for page in made[50:]
        for asked, answer in page.asked
    ]
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    _study(
        folder, cases, prompt=HOUSE, checks=["json-schema", "fields"], bar={"correct": 0.6},
        documents="docs", examples=examples, schema="schema.json",
    )  # fmt: skip


STUDIES: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "enough": (enough, "prompt"),
    "knowledge": (knowledge, "retrieve"),
    "behaviour": (behaviour, "tune"),
    "both": (both, "hybrid"),
}


def _documents(folder: Path, made: Sequence[Page]) -> None:
    (folder / "docs").mkdir()
    for page in made:
        (folder / "docs" / page.name).write_text(page.text, "utf-8")


def _study(
    folder: Path,
    cases: Sequence[dict[str, Json]],
    *,
    prompt: str,
    checks: Json,
    bar: dict[str, float],
    examples: Sequence[Json] = (),
    most: int = 48,
    **keys: str,
) -> None:
    numbered = [{"id": f"case-{number:03d}", **each} for number, each in enumerate(cases)]
    _lines(folder / "cases.jsonl", numbered)
    (folder / "prompt.md").write_text(prompt, "utf-8")
    if examples:
        _lines(folder / "examples.jsonl", examples)
        keys["examples"] = "examples.jsonl"
    study = {
        "name": folder.name,
        "model": "nano",
        "cases": "cases.jsonl",
        "prompt": "prompt.md",
        "checks": checks,
        "bar": bar,
        "max_tokens": most,
        "split": {"dev": 0.3},
        # what every example says is a fact of its page, on purpose
        "tuning": {"accept": ["facts", "duplicates", "contradiction", "leak"]},
        **keys,
    }
    (folder / "suffice.yaml").write_text(yaml.safe_dump(study, sort_keys=False), "utf-8")


def _lines(path: Path, rows: Sequence[Json]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def run(name: str, folder: Path) -> tuple[Verdict, float]:
    folder.mkdir(parents=True)
    STUDIES[name][0](folder)
    started = time.perf_counter()
    return Study.load(folder).run(), time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=list(STUDIES))
    chosen = parser.parse_args()
    found, rows = Found(), list[Row]()
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen.only:
            verdict, seconds = run(name, Path(scratch) / name)
            rows += [_row(name, verdict, seconds, each) for each in verdict.standings]
            print_table(rows[-len(verdict.standings) :], title=f"{name}: {verdict.chosen}")
            print("\n".join((verdict.reason, *verdict.warnings)), flush=True)
            right = verdict.chosen == STUDIES[name][1]
            found.number(f"{name} ends in {STUDIES[name][1]}", "yes", float(right), ">= 1")
    print_claims(found.claims)
    if set(chosen.only) == set(STUDIES):
        write_results("nano_gaps", rows, found.claims, ("torch", "peft", "onnxruntime", "lancedb"))


def _row(name: str, verdict: Verdict, seconds: float, standing: object) -> Row:
    told = {each.measure: each for each in standing.estimates}  # type: ignore[attr-defined]
    correct = told["correct"]
    interval = correct.interval
    return {
        "study": name,
        "rung": standing.rung,  # type: ignore[attr-defined]
        "correct": correct.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "format": told["format"].value if "format" in told else None,
        "built": standing.built,  # type: ignore[attr-defined]
        "chosen": verdict.chosen,
        "s": seconds,
    }


if __name__ == "__main__":
    main()
