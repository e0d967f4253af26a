"""The same cases for every harness, in the form that each one reads.

Our study is written first and split by its own rules; the peers get exactly its held-out cases, in
their own files. Knows the endpoint's answers, nothing of time or memory.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from zlib import crc32

import numpy as np

from benchmarks.fast_endpoint import answer_to
from benchmarks.harness_peers.prompt import MAX_TOKENS, MODEL, PROMPT
from suffice.ladder import Study
from suffice.records import Case

RIGHT_SHARE = 0.9  # so that a harness which scores nothing, or everything alike, is seen
_DEV_SHARE = 0.01  # a study must have dev cases, though this rung looks at none
_SEED = 20261121

_SYLLABLES = (
    *("bel", "cor", "dan", "fen", "gar", "hol", "kes", "lor", "mar", "nes"),
    *("or", "pel", "quin", "ros", "sel", "tor", "ul", "ver", "wyn", "yar"),
)


@dataclass(frozen=True)
class Material:
    """Where the files lie, and how many cases each harness has to ask."""

    folder: Path
    cases: int
    right: int
    port: int
    concurrency: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def study(self) -> Path:
        return self.folder / "study"

    @property
    def inspect(self) -> Path:
        return self.folder / "inspect.jsonl"

    @property
    def lm_eval(self) -> Path:
        return self.folder / "lm_eval"

    @property
    def promptfoo(self) -> Path:
        return self.folder / "promptfoo"


def write_material(folder: Path, cases: int, port: int, concurrency: int) -> Material:
    """Writes the study and the peers' files for so many held-out cases."""
    base_url = f"http://127.0.0.1:{port}/v1"
    model = {"model": f"openai:{MODEL}", "extra": {"base_url": base_url}}
    held_out = _write_study(folder / "study", cases, model, concurrency)
    right = sum(_is_right(_question(case)) for case in held_out)
    material = Material(folder, cases, right, port, concurrency)
    rows = [{"input": _question(case), "target": _target(case), "id": case.id} for case in held_out]
    _write_lines(material.inspect, rows)
    _write_lm_eval(material.lm_eval, held_out)
    _write_promptfoo(material.promptfoo, held_out, base_url, concurrency)
    return material


def _write_study(
    folder: Path, cases: int, model: Mapping[str, object], concurrency: int
) -> tuple[Case, ...]:
    """Writes a study with exactly so many held-out cases, and returns these.

    More cases than are needed are split; the file then ends with the last one that is. The split
    puts no case elsewhere because of cases that follow it.
    """
    folder.mkdir(parents=True)
    surplus = cases + ceil(cases * _DEV_SHARE / (1 - _DEV_SHARE)) + 10
    rows = [
        {"id": f"case-{number}", "question": question, "expected": expected(question)}
        for number, question in enumerate(questions(surplus))
    ]
    _write_lines(folder / "cases.jsonl", rows)
    (folder / "prompt.md").write_text(PROMPT, "utf-8")
    settings = {
        "name": "harness",
        "cases": "cases.jsonl",
        "prompt": "prompt.md",
        "checks": ["exact"],
        "bar": {"correct": 0.3},
        "split": {"dev": _DEV_SHARE},
        "limits": {"concurrency": concurrency},
        "max_tokens": MAX_TOKENS,
    }
    _write_json(folder / "suffice.yaml", {**settings, **model})  # JSON is YAML
    held_out = Study.load(folder).split.held_out[:cases]
    needed = int(held_out[-1].id.removeprefix("case-")) + 1
    _write_lines(folder / "cases.jsonl", rows[:needed])
    return held_out


def questions(count: int) -> list[str]:
    """Questions of about twenty words, no two alike, the same every time."""
    generator = np.random.default_rng(_SEED)
    names = generator.integers(len(_SYLLABLES), size=(count, 6, 3))
    return [_worded(number, drawn.tolist()) for number, drawn in enumerate(names)]


def _worded(number: int, drawn: Sequence[Sequence[int]]) -> str:
    buyer, seller, town, goods, carrier, clerk = (
        "".join(_SYLLABLES[place] for place in syllables).title() for syllables in drawn
    )
    return (
        f"{buyer} of {town} ordered {goods} from {seller}, shipped by {carrier} and signed for by "
        f"{clerk} on day {number}. What is the code of this order?"
    )


def expected(question: str) -> str:
    """The endpoint's answer for nine questions in ten, another one for the rest."""
    return answer_to(question) if _is_right(question) else f"not {answer_to(question)}"


def _is_right(question: str) -> bool:
    return crc32(question.encode()[::-1]) % 1000 < RIGHT_SHARE * 1000


def write_planted(folder: Path, cases: int, concurrency: int) -> Material:
    """The same questions for the simulated model, which answers within the process. By its
    laws it declines or gets wrong some of what it knows."""
    study = folder / "study"
    held_out = _write_study(study, cases, {"model": "planted:world.json"}, concurrency)
    facts = [
        {"id": case.id, "question": _question(case), "answer": answer_to(_question(case))}
        for case in held_out
    ]
    _write_json(study / "world.json", {"name": "orders", "known": 1.0, "facts": facts})
    return Material(folder, cases, right=0, port=0, concurrency=concurrency)


def _write_lm_eval(folder: Path, cases: Sequence[Case]) -> None:
    folder.mkdir()
    _write_lines(
        folder / "cases.jsonl",
        [{"question": _question(case), "answer": _target(case)} for case in cases],
    )
    _write_json(
        folder / "orders.yaml",
        {
            "task": "orders",
            "dataset_path": "json",
            "dataset_kwargs": {"data_files": {"test": str(folder / "cases.jsonl")}},
            "test_split": "test",
            "output_type": "generate_until",
            "doc_to_text": "{{question}}",
            "doc_to_target": "{{answer}}",
            "generation_kwargs": {"until": [], "max_gen_toks": MAX_TOKENS, "do_sample": False},
            "metric_list": [
                {
                    "metric": "exact_match",
                    "aggregation": "mean",
                    "higher_is_better": True,
                    "ignore_case": True,
                    "ignore_punctuation": True,
                }
            ],
        },
    )


def _write_promptfoo(folder: Path, cases: Sequence[Case], base_url: str, concurrency: int) -> None:
    folder.mkdir()
    chat = [{"role": "system", "content": PROMPT}, {"role": "user", "content": "{{question}}"}]
    _write_json(folder / "prompt.json", chat)
    _write_lines(
        folder / "tests.jsonl",
        [
            {
                "vars": {"question": _question(case)},
                "assert": [{"type": "equals", "value": _target(case)}],
            }
            for case in cases
        ],
    )
    provider = {
        "id": f"openai:chat:{MODEL}",
        "config": {
            "apiBaseUrl": base_url,
            "apiKey": "none",
            "max_tokens": MAX_TOKENS,
            "temperature": 0,
        },
    }
    _write_json(
        folder / "promptfooconfig.yaml",
        {
            "prompts": ["file://prompt.json"],
            "providers": [provider],
            "tests": "file://tests.jsonl",
            "evaluateOptions": {
                "maxConcurrency": concurrency,
                "cache": False,
                "showProgressBar": False,
            },
        },
    )


def _question(case: Case) -> str:
    return case.messages[-1].content


def _target(case: Case) -> str:
    return str(case.expected[0])


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1), "utf-8")


def _write_lines(path: Path, rows: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
