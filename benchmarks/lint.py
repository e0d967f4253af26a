"""The linters against planted faults: what they find, what they cry over, and how fast.

    python -m benchmarks.lint [--quick]

Clean data are complaints with a JSON reply, drawn from a grammar, and, where the public sets are
there, BANKING77's messages with their labels. A fault of one kind is planted into some examples;
recall is the share of those that the linter's finding counts and names, precision the share of what
it counts that was planted. Data sets of other seeds stay clean: what is found there is a false
alarm, by data set.
"""

import argparse
import csv
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.nano_claims import Found
from benchmarks.results_file import Row, print_claims, print_table, write
from suffice.records import Case, Example, Message, Source
from suffice.tune.findings import Finding, Material, Severity
from suffice.tune.lint import lint

ROUNDS = 20  # data sets a fault
PLANTED = 12  # examples a data set
LARGE = 100_000
MOST_SECONDS = 120
_LABELS = ("billing", "delivery", "returns", "account", "repair")
_VERBS = ("lost", "broke", "ordered", "returned", "paid", "missed", "found", "changed", "opened")
_THINGS = ("kettle", "lamp", "bicycle", "printer", "sofa", "phone", "tent", "camera", "guitar")
_WHERE = ("the station", "my office", "a friend's house", "the garden", "your shop", "the market")
_WHEN = ("on Monday", "last week", "this morning", "in March", "after lunch", "two days ago")
_END = ("What now?", "Please help.", "Can you check?", "I am waiting.", "Thank you.")
_LONG = (
    "We have looked at your order and found that the parcel left our house in time. The courier "
    "will bring it again tomorrow, and there is nothing that you have to do or to pay for it."
)

Change = Callable[[Example, random.Random], Example]


def drawn(count: int, seed: int) -> list[Example]:
    """Complaints, each once."""
    rng = random.Random(seed)
    made: dict[str, Example] = {}
    while len(made) < count:
        asked = (
            f"I {rng.choice(_VERBS)} the {rng.choice(_THINGS)} {rng.choice(_WHEN)} at "
            f"{rng.choice(_WHERE)}, number {rng.randint(10_000, 999_999)}. {rng.choice(_END)}"
        )
        reply = json.dumps({"label": rng.choice(_LABELS), "urgent": rng.random() < 0.5})
        place = len(made)
        example = Example(f"e{place}", (Message("user", asked),), reply)
        made.setdefault(asked, replace(example, source=Source("e.jsonl", place + 1)))
    return list(made.values())


def reply(text: str) -> Change:
    return lambda example, _: replace(example, reply=text)


def add(*texts: str) -> Change:
    """One of the texts behind the question."""

    def change(example: Example, rng: random.Random) -> Example:
        asked = f"{example.messages[0].content} {rng.choice(texts)}"
        return replace(example, messages=(Message("user", asked),))

    return change


def _cut(example: Example, rng: random.Random) -> Example:
    return replace(example, reply=example.reply[: rng.randint(5, len(example.reply) - 4)])


def _own_prompt(example: Example, _: random.Random) -> Example:
    return replace(example, messages=(Message("system", "Be brief."), *example.messages))


def _empty(example: Example, _: random.Random) -> Example:
    return replace(example, messages=(Message("user", " "),))


def _synthetic(example: Example, _: random.Random) -> Example:
    return replace(example, synthetic=True)


FAULTS: dict[str, Change] = {
    "mixed formats": reply("label: billing, urgent: yes"),
    "cut off": _cut,
    "empty": _empty,
    "template mismatch": _own_prompt,
    "unreviewed": _synthetic,
    "assistant's phrase": reply("As an AI language model, I cannot label this."),
    "secret": add(
        "The key is sk-proj-Zq81hfkeiqhfnvbmxkeu2830.",
        "My password: tulip9-orange",
        "Use ghp_abcdefghijklmnopqrstuvwxyz0123456789 for it.",
        "It is at postgres://shop:tulips@db.intern/orders.",
        "AKIAIOSFODNN7EXAMPLE was printed on it.",
    ),
    "personal data": add(
        "Write to maria.lopez@postbox-house.net.",
        "Call me at +44 20 7946 0958.",
        "My number is (212) 555-0187.",
        "Charge 4111 1111 1111 1111.",
        "Pay it to DE89 3704 0044 0532 0130 00.",
        "My SSN is 536-22-8145.",
    ),
}


