"""A small real file of every format: what the contract test reads.

A new format needs an entry here: a function that writes its sample into a folder and returns the
path to read, and the file in which a defect should be noticed.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from suffice.records import Json


@dataclass(frozen=True)
class Sample:
    """How to write a sample, and the file of it that holds the questions."""

    write: Callable[[Path], Path]
    questions: str


def write_jsonl(path: Path, rows: Sequence[Json]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def own(folder: Path) -> Path:
    return write_jsonl(
        folder / "cases.jsonl",
        [
            {"id": "a", "question": "What is 6 x 7?", "expected": 42, "tags": ["sums"]},
            {"question": "Where is Paris?", "any_of": ["France", "in France"], "gold": ["geo.md"]},
            {"question": "Who will win in 2090?", "answerable": False, "cluster": "future"},
        ],
    )


def table(folder: Path) -> Path:
    path = folder / "cases.csv"
    path.write_text(
        "id,question,expected,any_of,gold,answerable\n"
        "a,What is 6 x 7?,42,,,\n"
        'b,"Where is Paris, please?",,France|in France,geo.md|maps.md,yes\n'
        "c,Who will win in 2090?,,,,no\n",
        "utf-8",
    )
    return path


def beir(folder: Path) -> Path:
    write_jsonl(
        folder / "corpus.jsonl",
        [
            {"_id": "d1", "title": "Paris", "text": "Paris is in France."},
            {"_id": "d2", "title": "", "text": "Rome is in Italy."},
        ],
    )
    write_jsonl(
        folder / "queries.jsonl",
        [{"_id": "q1", "text": "Where is Paris?"}, {"_id": "q2", "text": "Where is Rome?"}],
    )
    qrels = folder / "qrels"
    qrels.mkdir()
    (qrels / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td2\t1\n", "utf-8"
    )
    return folder


def chat(folder: Path) -> Path:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where is Paris?"},
        {"role": "assistant", "content": "France."},
    ]
    return write_jsonl(folder / "chat.jsonl", [{"messages": turns}, {"messages": turns[1:]}])


def promptfoo(folder: Path) -> Path:
    path = folder / "promptfooconfig.yaml"
    path.write_text(
        "prompts: ['Answer briefly: {{question}}']\n"
        "providers: [openai:gpt-5]\n"
        "tests:\n"
        "  - description: capital\n"
        "    vars: {question: Where is Paris?}\n"
        "    assert:\n"
        "      - {type: icontains, value: France}\n"
        "  - vars: {question: 'What is 6 x 7?'}\n"
        "    assert:\n"
        "      - {type: equals, value: '42'}\n",
        "utf-8",
    )
    return path


def evals(folder: Path) -> Path:
    criteria = [
        {
            "type": "string_check",
            "name": "right",
            "input": "{{sample.output_text}}",
            "reference": "{{item.answer}}",
            "operation": "eq",
        }
    ]
    (folder / "eval.json").write_text(
        json.dumps({"object": "eval", "id": "e1", "testing_criteria": criteria}), "utf-8"
    )
    return write_jsonl(
        folder / "items.jsonl",
        [
            {"item": {"question": "Where is Paris?", "answer": "France"}},
            {"item": {"question": "Where is Rome?", "answer": "Italy"}},
        ],
    )


SAMPLES = {
    "jsonl": Sample(own, "cases.jsonl"),
    "csv": Sample(table, "cases.csv"),
    "beir": Sample(beir, "queries.jsonl"),
    "openai-chat": Sample(chat, "chat.jsonl"),
    "promptfoo": Sample(promptfoo, "promptfooconfig.yaml"),
    "openai-evals": Sample(evals, "items.jsonl"),
}
