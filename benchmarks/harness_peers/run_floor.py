"""The floor under every harness: threads in a bare loop on http.client, nothing kept or graded.

    python -m benchmarks.harness_peers.run_floor CASES.jsonl PORT THREADS

Reads the same questions, sends the same bodies, and compares strings. Prints the share of right
answers.
"""

import json
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.harness_peers.prompt import MAX_TOKENS, MODEL, PROMPT


def main() -> None:
    path, port, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    waiting, right = iter(rows), []

    def work() -> None:
        connection = HTTPConnection("127.0.0.1", port)
        for row in waiting:  # a list's iterator may be shared by threads
            right.append(_ask(connection, row["input"]) == row["target"])
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(sum(right) / len(rows))


def _ask(connection: HTTPConnection, question: str) -> str:
    body = {
        "model": MODEL,
        "messages": [
            {"role": "system", "content": PROMPT},
            {"role": "user", "content": question},
        ],
        "max_tokens": MAX_TOKENS,
        "temperature": 0.0,
    }
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    answer = json.loads(connection.getresponse().read())
    text: str = answer["choices"][0]["message"]["content"]
    return text


if __name__ == "__main__":
    main()
