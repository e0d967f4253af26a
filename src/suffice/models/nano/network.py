"""Llama's arithmetic in numpy: reads a prompt, then says one token of each answer at a time.

Numbers are float32. What can be done once is done at loading: the norms' weights and the scale of
attention go into the matrices behind them, queries, keys and values become one matrix, and the two
halves that a rotation mixes are put side by side, where they are one complex number. What an answer
is does not hang on its neighbours: prompts are read one by one, attention is done row by row, and
the products that rows share are cut so that they come out alike (`blocks`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from suffice.models.nano.blocks import Floats, cut_columns, cut_rows, joined

_QUERIES = 128  # of a prompt at a time: what lies in their future is left out, and memory is small

# Logarithm of the least share that attention gives, far below what a sum of float32 can show.
# Shares below 1e-38 would be computed many times slower.
_LEAST = np.float32(-60)
_FUTURE = np.triu(np.full((_QUERIES, _QUERIES), -np.inf, np.float32), 1)


@dataclass(frozen=True)
class Shape:
    """The numbers of config.json that the arithmetic needs."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    key_heads: int
    head_width: int
    window: int
    theta: float
    epsilon: float


@dataclass(frozen=True)
class _Layer:
    """One layer's matrices, cut into blocks. `enter` makes queries, keys and values."""

    enter: Floats
    leave: Floats
    gate: Floats
    up: Floats
    down: Floats


class Memory:
    """The keys and values of one answer so far, with room for as many tokens as it may have."""

    def __init__(self, shape: Shape, room: int) -> None:
        heads = (shape.layers, shape.key_heads)
        self.keys = np.empty((*heads, shape.head_width, room), np.float32)
        self.values = np.empty((*heads, room, shape.head_width), np.float32)
        self.length = 0


class Network:
    """A Llama of one shape."""

    def __init__(self, shape: Shape, weights: Mapping[str, NDArray[Any]]) -> None:
        self.shape = shape
        self._embedding = _float(weights["model.embed_tokens.weight"])
        head = weights.get("lm_head.weight", self._embedding)
        self._head = cut_columns(_float(head).T * _norm(weights, "model.norm"))
        self._layers = [_layer(shape, weights, number) for number in range(shape.layers)]
        self._turns = _turns(shape)

    def read(self, tokens: Sequence[int], memory: Memory) -> Floats:
        """The scores of what may follow a prompt."""
        x = self._embedding[list(tokens)]
        turns = self._turns[: len(tokens), None]
        for number, layer in enumerate(self._layers):
            q, k, v = self._entered(x, layer, turns)
            keys, values = memory.keys[number], memory.values[number]
            keys[:, :, : len(tokens)] = k.transpose(1, 2, 0)
            values[:, : len(tokens)] = v.swapaxes(0, 1)
            mixed = _attend_all(q, keys[:, :, : len(tokens)], values[:, : len(tokens)])
            x = _left(x, mixed, layer, self.shape.epsilon)
        memory.length = len(tokens)
        scores: Floats = self._scores(x[[-1, -1]])[0]  # two rows, as `say` has at least two
        return scores

    def say(self, tokens: Sequence[int], memories: Sequence[Memory]) -> Floats:
        """The scores of what may follow each row's newest token.

        A row alone is computed twice: a product with one row is another routine, which rounds
        otherwise."""
        if len(memories) == 1:
            tokens = [tokens[0], tokens[0]]
        x = self._embedding[list(tokens)]
        places = [memory.length for memory in memories]
        turns = self._turns[places + places[:1] * (len(tokens) - len(places)), None]
        mixed = np.zeros((len(tokens), self.shape.heads * self.shape.head_width), np.float32)
        for number, layer in enumerate(self._layers):
            q, k, v = self._entered(x, layer, turns)
            for row, memory in enumerate(memories):
                keys, values, place = memory.keys[number], memory.values[number], memory.length
                keys[:, :, place], values[:, place] = k[row], v[row]
                mixed[row] = _attend(q[row], keys[:, :, : place + 1], values[:, : place + 1])
            x = _left(x, mixed, layer, self.shape.epsilon)
        for memory in memories:
            memory.length += 1
        return self._scores(x)[: len(memories)]

    def _entered(
        self, x: Floats, layer: _Layer, turns: NDArray[np.complex64]
    ) -> tuple[Floats, Floats, Floats]:
        """Queries, keys and values as (rows, heads, width), the first two turned."""
        shape = self.shape
        turned = shape.heads + shape.key_heads
        total = turned + shape.key_heads
        out = joined(_normal(x, shape.epsilon) @ layer.enter, total * shape.head_width)
        heads = np.ascontiguousarray(out).reshape(len(x), total, shape.head_width)
        heads[:, :turned].view(np.complex64)[...] *= turns
        return heads[:, : shape.heads], heads[:, shape.heads : turned], heads[:, turned:]

    def _scores(self, x: Floats) -> Floats:
        return joined(_normal(x, self.shape.epsilon) @ self._head, self.shape.vocabulary)


