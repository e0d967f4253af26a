"""Writes the examples and cases of the bundled study `triage` from sentences written by hand.

    python examples/assemble_triage.py [--check]

examples/triage/problems.txt says what is broken and how bad it is, circumstances.txt how to get in,
each under its code. A message joins one of each, with an opening and a closing. What a case says
stands in no example: the sentences are dealt out first. Always the same bytes; `--check` only says
whether the files are fresh.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

HERE = Path(__file__).parent / "triage"
STUDY = Path(__file__).parent.parent / "src" / "suffice" / "studies" / "triage"
EXAMPLES = 620
CASE_PROBLEMS, CASE_CIRCUMSTANCES = 70, 45
MESSAGES = 3  # cases about one problem, each with another way in
FEWEST_WORDS, MOST_WORDS = 12, 45
SHORT, ROOMY = 22, 34  # words up to which a message mostly opens and closes, or closes at all

OPENINGS = (
    "Hello,", "Hi there,", "Good morning,", "Dear housing office,", "Hello again,", "Hi,",
    "Flat 12 here.", "To the repairs desk:", "Dear sir or madam,", "Good evening,", "hiya,",
    "Me again from Larkmoor Court.", "A repair, I'm afraid.", "Morning all,", "Repair please:",
    "Hope you're well.", "This is the tenant of 31 Osier Row.", "Just to report this:",
)  # fmt: skip
CLOSINGS = (
    "Thanks.", "Kind regards, P. Audley", "Thank you very much, Mrs Orbell", "Cheers, Dan",
    "Regards, T. Quillan", "ta", "Many thanks in advance.", "Yours, Wilma Fenn", "Best, Ines",
    "Hope to hear from you.", "Thanks, flat 7", "Sincerely, A. Mottram", "Bye for now.",
    "Thanks a lot, Joss", "Best wishes, the Haddons", "Thx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a tenant says. `id` is its code and its number in the file: plumbing-today-3."""

    id: str
    text: str

    @property
    def codes(self) -> list[str]:
        return self.id.split("-")[:-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    check = parser.parse_args().check
    stale = []
    for name, rows in study().items():
        path, text = STUDY / name, "".join(f"{json.dumps(row)}\n" for row in rows)
        if not check:
            path.write_text(text, "utf-8")
        elif not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run `python {Path(__file__).name}`")


def study() -> dict[str, list[dict[str, object]]]:
    rng = random.Random(11)
    problems, more_problems = dealt(sentences("problems.txt"), CASE_PROBLEMS, rng)
    ways, more_ways = dealt(sentences("circumstances.txt"), CASE_CIRCUMSTANCES, rng)
    planted = [
        json.loads(line) for line in (HERE / "planted.jsonl").read_text("utf-8").splitlines()
    ]
    pairs = paired(more_problems, more_ways, EXAMPLES - len(planted), rng)
    examples = [example(f"e{n}", *pair, rng) for n, pair in enumerate(pairs, 1)]
    for each in planted:
        examples.insert(rng.randrange(len(examples)), each)
    asked = paired(problems, ways, CASE_PROBLEMS * MESSAGES, rng)
    cases = [case(f"{p.id}-{way.id}", p, way, rng) for p, way in asked]
    return {
        "cases.jsonl": sorted(cases, key=lambda row: str(row["cluster"])),
        "examples.jsonl": examples,
    }


def sentences(name: str) -> dict[str, list[Sentence]]:
    """By their code, in the order of the file."""
    found: dict[str, list[Sentence]] = {}
    code = ""
    for line in (HERE / name).read_text("utf-8").splitlines():
        if line.startswith("## "):
            code = line.removeprefix("## ").replace(" ", "-")
        elif line and not line.startswith("#"):
            known = found.setdefault(code, [])
            known.append(Sentence(f"{code}-{len(known) + 1}", line))
    return found


def dealt(
    by_code: Mapping[str, Sequence[Sentence]], count: int, rng: random.Random
) -> tuple[list[Sentence], list[Sentence]]:
    """So many for the cases, of every code nearly as many, and the rest for the examples."""
    shuffled = [rng.sample(each, len(each)) for each in by_code.values()]
    rng.shuffle(shuffled)
    rounds = [each for turn in range(max(map(len, shuffled))) for each in _turn(shuffled, turn)]
    return rounds[:count], rounds[count:]


def _turn(lots: Sequence[Sequence[Sentence]], turn: int) -> Iterator[Sentence]:
    return (lot[turn] for lot in lots if turn < len(lot))


def paired(
    problems: Sequence[Sentence], ways: Sequence[Sentence], count: int, rng: random.Random
) -> list[tuple[Sentence, Sentence]]:
    """Each problem about as often as any other, every time with another kind of way in."""
    kinds: dict[str, list[Sentence]] = {way.codes[0]: [] for way in ways}
    for way in ways:
        kinds[way.codes[0]].append(way)
    endless = {kind: cycle(rng.sample(some, len(some))) for kind, some in kinds.items()}
    orders = {each.id: rng.sample(sorted(kinds), len(kinds)) for each in problems}
    turns = list(islice(cycle(problems), count))
    rounds = [place // len(problems) for place in range(count)]
    found = [
        (each, next(endless[orders[each.id][turn % len(kinds)]]))
        for each, turn in zip(turns, rounds, strict=True)
    ]
    return rng.sample(found, len(found))


def message(problem: Sentence, way: Sentence, rng: random.Random) -> str:
    """Between 12 and 45 words, the problem first or the way in first, some of it sloppy."""
    said = [problem.text, way.text]
    if rng.random() < 0.35:
        said.reverse()
    length = len(" ".join(said).split())
    short = length <= SHORT
    if rng.random() < (0.8 if short else 0.4):
        said.insert(0, rng.choice(OPENINGS))
    if rng.random() < (0.7 if short else 0.35 * (length <= ROOMY)):
        said.append(rng.choice(CLOSINGS))
    text = " ".join(_closed(each) for each in said)
    if rng.random() < 0.12:
        text = text.lower().replace(". ", rng.choice((". ", ", ", "; ")))
    words = len(text.split())
    if not FEWEST_WORDS <= words <= MOST_WORDS:
        raise ValueError(f"{words} words, {FEWEST_WORDS} to {MOST_WORDS} are wanted: {text}")
    return text


def _closed(text: str) -> str:
    return text if text[-1] in ".,:!?" else f"{text}."


def reply(problem: Sentence, way: Sentence) -> dict[str, str]:
    trade, when = problem.codes
    return {"trade": trade, "when": when, "entry": way.codes[0]}


def example(name: str, problem: Sentence, way: Sentence, rng: random.Random) -> dict[str, object]:
    turns = [("user", message(problem, way, rng)), ("assistant", json.dumps(reply(problem, way)))]
    chat = [{"role": role, "content": said} for role, said in turns]
    return {"id": name, "messages": chat, "cluster": problem.id}


def case(name: str, problem: Sentence, way: Sentence, rng: random.Random) -> dict[str, object]:
    return {
        "id": name,
        "question": message(problem, way, rng),
        "expected": reply(problem, way),
        "cluster": problem.id,
        "tags": [problem.codes[0]],
    }


if __name__ == "__main__":
    main()
