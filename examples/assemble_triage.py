"""Writes the examples and cases of the bundled study `triage` from messages written by hand.

    python examples/assemble_triage.py [--check]

examples/triage/messages.txt names an intent, its queue and its urgency, and then what tenants
write, a message a line. They are dealt out by a seed; of two that are nearly the same only the
first counts. Always the same bytes; `--check` only says whether the files are fresh.
"""

import argparse
import json
import random
import re
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path

HERE = Path(__file__).parent / "triage"
STUDY = Path(__file__).parent.parent / "src" / "suffice" / "studies" / "triage"
EXAMPLES, CASES = 60, 26  # of each intent
SAME = 0.6  # share of the words of two messages that both have, from which they are nearly the same
FEWEST_WORDS, MOST_WORDS = 8, 20


@dataclass(frozen=True, slots=True)
class Message:
    """What a tenant wrote, and how it was sorted."""

    text: str
    intent: str
    queue: str
    urgency: str

    @property
    def reply(self) -> dict[str, str]:
        return {"queue": self.queue, "urgency": self.urgency}

    def nearly(self, other: "Message") -> bool:
        ours, theirs = (set(re.findall(r"\w+", each.text.lower())) for each in (self, other))
        return len(ours & theirs) >= SAME * len(ours | theirs)


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
    shown: list[Message] = []
    asked: list[dict[str, object]] = []
    for intent, messages in by_intent((HERE / "messages.txt").read_text("utf-8")).items():
        dealt = rng.sample(messages, EXAMPLES + CASES)
        shown += dealt[CASES:]
        asked += [case(f"{intent}-{n}", each) for n, each in enumerate(dealt[:CASES], 1)]
    numbers = count(1)
    examples = [example(f"e{next(numbers)}", each) for each in rng.sample(shown, len(shown))]
    for line in (HERE / "planted.jsonl").read_text("utf-8").splitlines():
        examples.insert(rng.randrange(len(examples)), json.loads(line))
    return {"cases.jsonl": asked, "examples.jsonl": examples}


def by_intent(text: str) -> dict[str, list[Message]]:
    """Those that are unlike all before them."""
    found: dict[str, list[Message]] = {}
    codes: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            codes = line.removeprefix("## ").split(" | ")
            found[codes[0]] = []
        elif line and not line.startswith("#"):
            if not FEWEST_WORDS <= len(line.split()) <= MOST_WORDS:
                raise ValueError(f"{FEWEST_WORDS} to {MOST_WORDS} words are wanted: {line}")
            message = Message(line, *codes)
            if not any(message.nearly(each) for known in found.values() for each in known):
                found[codes[0]].append(message)
    return found


def example(name: str, message: Message) -> dict[str, object]:
    turns = [("user", message.text), ("assistant", json.dumps(message.reply))]
    return {"id": name, "messages": [{"role": role, "content": said} for role, said in turns]}


def case(name: str, message: Message) -> dict[str, object]:
    return {
        "id": name,
        "question": message.text,
        "expected": message.reply,
        "tags": [message.intent],
    }


if __name__ == "__main__":
    main()