def planted(kind: str, size: int, seed: int) -> tuple[list[Example], set[int], Material]:
    """Data with a fault in some places, their lines, and what the linter is given."""
    rng = random.Random(f"{kind} {seed}")
    examples = drawn(size, seed)
    places = sorted(rng.sample(range(size // 2, size), PLANTED))
    held_out: list[Case] = []
    for place in places:
        other = examples[rng.randrange(size // 2)]
        asked = other.messages[0].content
        again = rng.choice(
            (asked, asked.lower(), f"Hello, {asked}", asked.replace(" the ", "  the "))
        )
        if kind == "duplicate":
            examples[place] = replace(
                examples[place], messages=(Message("user", again),), reply=other.reply
            )
        elif kind == "contradiction":
            wrong = json.dumps({"label": "nothing", "urgent": False})
            examples[place] = replace(
                examples[place], messages=(Message("user", again),), reply=wrong
            )
        elif kind == "leak":
            said = examples[place].messages[0].content
            held_out.append(
                Case(f"c{place}", (Message("user", f"Hi! {said}"),), (examples[place].reply,))
            )
        elif kind == "too long":
            examples[place] = add("word " * 3000)(examples[place], rng)
        elif kind == "facts":
            pass
        else:
            examples[place] = FAULTS[kind](examples[place], rng)
    material = Material(
        examples,
        held_out=held_out,
        count_tokens=lambda text: len(text.split()),
        window=2048,
    )
    return examples, {place + 1 for place in places}, material


KINDS = (*FAULTS, "duplicate", "contradiction", "leak", "too long")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a fifth of the data sets, 10,000 rows"
    )
    chosen = parser.parse_args()
    rounds, large = (4, 10_000) if chosen.quick else (ROUNDS, LARGE)
    found, rows = Found(), list[Row]()
    for kind in KINDS:
        rows.append(_measured(kind, rounds))
    recall = min(float(row["recall"]) for row in rows)
    precision = min(float(row["precision"]) for row in rows)
    found.number("the worst linter's recall", "share", recall, ">= 0.95", count=rounds * PLANTED)
    found.number("the worst linter's precision", "share", precision, ">= 0.95")
    alarms = [_alarms(drawn(600, 1000 + seed)) for seed in range(rounds)]
    found.number(
        "clean data sets with a false alarm", "share", sum(alarms) / len(alarms), "<= 0.05"
    )
    _whole_sets(rows)
    _banking(found)
    _speed(found, large)
    print_table(rows, title="planted faults")
    print_claims(found.claims)
    if not chosen.quick:
        write("lint", rows, found.claims, ("datasketch",))


def _measured(kind: str, rounds: int) -> Row:
    hits = counted = wanted = 0
    for seed in range(rounds):
        _, lines, material = planted(kind, 600, seed)
        findings = [each for each in lint(material) if each.kind == kind]
        named = _named(findings)
        if kind == "contradiction":  # both sides are named: the later line is the planted one
            named = {line for line in named if line > 300}
        hits += len(lines & named) if kind != "unreviewed" else sum(f.count for f in findings)
        counted += sum(f.count for f in findings)
        wanted += len(lines)
    return {
        "fault": kind,
        "planted": wanted,
        "recall": min(1.0, hits / wanted),
        "precision": min(1.0, wanted / counted) if counted else 0.0,
    }


def _named(findings: Sequence[Finding]) -> set[int]:
    return {each.line or 0 for finding in findings for each in finding.where}


def _alarms(examples: Sequence[Example]) -> bool:
    return any(each.severity is not Severity.NOTE for each in lint(Material(examples)))


def _whole_sets(rows: list[Row]) -> None:
    """Faults of a whole data set: found in it, and not in its like without the fault."""
    rng = random.Random(5)

    def told(each: Example) -> Example:
        return replace(each, reply=f"It costs {rng.randint(100, 9999)}.75 euros.")

    def labelled(each: Example) -> Example:
        return replace(each, reply="rare" if rng.random() < 0.01 else "no")

    faults: dict[str, Callable[[Example], Example]] = {
        "facts": told,
        "label imbalance": labelled,
        "few examples": lambda each: each,
    }
    for kind, broken in faults.items():
        seen = silent = 0
        for seed in range(ROUNDS):
            size = 120 if kind == "few examples" else 600
            bad = [broken(each) for each in drawn(size, seed)]
            seen += any(each.kind == kind for each in lint(Material(bad)))
            silent += all(each.kind != kind for each in lint(Material(drawn(600, seed))))
        share = {"recall": seen / ROUNDS, "precision": silent / ROUNDS}
        rows.append({"fault": f"{kind} (data sets)", "planted": ROUNDS, **share})


def _banking(found: Found) -> None:
    """Real messages: what is found there is looked at by a person; here it is counted."""
    file = Path(os.environ.get("SUFFICE_DATA", "../shared/data")) / "banking77" / "train.csv"
    if not file.exists():
        print(f"{file} is absent: real messages are not linted")
        return
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    text, label = list(rows[0])[:2]
    examples = [
        Example(f"b{n}", (Message("user", row[text]),), row[label], None, Source(str(file), n + 2))
        for n, row in enumerate(rows)
    ]
    started = time.perf_counter()
    findings = lint(Material(examples))
    print(f"BANKING77, {len(examples):,} rows, {time.perf_counter() - started:.0f} s:")
    for each in findings:
        print(f"  {each.severity}: {each}")
    found.number("BANKING77: findings", "count", len(findings), count=len(examples))


def _speed(found: Found, size: int) -> None:
    examples = drawn(size, 77)
    started = time.perf_counter()
    lint(Material(examples, count_tokens=len, window=10**6))
    seconds = time.perf_counter() - started
    goal = f"< {MOST_SECONDS * size / LARGE:g}"
    found.number(f"linting {size:,} examples", "s", seconds, goal, count=size)


if __name__ == "__main__":
    main()
