"""Measures one engine in a process of its own: `SUFFICE-or-TRANSFORMERS WEIGHTS PROMPTS ASKED`.

Prints JSON: seconds to load with all imports, seconds a prompt and tokens a second in batches of 8,
peak memory. transformers also says its greedy answers to ASKED and the tokens of their prompts.
Nothing but the standard library is imported before the clock starts.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

TOKENS = 64  # of each answer while decoding is timed
MOST_TOKENS = 96
BATCH = 8


def main() -> None:
    engine, weights, prompts, asked = sys.argv[1:]
    measure = {"suffice": suffice, "transformers": transformers}[engine]
    found = measure(Path(weights), _read(prompts), _read(asked))
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found))


def _read(path: str) -> list[list[dict[str, str]]]:
    chats: list[list[dict[str, str]]] = json.loads(Path(path).read_text("utf-8"))
    return chats


def suffice(
    weights: Path, prompts: Sequence[Sequence[dict[str, str]]], _: Sequence[object]
) -> dict[str, Any]:
    started = time.perf_counter()
    nano = importlib.import_module("suffice.models.nano")
    ports = importlib.import_module("suffice.ports")
    model = nano.create(str(weights), ports.ModelOptions())
    loaded = time.perf_counter() - started
    del model
    local = importlib.import_module("suffice.models.local")
    records = importlib.import_module("suffice.records")
    files = importlib.import_module("suffice.models.nano.files").read_files(weights)
    # An end that is never said: every row decodes as long as the others.
    engine = nano.NumpyEngine(replace(files, ends=frozenset({0})))
    endless = local.LocalModel("nano", ports.ModelOptions(batch=BATCH), engine)
    requests = [
        records.Request(tuple(records.Message(**turn) for turn in chat), max_tokens=TOKENS)
        for chat in prompts
    ]
    endless.ask([replace(request, max_tokens=2) for request in requests])
    answers = endless.ask(requests)
    read = max(answer.first_token_seconds for answer in answers)
    wrote = max(answer.seconds for answer in answers) - read
    assert all(answer.usage.output_tokens == TOKENS for answer in answers)
    return {
        "load_seconds": loaded,
        "prompt_seconds": read / len(requests),
        "tokens_per_second": len(requests) * (TOKENS - 1) / wrote,
        "prompt_tokens": sum(answer.usage.input_tokens for answer in answers) / len(answers),
    }


def transformers(
    weights: Path,
    prompts: Sequence[Sequence[dict[str, str]]],
    asked: Sequence[Sequence[dict[str, str]]],
) -> dict[str, Any]:
    started = time.perf_counter()
    torch = importlib.import_module("torch")
    library = importlib.import_module("transformers")
    library.utils.logging.disable_progress_bar()
    tokenizer = library.AutoTokenizer.from_pretrained(weights, padding_side="left")
    model = library.AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32).eval()
    loaded = time.perf_counter() - started

    def said(chats: Sequence[Sequence[dict[str, str]]], **options: Any) -> tuple[Any, list[str]]:
        given = tokenizer.apply_chat_template(
            chats, add_generation_prompt=True, padding=True, return_tensors="pt", return_dict=True
        )
        with torch.inference_mode():
            out = model.generate(
                input_ids=given["input_ids"],
                attention_mask=given["attention_mask"],
                do_sample=False,
                **options,
            )
        new = out[:, given["input_ids"].shape[1] :]
        return new, tokenizer.batch_decode(new, skip_special_tokens=True)

    said(prompts, max_new_tokens=2)
    begun = time.perf_counter()
    said(prompts, max_new_tokens=1)
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    new, _ = said(prompts, max_new_tokens=TOKENS, min_new_tokens=TOKENS)
    wrote = time.perf_counter() - begun - read
    assert new.shape[1] == TOKENS
    answers: list[str] = []
    for start in range(0, len(asked), BATCH):
        answers += said(asked[start : start + BATCH], max_new_tokens=MOST_TOKENS)[1]
    return {
        "load_seconds": loaded,
        "prompt_seconds": read / len(prompts),
        "tokens_per_second": len(prompts) * (TOKENS - 1) / wrote,
        "answers": answers,
        "chats": [
            tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
            for chat in asked
        ],
    }


if __name__ == "__main__":
    main()
