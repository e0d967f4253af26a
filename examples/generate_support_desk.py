"""Writes the bundled study and its simulated world from examples/support_desk.txt.

    python examples/generate_support_desk.py [--check]

The text file is written by hand; this turns it into documents, cases, worked examples and the
world of `planted:support-desk`, always the same bytes. `--check` only says whether the files are
fresh. Nothing here is chosen by chance.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SUFFICE = HERE.parent / "src" / "suffice"
STUDY = SUFFICE / "studies" / "support_desk"
WORLD = SUFFICE / "models" / "planted" / "worlds" / "support-desk.yaml"
LABELS = ("billing", "shipping", "returns", "warranty", "product", "account")
DECLINE = "I don't know."

# Answers of one kind pass for one another when the simulated model makes something up.
KINDS = (
    ("yes-no", r"^(?:yes|no)\b"),
    ("money", r"£"),
    ("share", r"%"),
    ("time", r"\b(?:seconds?|minutes?|hours?|hour|days?|weeks?|months?|years?|term|once|twice)\b"),
    ("length", r"\b(?:\w*metres?|inch)\b"),
    ("size", r"\b(?:grams|kilograms?|litres|bar|watts|lumens|degrees|gigahertz|letters)\b"),
    ("count", r"^(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)$"),
    ("place", r"\b(?:Account|app|shop|Bell|Orders|roof|sticker|bin|border)\b"),
)

WORLD_HEAD = """\
# The simulated world of the bundled study, written by examples/generate_support_desk.py.
# docs/planted.md explains every key. Known is a share: the model knows about six facts in ten and
# makes up or declines the others, which no prompt can cure and retrieval will.
name: support-desk
seed: 8  # of 40 tried, one whose draws fall close to the laws, so that the demo is typical
about: An invented maker of garden devices, Pinbarrow, and what people ask its support desk.
laws:
  recall: 0.97
  abstain_unknown: 0.1
  abstain: 0.6
  abstain_told: 0.3
  grounding: 0.97
  distraction: 0.008
  citing: 0.92
  abstain_ungrounded: 0.9
  format: 0.4
  format_told: 0.15
  examples_scale: 9
  tuning_scale: 250
  schema_tax: 0.01
  skill: 0.92
  skill_examples_scale: 12
  skill_tuning_scale: 400
  seconds: 0.35
  seconds_per_input_token: 0.00004
  seconds_per_output_token: 0.012
  jitter: 0.25
known: 0.6
skill_fields: [category, needs_human]
decline: "I don't know."
wrong_shapes: [fence, fence, prose, prose, chatty_fence, chatty_fence, explained, explained,
  missing_key, other_keys]
price: {input: 0.15, output: 0.6, as_of: "2026-11-01", source: invented}
facts:
"""


@dataclass
class Asked:
    """One question, with the sentence that answers it; without one, nobody can."""

    question: str
    category: str
    sentence: str = ""
    answer: str = ""
    needs_human: bool = False
    others: tuple[str, ...] = ()


@dataclass
class Document:
    """One page of the company's handbook."""

    name: str
    title: str
    category: str
    for_examples: bool
    prose: list[str] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether they are fresh")
    check = parser.parse_args().check
    documents = list(read((HERE / "support_desk.txt").read_text("utf-8")))
    stale = [path for path, text in files(documents).items() if not written(path, text, check)]
    for path in stale:
        print(f"stale: {path}; run python examples/generate_support_desk.py")  # noqa: T201
    return 1 if stale else 0


def read(text: str) -> Iterator[Document]:
    """The documents of the text file, in its order."""
    document, for_examples = None, False
    for line in text.splitlines():
        if line == "## examples":
            for_examples = True
        elif line.startswith("# "):
            if document:
                yield document
            name, title, category = (part.strip() for part in line[2:].split("|"))
            document = Document(name, title, category, for_examples)
        elif document and line.startswith("- "):
            document.asked.append(answered(line[2:], document.category))
            document.prose.append(document.asked[-1].sentence)
        elif document and line.startswith("? "):
            document.asked.append(Asked(line[2:].strip(), document.category, needs_human=True))
        elif document and line.strip():
            document.prose.append(line.strip())
    if document:
        yield document


def answered(line: str, category: str) -> Asked:
    sentence, question, rest = (part.strip() for part in line.split("||"))
    words = rest.split()
    needs_human = words[-1] == "!"
    words = words[:-1] if needs_human else words
    if words[-1] in LABELS and len(words) > 1:
        category, words = words[-1], words[:-1]
    answer, *others = (part.strip() for part in " ".join(words).split(" = "))
    return Asked(question, category, sentence, answer, needs_human, tuple(others))


def files(documents: list[Document]) -> dict[Path, str]:
    """Every file that is written, with its text."""
    found = {STUDY / "documents" / f"{each.name}.md": page(each) for each in documents}
    cases = [row for each in documents if not each.for_examples for row in case_rows(each)]
    examples = [row for each in documents if each.for_examples for row in example_rows(each)]
    facts = [row for each in documents for row in fact_rows(each)]
    found[STUDY / "cases.jsonl"] = "".join(line(row) for row in cases)
    found[STUDY / "examples.jsonl"] = "".join(line(row) for row in examples)
    found[WORLD] = WORLD_HEAD + "".join(f"- {line(row)}" for row in facts)
    return found


def page(document: Document) -> str:
    """Two sentences a paragraph, each paragraph on one line."""
    pairs = [document.prose[at : at + 2] for at in range(0, len(document.prose), 2)]
    paragraphs = "\n\n".join(" ".join(pair) for pair in pairs)
    return f"# {document.title}\n\n{paragraphs}\n"


def case_rows(document: Document) -> Iterator[dict[str, Any]]:
    for number, asked in enumerate(document.asked, 1):
        row: dict[str, Any] = {"id": f"{document.name}-{number}", "question": asked.question}
        if asked.answer:
            good = [value(asked, answer) for answer in (asked.answer, *asked.others)]
            row |= {"any_of": good} if asked.others else {"expected": good[0]}
            row["gold"] = [f"{document.name}.md"]
        else:
            row |= {"answerable": False, "checks": ["json-schema", "abstention"]}
        yield row | {"cluster": document.name, "tags": [asked.category]}


def example_rows(document: Document) -> Iterator[dict[str, Any]]:
    for number, asked in enumerate(document.asked, 1):
        reply = json.dumps(value(asked, asked.answer or DECLINE), ensure_ascii=False)
        messages = [
            {"role": "user", "content": asked.question},
            {"role": "assistant", "content": reply},
        ]
        name = f"{document.name}-{number}"
        yield {"id": name, "messages": messages, "cluster": document.name}


def fact_rows(document: Document) -> Iterator[dict[str, Any]]:
    for number, asked in enumerate(document.asked, 1):
        row: dict[str, Any] = {
            "id": f"{document.name}-{number}",
            "question": asked.question,
            "answer": value(asked, asked.answer or None),
            "document": f"{document.name}.md",
        }
        if asked.answer:
            yield row | {"evidence": asked.sentence, "like": kind_of(asked.answer)}
        else:
            yield row | {"answerable": False}


def value(asked: Asked, answer: str | None) -> dict[str, Any]:
    return {"answer": answer, "category": asked.category, "needs_human": asked.needs_human}


def kind_of(answer: str) -> str:
    return next((kind for kind, pattern in KINDS if re.search(pattern, answer)), "words")


def line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def written(path: Path, text: str, check: bool) -> bool:
    """Writes a file, or says whether it holds the text already."""
    if check:
        return path.is_file() and path.read_text("utf-8") == text
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main())