def _left(x: Floats, mixed: Floats, layer: _Layer, epsilon: float) -> Floats:
    """A layer from its attention on: the second half of Llama's block."""
    x = x + _summed(mixed, layer.leave)
    h = _normal(x, epsilon)
    gate = h @ layer.gate
    gate /= 1 + np.exp(-gate)
    gate *= h @ layer.up
    out: Floats = x + (gate @ layer.down).sum(0)
    return out


def _summed(x: Floats, blocks: Floats) -> Floats:
    """The product with rows that were cut."""
    count, side, _ = blocks.shape
    if count == 1:
        out: Floats = x @ blocks[0]
        return out
    filled = np.zeros((len(x), count * side), np.float32)
    filled[:, : x.shape[1]] = x
    parts = np.ascontiguousarray(filled.reshape(len(x), count, side).swapaxes(0, 1))
    total: Floats = (parts @ blocks).sum(0)
    return total


def _normal(x: Floats, epsilon: float) -> Floats:
    """RMSNorm without its weight."""
    squares = np.einsum("ij,ij->i", x, x)
    scale = 1 / np.sqrt(squares / x.shape[1] + epsilon)
    out: Floats = x * scale.astype(np.float32)[:, None]
    return out


def _attend(q: Floats, keys: Floats, values: Floats) -> Floats:
    """What one row's newest token takes from all before it: q as (heads, width)."""
    key_heads, width, _ = keys.shape
    weights = q.reshape(key_heads, -1, width) @ keys
    weights -= weights.max(-1, keepdims=True)
    np.maximum(weights, _LEAST, out=weights)
    np.exp(weights, out=weights)
    out: Floats = (weights @ values) / weights.sum(-1, keepdims=True)
    return out.reshape(-1)


def _attend_all(q: Floats, keys: Floats, values: Floats) -> Floats:
    """The same for every token of a prompt: q as (tokens, heads, width)."""
    length, heads, width = q.shape
    groups = q.transpose(1, 0, 2).reshape(len(keys), heads // len(keys), length, width)
    out = np.empty((length, len(keys), heads // len(keys), width), np.float32)
    for start in range(0, length, _QUERIES):
        end = min(start + _QUERIES, length)
        weights = groups[:, :, start:end] @ keys[:, None, :, :end]
        past, newest = weights[..., :start], weights[..., start:]
        newest += _FUTURE[: end - start, : end - start]
        weights -= weights.max(-1, keepdims=True)
        np.maximum(past, _LEAST, out=past)
        np.maximum(newest, _LEAST + _FUTURE[: end - start, : end - start], out=newest)
        np.exp(weights, out=weights)
        mixed = (weights @ values[:, None, :end]) / weights.sum(-1, keepdims=True)
        out[start:end] = mixed.transpose(2, 0, 1, 3)
    return out.reshape(length, heads * width)


# ---------------------------------------------------------------- at loading


def _float(weight: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(weight, dtype=np.float32)


def _norm(weights: Mapping[str, NDArray[Any]], name: str) -> Floats:
    """As a column, to go into the matrix behind the norm."""
    return _float(weights[f"{name}.weight"])[:, None]


def _layer(shape: Shape, weights: Mapping[str, NDArray[Any]], number: int) -> _Layer:
    def matrix(name: str) -> Floats:
        """As (inputs, outputs)."""
        return _float(weights[f"model.layers.{number}.{name}.weight"]).T

    before = _norm(weights, f"model.layers.{number}.input_layernorm")
    after = _norm(weights, f"model.layers.{number}.post_attention_layernorm")
    queries = _side_by_side(matrix("self_attn.q_proj"), shape) * shape.head_width**-0.5
    keys = _side_by_side(matrix("self_attn.k_proj"), shape)
    enter = np.concatenate((queries, keys, matrix("self_attn.v_proj")), axis=1)
    return _Layer(
        enter=cut_columns(enter * before),
        leave=cut_rows(matrix("self_attn.o_proj")),
        gate=cut_columns(matrix("mlp.gate_proj") * after),
        up=cut_columns(matrix("mlp.up_proj") * after),
        down=cut_rows(matrix("mlp.down_proj")),
    )


def _side_by_side(matrix: Floats, shape: Shape) -> Floats:
    """Puts number i of a head's first half beside number i of its second."""
    inputs, outputs = matrix.shape
    halves = matrix.reshape(inputs, -1, 2, shape.head_width // 2)
    return halves.swapaxes(2, 3).reshape(inputs, outputs)


def _turns(shape: Shape) -> NDArray[np.complex64]:
    """For each place and each pair of numbers, the rotation as a complex number."""
    steps = np.arange(0, shape.head_width, 2) / shape.head_width
    angles = np.arange(shape.window)[:, None] * shape.theta**-steps
    turns: NDArray[np.complex64] = np.exp(1j * angles).astype(np.complex64)
    return turns
