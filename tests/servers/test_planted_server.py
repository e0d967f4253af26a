"""The simulated model behind the test server."""

import json
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from suffice.models.planted import create
from suffice.ports import ModelOptions
from suffice.records import Message, Request
from tests.servers.chat_server import ChatServer
from tests.servers.planted_server import reply_from

SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
BODY = {
    "model": "any",
    "messages": [{"role": "user", "content": "How many gadgets can a single Hob handle?"}],
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
}


def post(url: str, body: dict[str, Any]) -> str:
    request = urllib.request.Request(  # noqa: S310 (our own server)
        f"{url}/chat/completions",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        said: str = json.load(answer)["choices"][0]["message"]["content"]
    return said


def wait_for_text(path: Path) -> None:
    """The log is written after the answer has gone out."""
    for _ in range(500):
        if path.read_text().endswith("\n"):
            return
        time.sleep(0.01)


def test_the_server_says_what_the_model_says() -> None:
    """Messages and schema of a body reach the model."""
    model = create("support-desk", ModelOptions())
    question = Message("user", "How many gadgets can a single Hob handle?")
    expected = model.ask([Request((question,), schema=SCHEMA)])[0].text
    with ChatServer(reply_from(model)) as server:
        assert post(server.url, BODY) == expected


def test_it_runs_as_a_process_and_logs_what_it_answered(tmp_path: Path) -> None:
    """The first line is its port; each answered request is a line of its log."""
    log = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "tests.servers.planted_server", "--log", str(log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            post(f"http://127.0.0.1:{port}/v1", BODY)
            wait_for_text(log)
            assert [json.loads(line)["body"] for line in log.read_text().splitlines()] == [BODY]
        finally:
            process.kill()
