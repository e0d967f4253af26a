"""inspect_ai on the cases, run by the peers' own interpreter.

    python run_inspect.py CASES.jsonl BASE_URL CONCURRENCY LOG_FOLDER

Its OpenAI-compatible provider, its `match` scorer, its log on disk. Settings that its guide names
for large runs: no display, no live log (`log_realtime`), `max_connections` and `max_samples` raised
together. Prints the accuracy.
"""

import sys

from inspect_ai import Task, eval  # noqa: A004 (its name)
from inspect_ai.dataset import json_dataset
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import match
from inspect_ai.solver import generate, system_message

from benchmarks.harness_peers.prompt import MAX_TOKENS, MODEL, PROMPT


def main() -> None:
    cases, base_url, concurrency, logs = sys.argv[1:]
    task = Task(
        dataset=json_dataset(cases),
        solver=[system_message(PROMPT), generate()],
        scorer=match(location="exact"),
        config=GenerateConfig(max_tokens=MAX_TOKENS, temperature=0.0),
    )
    (log,) = eval(
        task,
        model=f"openai-api/{MODEL}/{MODEL}",
        model_base_url=base_url,
        model_args={"api_key": "none"},
        max_connections=int(concurrency),
        max_samples=int(concurrency),
        log_dir=logs,
        log_realtime=False,
        display="none",
    )
    if log.status != "success" or log.results is None:
        raise SystemExit(f"inspect_ai ended with {log.status}: {log.error}")
    print(log.results.scores[0].metrics["accuracy"].value)


if __name__ == "__main__":
    main()
