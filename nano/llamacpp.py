"""What llama.cpp makes of a GGUF file: its tokens, scores, answers and speed, as JSON.

`make llamacpp` builds the environment that this runs in, which knows nothing of ours:

    .venv-llamacpp/bin/python -P nano/llamacpp.py MODEL.gguf < questions.json
    .venv-llamacpp/bin/python -P nano/llamacpp.py MODEL.gguf --time --threads 2

`-P` keeps this folder, which has modules of common names, off the import path.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import llama_cpp  # type: ignore[import-not-found]  # only its own environment has it
from llama_cpp import Llama

_usual = llama_cpp.llama_model_default_params

READ, SAID = 512, 64  # tokens: of the timed prompt and of the timed answer


def answered(path: str, threads: int, questions: Mapping[str, Any]) -> dict[str, Any]:
    """`texts` become tokens with special ones read (`tokens`) and as letters (`letters`), `rows` of
    tokens become scores at every place, `chats` become answers of at most `most` tokens."""
    with closing(opened(path, threads, scores=True)) as model:
        texts = [text.encode() for text in questions.get("texts", ())]
        return {
            "tokens": [model.tokenize(text, add_bos=True, special=True) for text in texts],
            "letters": [model.tokenize(text, add_bos=True, special=False) for text in texts],
            "scores": [_scores(model, row) for row in questions.get("rows", ())],
            "answers": [
                _answer(model, chat, questions["most"]) for chat in questions.get("chats", ())
            ],
        }


def timed(path: str, threads: int) -> dict[str, float]:
    """Seconds to read READ tokens and to say SAID more, one by one, the likeliest each time.

    The best of three: the machine's other work only ever adds. llama_cpp's Python adds some tens
    of microseconds a token.
    """
    with closing(opened(path, threads)) as model:
        prompt = [token % model.n_vocab() for token in range(100, 100 + READ)]
        rounds = [_round(model, prompt) for _ in range(3)]
    reading = min(each[0] for each in rounds)
    saying = min(each[1] for each in rounds)
    return {
        "threads": threads,
        "read_tokens_per_second": READ / reading,
        "said_tokens_per_second": SAID / saying,
        "seconds": reading + saying,
    }


def opened(path: str, threads: int, *, scores: bool = False) -> Any:
    llama_cpp.llama_cpp.llama_model_default_params = _plain
    return Llama(
        path,
        n_ctx=0,  # as long as the model's own window
        n_threads=threads,
        n_threads_batch=threads,
        logits_all=scores,
        verbose=False,
    )


def _plain() -> Any:
    """Without the repacking of weights for a CPU's matrix instructions: with AMX it crashes on
    8-bit blocks of so narrow a model."""
    params = _usual()
    params.use_extra_bufts = False
    return params


def _scores(model: Any, row: list[int]) -> list[list[float]]:
    model.reset()
    model.eval(row)
    return [[float(each) for each in place] for place in model.scores[: len(row)]]


def _answer(model: Any, chat: list[dict[str, str]], most: int) -> str:
    reply = model.create_chat_completion(chat, temperature=0, max_tokens=most)
    return str(reply["choices"][0]["message"]["content"])


def _round(model: Any, prompt: list[int]) -> tuple[float, float]:
    model.reset()
    start = time.perf_counter()
    model.eval(prompt)
    token = model.sample(temp=0)
    read = time.perf_counter()
    for _ in range(SAID):
        model.eval([token])
        token = model.sample(temp=0)
    return read - start, time.perf_counter() - read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--time", action="store_true", help="time it instead of asking it")
    chosen = parser.parse_args()
    if chosen.time:
        found = timed(chosen.model, chosen.threads)
    else:
        found = answered(chosen.model, chosen.threads, json.load(sys.stdin))
    json.dump(found, sys.stdout)
    print()


if __name__ == "__main__":
    main()
