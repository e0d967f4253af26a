"""The chat server as a process of its own, as tests that kill their client need it."""

import http.client
import json
import subprocess
import sys
from pathlib import Path


def test_as_a_process_it_logs_what_it_answered(tmp_path: Path) -> None:
    """Its port comes first; the log holds a line for each good answer and none for a fault."""
    log = tmp_path / "answered.jsonl"
    command = [sys.executable, "-m", "tests.servers.chat_server", "--log", str(log)]
    with subprocess.Popen(
        [*command, "--faults", "none,500"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        connection = http.client.HTTPConnection("127.0.0.1", int(process.stdout.readline()))
        statuses = []
        for text in ("one", "two", "three"):
            body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]})
            connection.request("POST", "/v1/chat/completions", body)
            response = connection.getresponse()
            statuses.append(response.status)
            response.read()
        connection.request("POST", "/v1/unknown", "{}")  # answered after the third was logged
        assert connection.getresponse().status == 404
        connection.close()
        process.kill()
    assert statuses == [200, 500, 200]
    logged = [json.loads(line)["body"] for line in log.read_text().splitlines()]
    assert [body["messages"][0]["content"] for body in logged] == ["one", "three"]
