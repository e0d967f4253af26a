"""The same request gets the same answer on every machine, in any order, thread and batch."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from suffice.models.planted import PlantedModel, create
from suffice.models.planted.laws import uniform
from suffice.ports import ModelOptions
from suffice.records import Message, Request
from tests.models.planted.asking import FACTS, close, facts, model, request, share

PINNED_DRAWS = [0.7577970919482178, 0.5561040751041384]
PINNED_REPLY = '{"answer":"24","category":"product","needs_human":false}'


def unsteady() -> PlantedModel:
    """A model on which every kind of law has a say."""
    return model(recall=0.7, format=0.5, skill=0.6)


def requests(seed: int | None = None) -> list[Request]:
    return [request(fact.questions[0], seed=seed) for fact in facts(500)]


def test_threads_and_batches_change_nothing() -> None:
    """One by one in eight threads, backwards, or all in one call: equal answers."""
    asked = requests()
    at_once = unsteady().ask(asked)
    shared = unsteady()
    with ThreadPoolExecutor(8) as pool:
        threaded = list(pool.map(lambda each: shared.ask([each])[0], reversed(asked)))
    assert threaded[::-1] == list(at_once)


def test_processes_agree() -> None:
    """Another process with another hash seed gives the same answers."""
    code = (
        "import json, sys; from suffice.models.planted import create;"
        "from suffice.ports import ModelOptions; from suffice.records import Message, Request;"
        "m = create('generate?cases=50&gap=both', ModelOptions());"
        "asked = [Request((Message('user', f.questions[0]),)) for f in m.world.facts];"
        "print(json.dumps([[a.text, a.seconds, a.usd] for a in m.ask(asked)]))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1
    assert len(json.loads(runs.pop())) == 50


def test_the_draws_are_pinned() -> None:
    """The numbers that committed results stand on do not drift from one version to the next."""
    assert [uniform(7, law, "f1") for law in ("recall", "format")] == PINNED_DRAWS
    asked = Message("user", "How many gadgets can a single Hob handle?")
    (answer,) = create("support-desk", ModelOptions()).ask([Request((asked,))])
    assert answer.text == PINNED_REPLY


def test_at_temperature_0_the_seed_has_no_effect() -> None:
    """Greedy decoding repeats itself."""
    made = unsteady()
    assert made.ask(requests(seed=1)) == made.ask(requests(seed=2))


def test_a_warm_model_varies_with_the_seed_and_keeps_its_laws() -> None:
    """Replicates at temperature 1 differ, each repeats exactly, and shares stay the law's."""
    made = model(recall=0.7)
    asked = [
        [request(f.questions[0], temperature=1.0, seed=seed) for f in made.world.facts]
        for seed in (1, 2)
    ]
    first, second = (
        [
            json.loads(a.text)["answer"] == f.answer["answer"]
            for a, f in zip(made.ask(each), made.world.facts, strict=True)
        ]
        for each in asked
    )
    assert made.ask(asked[0]) == made.ask(asked[0])
    assert close(share(first), 0.7)
    assert close(share(second), 0.7)
    both = share(a and b for a, b in zip(first, second, strict=True))
    assert close(both, 0.49)  # at temperature 1 replicates are independent


def test_a_cooler_model_repeats_itself_more() -> None:
    """At temperature t a draw is kept with 1 - t, so replicates of a case go together."""
    made = model(recall=0.7)
    right = []
    for seed in (1, 2):
        asked = [request(f.questions[0], temperature=0.5, seed=seed) for f in made.world.facts]
        answers = made.ask(asked)
        right.append(
            [
                json.loads(a.text)["answer"] == f.answer["answer"]
                for a, f in zip(answers, made.world.facts, strict=True)
            ]
        )
    both = share(a and b for a, b in zip(*right, strict=True))
    # both kept (1/4): 0.7; one or both thrown anew (3/4): independent, 0.49
    assert close(both, 0.25 * 0.7 + 0.75 * 0.49, FACTS)
