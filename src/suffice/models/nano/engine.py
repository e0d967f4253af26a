"""Makes answers with the network: reads prompts side by side, then says token by token."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version

import numpy as np
from llguidance import LLTokenizer

from suffice.errors import UsageError
from suffice.models.decoding import Row
from suffice.models.nano.blas import one_thread
from suffice.models.nano.blocks import Floats
from suffice.models.nano.files import Files
from suffice.models.nano.network import Memory, Network
from suffice.models.nano.vocabulary import Vocabulary
from suffice.records import Json, Message

ARITHMETIC = 1  # part of the journal's key: raise it when answers change


class NumpyEngine:
    """Nano in memory."""

    def __init__(self, files: Files) -> None:
        self.place = str(files.place)
        self.window = files.shape.window
        self.ends = files.ends
        self._digest = files.digest
        try:
            self.network = Network(files.shape, files.weights)
            self._vocabulary = Vocabulary(files.tokenizer, files.template, files.ends)
        except (KeyError, ValueError) as error:
            raise UsageError(
                f"{files.place} does not hold together, its files are not of one model: {error}"
            ) from error
        if self._vocabulary.size > files.shape.vocabulary:
            raise UsageError(
                f"{files.place}: tokenizer.json has {self._vocabulary.size} tokens, the model "
                f"{files.shape.vocabulary}; they are not of one model"
            )
        self._cores = os.cpu_count() or 1

    def identity(self) -> dict[str, Json]:
        return {
            "weights": self._digest,
            "engine": f"numpy float32 {ARITHMETIC}",
            "numpy": version("numpy"),
        }

    def encode(self, text: str) -> list[int]:
        return self._vocabulary.encode(text)

    def encode_messages(self, messages: Sequence[Message]) -> list[int]:
        return self._vocabulary.encode_messages(messages)

    def decode(self, tokens: Sequence[int]) -> str:
        return self._vocabulary.decode(tokens)

    def grammars(self) -> LLTokenizer:
        return self._vocabulary.grammars

    def generate(self, prompts: Sequence[Sequence[int]], rows: Sequence[Row]) -> None:
        memories = [
            Memory(self.network.shape, len(prompt) + row.most_tokens)
            for prompt, row in zip(prompts, rows, strict=True)
        ]
        with one_thread(), ThreadPoolExecutor(min(self._cores, len(rows))) as pool:
            read = list(pool.map(self._read, prompts, memories))
            self._take(rows, np.array(read))
            with np.errstate(over="ignore"):
                self._go_on(list(zip(rows, memories, strict=True)))

    def _read(self, prompt: Sequence[int], memory: Memory) -> Floats:
        with np.errstate(over="ignore"):  # exp of a large gate: its inverse is 0, as it should be
            return self.network.read(prompt, memory)

    def _go_on(self, going: list[tuple[Row, Memory]]) -> None:
        """Says one token of each row, until every row has ended."""
        while going := [(row, memory) for row, memory in going if row.ended is None]:
            rows, memories = zip(*going, strict=True)
            self._take(rows, self.network.say([row.tokens[-1] for row in rows], memories))

    def _take(self, rows: Sequence[Row], scores: Floats) -> None:
        """Gives each row its best token."""
        for row, own in zip(rows, scores, strict=True):
            change = row.change(own.size)
            row.add(int((own if change is None else own + change).argmax()), self.ends)
