"""Endpoints that misbehave, over real HTTP: told by name, never graded as wrong answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from suffice.cli.run import exit_code
from suffice.decide.gate import judge
from suffice.errors import ProviderError
from suffice.ladder import Study
from suffice.records import BarStatus, Case, Check, Message, Verdict
from tests.servers.chat_server import FAULTS, ChatServer, Fault, rate_limited
from tests.servers.chat_shapes import last_text
from tests.story.studies import write_study

CASES = [
    Case(
        id=f"case-{number:02d}",
        messages=(Message("user", f"Which is number {number}, {'abcdefghij'[number % 10] * 9}?"),),
        expected=("yes",),
        checks=(Check("exact"),),
        cluster=f"page-{number:02d}",
    )
    for number in range(40)
]
TIMEOUT_SECONDS = 0.2
QUICK = {
    "concurrency": 1,  # so that the server's faults meet the calls in a known order
    "tries": 3,
    "timeout_seconds": TIMEOUT_SECONDS,
    "longest_wait_seconds": 0.02,
}

# What may pass when the call is made again. Waits are tiny: the study's limits cap them.
TRANSIENT = {
    "429 with Retry-After": rate_limited(0.01),
    "500": FAULTS["500"],
    "529": FAULTS["529"],
    "hangs": replace(FAULTS["hang"], hang_seconds=2 * TIMEOUT_SECONDS),
    "drips slowly": FAULTS["drip"],
    "cut body": FAULTS["cut-body"],
    "no answer": FAULTS["no-answer"],
    "wrong JSON": FAULTS["wrong-json"],
    "no JSON": FAULTS["no-json"],
    "empty choices": FAULTS["empty-choices"],
    "null choices": FAULTS["null-choices"],
}
STREAMED = {name: TRANSIENT[name] for name in ("500", "hangs", "drips slowly", "empty choices")} | {
    "cut stream": FAULTS["cut-stream"]
}


@dataclass
class Bench:
    """A study of forty cases against a server of our own."""

    server: ChatServer
    folder: Path

    def run(self, **keys: Any) -> Verdict:
        """Each time with a journal of its own."""
        folder = self.folder / str(len(list(self.folder.iterdir())))
        return run_against(self.server.url, folder, **keys)


def run_against(url: str, folder: Path, **keys: Any) -> Verdict:
    standard: dict[str, Any] = {
        "bar": {"correct": 0.5},
        "limits": QUICK,
        "extra": {"base_url": url},
    }
    write_study(folder, CASES, model="openai:any", **(standard | keys))
    return Study.load(folder).run(rungs=["prompt"])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ChatServer(reply=lambda body: "yes") as server:
        yield Bench(server, tmp_path)


def spread(fault: Fault, *, every: int, count: int = 200) -> Sequence[Fault | None]:
    return [fault if number % every == 0 else None for number in range(count)]


def numbers(verdict: Verdict) -> list[object]:
    """What a verdict says of how good the rung is."""
    (standing,) = verdict.standings
    correct = standing.estimate("correct")
    return [verdict.chosen, correct, [bar.status for bar in standing.bars], standing.answered]


class TestWhatPasses:
    @pytest.mark.parametrize("name", TRANSIENT)
    def test_is_tried_again_and_leaves_no_trace(self, name: str, bench: Bench) -> None:
        """A few calls go wrong once; the result is that of a run where none did."""
        clean = bench.run()
        asked = len(bench.server.received)
        bench.server.script(*spread(TRANSIENT[name], every=14, count=28))
        troubled = bench.run()
        assert len(bench.server.received) == 2 * asked + 2
        assert numbers(troubled) == numbers(clean)
        assert not troubled.warnings

    @pytest.mark.parametrize("name", STREAMED)
    def test_is_tried_again_when_streaming(self, name: str, bench: Bench) -> None:
        """The same where answers are streamed and a stream breaks."""
        clean = bench.run(stream=True)
        bench.server.script(*spread(STREAMED[name], every=14, count=28))
        troubled = bench.run(stream=True)
        assert numbers(troubled) == numbers(clean)
        assert not troubled.warnings


class TestWhatDoesNotPass:
    @pytest.mark.parametrize("name", TRANSIENT)
    def test_leaves_the_denominator(self, name: str, bench: Bench) -> None:
        """One case fails at every try: it is asked and not answered, and nothing is wrong by it."""
        bench.server.script(*[TRANSIENT[name]] * 3)
        verdict = bench.run()
        (standing,) = verdict.standings
        correct = standing.estimate("correct")
        assert correct is not None
        assert correct.value == 1.0
        assert standing.asked - standing.answered == 1
        assert correct.counts.asked - correct.counts.scored == 1
        assert any(bench.server.url in warning for warning in verdict.warnings)

    @pytest.mark.parametrize("status", ["400", "too-long"])
    def test_is_not_tried_again_where_that_is_no_use(self, status: str, bench: Bench) -> None:
        """A request that is refused would be refused again."""
        bench.server.script(None, FAULTS[status])
        verdict = bench.run()
        (standing,) = verdict.standings
        assert standing.asked - standing.answered == 1
        assert len(bench.server.received) == standing.asked

    @pytest.mark.parametrize("name", [*TRANSIENT, "400"])
    def test_mostly_failing_is_not_measurable(self, name: str, bench: Bench) -> None:
        """Most calls fail, and whatever came back is right: nothing is decided, exit code 2."""
        fault = FAULTS["400"] if name == "400" else TRANSIENT[name]
        bench.server.script(*[None, fault, fault, fault] * 20)
        verdict = bench.run(limits=QUICK | {"tries": 1, "concurrency": 8})
        (standing,) = verdict.standings
        assert 0 < standing.answered <= standing.asked / 2
        assert standing.bars[0].status is BarStatus.UNDECIDED
        assert verdict.chosen is None
        assert exit_code(verdict) == 2
        assert judge(verdict).status == "not measurable"
        assert "gave no answer" in verdict.reason
        assert any(bench.server.url in warning for warning in verdict.warnings)


class TestHopeless:
    def test_a_refused_key_ends_the_run_at_once(self, bench: Bench) -> None:
        """With the endpoint and the variable that holds the key; exit code 2, nothing graded."""
        bench.server.key = "the right one"
        with pytest.raises(ProviderError, match="check OPENAI_API_KEY") as caught:
            bench.run()
        assert bench.server.url in str(caught.value)
        assert caught.value.exit_code == 2
        assert len(bench.server.received) == 1

    def test_an_unknown_model_ends_the_run_at_once(self, bench: Bench) -> None:
        """Every other call would say the same."""
        bench.server.script("404")
        with pytest.raises(ProviderError, match="check the model's name") as caught:
            bench.run()
        assert bench.server.url in str(caught.value)

    @pytest.mark.parametrize("name", ["500", "wrong JSON", "null choices"])
    def test_an_endpoint_that_never_answers_ends_the_run(self, name: str, bench: Bench) -> None:
        """Not every case is tried to the end where none is answered."""
        bench.server.script(*[TRANSIENT[name]] * 500)
        with pytest.raises(ProviderError, match=r"all failed|was answered") as caught:
            bench.run()
        assert bench.server.url in str(caught.value)
        assert len(bench.server.received) <= 3 * 25

    def test_nobody_listens(self, tmp_path: Path) -> None:
        """The address that cannot be reached is named."""
        with ChatServer() as server:
            url = server.url
        with pytest.raises(ProviderError, match="cannot be reached") as caught:
            run_against(url, tmp_path)
        assert url in str(caught.value)


def test_a_failure_while_trying_out_is_told_and_chooses_nothing(bench: Bench) -> None:
    """A dev case that cannot be answered ends the building with its name and the endpoint."""
    dev_text = "Which is number 3"

    class Refusing(ChatServer):
        """Refuses one question, whenever it comes."""

        def _content(self, request: Any, fault: Fault) -> Any:
            refused = dev_text in last_text(request.body)
            return super()._content(request, FAULTS["400"] if refused else fault)

    with Refusing(reply=lambda body: '{"answer": "yes"}') as server:
        bench.server = server
        schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
        folder = write_study(
            bench.folder / "dev",
            CASES,
            schema=schema,
            model="openai:any",
            limits=QUICK,
            extra={"base_url": server.url},
            split={"dev": 0.9},
        )
        said = r"dev cases were not answered.*dev case case-03"
        with pytest.raises(ProviderError, match=said) as caught:
            Study.load(folder).run()
        assert server.url in str(caught.value)
