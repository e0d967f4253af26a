"""The worlds that `benchmarks.verdicts` draws: from what, how likely, and as which study.

Everything here is open to argument. A world is a model whose truth is known (`planted`), documents
that hold the facts, worked examples, and bars. What is drawn:

    what is lacking     nothing 15%, facts 25%, form 15%, a skill 15%, facts and form 10%,
                        facts and a skill 15%, more than any rung can mend 5%
    the study           60 to 300 cases, 1 to 5 a document; half of the documents that there are
    what a model knows  all of the facts, or 5% to 60% where facts are lacking, by document
    recall              93% to 100% of what is known comes out
    form                95% to 100% kept unasked, or 5% to 60%; examples in the prompt teach it
                        quickly (4 to 12 of them), slowly or hardly (20 to 200)
    a skill             97% to 100%, or 30% to 70%; learned from 50 to 400 tuned examples, hardly
                        from examples in the prompt
    reading             88% to 100% of evidence is used, to 1.5 points less for each other passage
    searching           up to 25% of the documents go by another name than the questions use
    declining           5% to 15% of the cases have no answer; 50% to 95% of them are declined
    examples            40 to 400
    a schema            costs up to 4% of the right answers
    the bars            `correct` between 60% and 90%; `format` at 90% in half of the worlds;
                        `abstains` at 60% in a fifth
    money               $0.05 to $5 a million tokens read, four times that written; an eighth of the
                        worlds may spend what 150 to 4,000 read tokens a request cost
    time                0.01 to 1 ms a token read, 12 ms a token written; in a twelfth 95% of the
                        answers must come within 0.7 to 2 seconds

Left out: judges (their errors are in `benchmarks.intervals`) and talks.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import yaml

from suffice.models.planted.generate import SCHEMA, Planted, case_of, make_world
from suffice.models.planted.laws import Laws
from suffice.ports import Price
from suffice.records import Case, Json

GAPS = {
    "nothing": 0.15,
    "facts": 0.25,
    "form": 0.15,
    "skill": 0.15,
    "facts and form": 0.10,
    "facts and skill": 0.15,
    "too much": 0.05,
}
PROMPT = (
    "You answer questions about products. Reply with a JSON object with the keys `answer` and "
    "`category`. If you do not know the answer, say so."
)
_POPULATION = 2  # times the study's documents


@dataclass(frozen=True)
class Drawn:
    """One world with the cases of its study among all that could have been asked."""

    number: int
    gap: str
    planted: Planted
    cases: tuple[Case, ...]
    bar: dict[str, float]


def draw(number: int) -> Drawn:
    """The same number always draws the same world."""
    rng = np.random.default_rng([2026, number])
    gap = str(rng.choice(list(GAPS), p=list(GAPS.values())))
    lacks_facts, lacks_form = "facts" in gap or gap == "too much", "form" in gap
    lacks_skill = "skill" in gap
    count, per_document = int(rng.integers(60, 301)), int(rng.integers(1, 6))
    laws = Laws(
        recall=rng.uniform(0.93, 1.0),
        abstain=rng.uniform(0.5, 0.95),
        abstain_unknown=rng.uniform(0.05, 0.5),
        abstain_told=rng.uniform(0.0, 0.1),
        grounding=rng.uniform(0.88, 1.0) if gap != "too much" else rng.uniform(0.2, 0.4),
        distraction=rng.uniform(0.0, 0.015),
        abstain_ungrounded=rng.uniform(0.5, 0.95),
        format=rng.uniform(0.05, 0.6) if lacks_form else rng.uniform(0.95, 1.0),
        format_told=rng.uniform(0.0, 0.15),
        examples_scale=rng.uniform(4, 12) if rng.random() < 0.5 else rng.uniform(20, 200),
        tuning_scale=rng.uniform(30, 150),
        schema_tax=rng.uniform(0.0, 0.04),
        skill=rng.uniform(0.3, 0.7) if lacks_skill else rng.uniform(0.97, 1.0),
        skill_examples_scale=rng.uniform(50, 500),
        skill_tuning_scale=rng.uniform(50, 400),
    )
    means = np.random.default_rng([2027, number])  # apart, so that all else stays as it was drawn
    laws = msgspec.structs.replace(laws, seconds_per_input_token=float(10 ** means.uniform(-5, -3)))
    price = float(10 ** means.uniform(np.log10(0.05), np.log10(5)))
    made = make_world(
        rng,
        cases=_POPULATION * count,
        per_document=per_document,
        unanswerable=rng.uniform(0.05, 0.15),
        examples=int(rng.integers(40, 401)),
        known=rng.uniform(0.05, 0.6) if lacks_facts else 1.0,
        known_by="document",
        laws=laws,
    )
    priced = msgspec.structs.replace(made.world, price=Price(input=price, output=4 * price))
    made = _renamed(replace(made, world=priced), rng, rng.uniform(0.0, 0.25))
    documents = list(dict.fromkeys(fact.document for fact in made.world.facts))
    chosen = set(rng.choice(documents, size=len(documents) // _POPULATION, replace=False))
    bar = {"correct": round(float(rng.uniform(0.6, 0.9)), 2)}
    bar |= {"format": 0.9} if rng.random() < 0.5 else {}
    bar |= {"abstains": 0.6} if rng.random() < 0.2 else {}
    if means.random() < 1 / 8:
        bar["usd_per_1k"] = float(f"{price * 10 ** means.uniform(-0.8, 0.6):.2g}")
    if means.random() < 1 / 12:
        bar["latency_p95_s"] = round(float(means.uniform(0.7, 2.0)), 2)
    cases = tuple(case for case in made.cases if case.cluster in chosen)
    return Drawn(number, gap, made, cases, bar)


def _renamed(made: Planted, rng: np.random.Generator, share: float) -> Planted:
    """In some documents the thing goes by a name that no question uses."""
    documents = sorted({fact.document for fact in made.world.facts})
    hidden = {each for each in documents if rng.random() < share}
    facts, texts = [], dict[str, list[str]]()
    for fact in made.world.facts:
        sentences = fact.sentences
        if fact.document in hidden:
            name = fact.questions[0].rpartition(" of the ")[2].rstrip("?")
            sentences = tuple(each.replace(name, f"item {fact.id[-5:]}") for each in sentences)
        facts.append(msgspec.structs.replace(fact, evidence=sentences))
        texts.setdefault(fact.document, []).extend(sentences)
    passages = tuple(replace(each, text=" ".join(texts[each.document])) for each in made.passages)
    world = msgspec.structs.replace(made.world, facts=tuple(facts))
    return Planted(world, tuple(case_of(each) for each in facts), passages, made.examples, SCHEMA)


def write_study(drawn: Drawn, folder: Path, *, seed: int | None = None) -> Path:
    """The world as files, as a user has them. `seed` throws the model's dice anew."""
    world = drawn.planted.world
    if seed is not None:
        world = msgspec.structs.replace(world, seed=seed)
    docs = folder / "docs"
    docs.mkdir(parents=True)
    (folder / "world.json").write_bytes(msgspec.json.encode(world))
    (folder / "prompt.md").write_text(PROMPT, "utf-8")
    (folder / "schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    _write_lines(folder / "cases.jsonl", [_case(each) for each in drawn.cases])
    _write_lines(
        folder / "examples.jsonl",
        [
            {
                "id": each.id,
                "cluster": each.cluster,
                "messages": [
                    {"role": "user", "content": each.messages[-1].content},
                    {"role": "assistant", "content": each.reply},
                ],
            }
            for each in drawn.planted.examples
        ],
    )
    _write_lines(
        docs / "products.jsonl",
        [
            {"id": each.document, "text": each.text}
            for each in drawn.planted.passages
            if each.text.strip()
        ],
    )
    keys: dict[str, Any] = {
        "name": f"world-{drawn.number}",
        "model": "planted:world.json",
        "cases": "cases.jsonl",
        "documents": "docs/products.jsonl",
        "examples": "examples.jsonl",
        "prompt": "prompt.md",
        "schema": "schema.json",
        "embedder": "static",
        "limits": {"concurrency": 4},
        "bar": drawn.bar,
    }
    (folder / "suffice.yaml").write_text(yaml.safe_dump(keys, sort_keys=False), "utf-8")
    return folder


def _case(case: Case) -> dict[str, Json]:
    return {
        "id": case.id,
        "question": case.messages[-1].content,
        **({"any_of": list(case.expected)} if case.expected else {}),
        "checks": [{"metric": check.metric, **check.options} for check in case.checks],
        "gold": list(case.gold),
        "answerable": case.answerable,
        "cluster": case.cluster,
    }


def _write_lines(path: Path, rows: Iterable[Json]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
