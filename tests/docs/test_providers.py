"""The worked pages of docs/providers/, each worked through as its reader would."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.docs.worked import (
    PROVIDERS,
    Ended,
    Page,
    at_home,
    page,
    run,
    shown,
    steady,
    work_through,
)
from tests.servers.chat_server import ChatServer
from tests.servers.houses import HOUSES

# One worker works through each page, once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("worked pages")]

REMOTE = [name for name in PROVIDERS if name in HOUSES]
SHORT = ["run", "--limit", "100", "--rungs", "prompt"]


@pytest.fixture(scope="module", params=PROVIDERS)
def worked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Page, list[Ended], ChatServer]]:
    read = page(request.param)
    with at_home(read, tmp_path_factory.mktemp(read.name)) as server:
        yield read, work_through(read), server


def test_every_command_of_a_page_does_what_it_is_for(
    worked: tuple[Page, list[Ended], ChatServer],
) -> None:
    """It checks, forecasts, runs to a verdict and writes the report; only a verdict of 'none
    suffices' may end with another code than 0."""
    _, ended, _ = worked
    assert [each.words[0] for each in ended] == ["check", "run", "run", "report"]
    assert [each.code for each in ended if each.words[0] != "run"] == [0, 0]
    climbed = ended[2]
    assert climbed.code == 0 or "No rung suffices" in climbed.out, climbed.err
    assert Path("report.html").stat().st_size > 10_000


def test_a_page_shows_what_its_run_prints(worked: tuple[Page, list[Ended], ChatServer]) -> None:
    """To the letter, apart from how long answers took; `python -m tests.docs.worked` mends it."""
    read, ended, _ = worked
    assert steady(read.output) == steady(shown(ended))


def test_a_page_s_key_and_model_reach_the_provider(
    worked: tuple[Page, list[Ended], ChatServer],
) -> None:
    """What is exported is sent, and the model is the one that the page names."""
    read, _, server = worked
    if read.name == "local":
        assert not server.received
        return
    sent = server.received[0]
    named = read.settings.split("\n")[0].split("#")[0].strip()
    assert named.endswith(f":{sent.body['model']}")
    for value in read.variables.values():
        assert sent.headers["authorization"] == f"Bearer {value}"


@pytest.fixture
def at(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Page, ChatServer]]:
    read = page(request.param)
    with at_home(read, tmp_path) as server:
        yield read, server


def told(read: Page, ended: Ended) -> bool:
    """Whether a row of the page's table of errors speaks of how a command ended."""
    said = " ".join(ended.err.split())
    return any(all(piece in said for piece in row) for row in read.told_errors if row)


@pytest.mark.parametrize("at", [name for name in REMOTE if name != "llamacpp"], indirect=True)
def test_a_wrong_model_is_told_as_the_page_says(at: tuple[Page, ChatServer]) -> None:
    """In the provider's own words, with what to check. llama.cpp answers to any name."""
    read, server = at
    assert server.house is not None
    server.house = replace(server.house, models=("another",))
    ended = run(SHORT)
    assert ended.code != 0
    assert "HTTP 404" in ended.err
    assert told(read, ended), ended.err


@pytest.mark.parametrize("at", ["anthropic", "openai"], indirect=True)
def test_a_wrong_key_is_told_as_the_page_says(
    at: tuple[Page, ChatServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The variable is named that holds it."""
    read, _ = at
    monkeypatch.setenv(next(iter(read.variables)), "wrong")
    ended = run(SHORT)
    assert ended.code != 0
    assert told(read, ended), ended.err


@pytest.mark.parametrize("at", ["llamacpp", "vllm"], indirect=True)
def test_a_prompt_that_is_too_long_is_told_as_the_page_says(at: tuple[Page, ChatServer]) -> None:
    """Where every call fails the run ends and says why."""
    read, server = at
    assert server.house is not None
    server.house = replace(server.house, window=8)
    ended = run(SHORT)
    assert ended.code != 0
    assert told(read, ended), ended.err


@pytest.mark.parametrize("at", ["llamacpp", "ollama", "vllm"], indirect=True)
def test_a_server_that_does_not_run_is_told_as_the_page_says(
    at: tuple[Page, ChatServer], tmp_path: Path
) -> None:
    """Nobody listens where suffice.yaml points to."""
    read, server = at
    settings = Path("suffice.yaml").read_text("utf-8").replace(server.root, "http://127.0.0.1:9")
    Path("suffice.yaml").write_text(settings.replace("limits: {", "limits: {tries: 1, "))
    ended = run(SHORT)
    assert ended.code != 0
    assert told(read, ended), ended.err


@pytest.mark.parametrize("at", ["anthropic", "ollama", "openai"], indirect=True)
def test_a_budget_without_a_price_is_told_as_the_page_says(at: tuple[Page, ChatServer]) -> None:
    """At another server than the official one no list price holds."""
    read, server = at
    settings = [
        line
        for line in Path("suffice.yaml").read_text("utf-8").splitlines()
        if not line.startswith(("price:", "extra:"))
    ]
    base = server.url.replace("127.0.0.1", "localhost")
    Path("suffice.yaml").write_text("\n".join([*settings, f'extra: {{base_url: "{base}"}}', ""]))
    ended = run([*SHORT, "--budget-usd", "1"])
    assert ended.code != 0
    assert told(read, ended), ended.err
