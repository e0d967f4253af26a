"""Writes a small BERT that ends in mean pooling as an ONNX graph, with matrix products in int8.

From safetensors alone: no torch, no exporter. The graph uses ONNX Runtime's fused operators
(attention, skip and normalise, bias and GELU), which live in its `com.microsoft` domain.

Each product is int8 by int8 with a scale for every token and for every output number. A scale for
every token, not for the whole batch: an outlier in one text cannot coarsen another, and a text's
vector does not hang on what stands beside it. Weights take 7 bits: on CPUs without VNNI, pairs of
8-bit products are added in 16 bits, which 8-bit weights would overflow. So every CPU adds
up the same integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Weights: TypeAlias = Mapping[str, NDArray[np.float32]]

_MICROSOFT = "com.microsoft"
_OPSET, _IR = 18, 9  # read by every ONNX Runtime since 1.15
_WEIGHT_STEPS = 64  # 255 * 64 twice is below 2**15
_SMALLEST = 1e-9  # a scale of 0, from a row of zeros, would divide by 0
_EPSILON = 1e-12  # of BERT's normalisations


@dataclass(frozen=True)
class Bert:
    """What the arithmetic hangs on besides the weights. `exact` products stay in float32."""

    width: int
    layers: int
    heads: int
    exact: bool = False


def written(weights: Weights, bert: Bert) -> bytes:
    """The graph: `ids` and `mask`, a row a text, to `vectors` of length 1."""
    graph = _Graph(bert)
    rows, shape = _embeddings(graph, weights)
    for number in range(bert.layers):
        rows = _layer(graph, weights, f"encoder.layer.{number}.", rows, shape)
    _pool(graph, rows, shape)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "bert",
            [
                helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "width"]),
                helper.make_tensor_value_info("mask", TensorProto.INT32, ["texts", "width"]),
            ],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", bert.width])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)],
    )
    model.ir_version = _IR
    content: bytes = model.SerializeToString(deterministic=True)
    return content


@dataclass
class _Graph:
    bert: Bert
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, value: Any, kind: Any = None) -> str:
        name = f"constant_{len(self.constants)}"
        array = np.ascontiguousarray(np.asarray(value, dtype=kind))
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, kind: str, inputs: Sequence[str], *, domain: str = "", **options: Any) -> str:
        out = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [out], domain=domain, **options))
        return out

    def fused(self, kind: str, inputs: Sequence[str], **options: Any) -> str:
        return self.add(kind, inputs, domain=_MICROSOFT, **options)


@dataclass(frozen=True)
class _Shape:
    """Of the texts as they came: tokens stand in one long column between attentions."""

    texts: str
    width: str
    whole: str
    column: str


def _embeddings(graph: _Graph, weights: Weights) -> tuple[str, _Shape]:
    """Word and place. All tokens are of one type, so its row is added to the places beforehand."""
    of = "embeddings."
    zero, one, two = (graph.constant([n], np.int64) for n in range(3))
    size = graph.add("Shape", ["ids"])
    texts, width = graph.add("Slice", [size, zero, one]), graph.add("Slice", [size, one, two])
    shape = _Shape(
        texts,
        width,
        graph.add("Concat", [texts, width, graph.constant([graph.bert.width], np.int64)], axis=0),
        graph.constant([-1, graph.bert.width], np.int64),
    )
    places = weights[of + "position_embeddings.weight"]
    places = places + weights[of + "token_type_embeddings.weight"][0]
    words = graph.add("Gather", [graph.constant(weights[of + "word_embeddings.weight"]), "ids"])
    used = graph.add("Slice", [graph.constant(places), zero, width, zero])
    rows = graph.add("Reshape", [graph.add("Add", [words, used]), shape.column])
    normal = [graph.constant(weights[f"{of}LayerNorm.{part}"]) for part in ("weight", "bias")]
    return graph.add("LayerNormalization", [rows, *normal], epsilon=_EPSILON, axis=-1), shape


@dataclass(frozen=True)
class _Seen:
    """What a product reads: float32 rows, or bytes that mean `scale * (byte - 128)`."""

    values: str
    scale: str = ""


def _layer(graph: _Graph, weights: Weights, of: str, rows: str, shape: _Shape) -> str:
    names = [f"{of}attention.self.{part}" for part in ("query", "key", "value")]
    seen = _seen(graph, rows)
    three = [
        graph.add("Reshape", [_product(graph, seen, weights[f"{name}.weight"]), shape.whole])
        for name in names
    ]
    biases = graph.constant(np.concatenate([weights[f"{name}.bias"] for name in names]))
    mixed = graph.fused("MultiHeadAttention", [*three, biases, "mask"], num_heads=graph.bert.heads)
    mixed = graph.add("Reshape", [mixed, shape.column])
    rows = _added(graph, weights, f"{of}attention.output.", mixed, rows)
    wide = _product(graph, _seen(graph, rows), weights[f"{of}intermediate.dense.weight"])
    bent = graph.fused("BiasGelu", [wide, graph.constant(weights[f"{of}intermediate.dense.bias"])])
    return _added(graph, weights, f"{of}output.", bent, rows)


def _added(graph: _Graph, weights: Weights, of: str, inner: str, around: str) -> str:
    """A product of `inner`, added to what went around it, and normalised."""
    parts = ("LayerNorm.weight", "LayerNorm.bias", "dense.bias")
    product = _product(graph, _seen(graph, inner), weights[f"{of}dense.weight"])
    return graph.fused(
        "SkipLayerNormalization",
        [product, around, *(graph.constant(weights[of + part]) for part in parts)],
        epsilon=_EPSILON,
    )


def _seen(graph: _Graph, rows: str) -> _Seen:
    """Rows in bytes, with a scale a row and zero in the middle."""
    if graph.bert.exact:
        return _Seen(rows)
    axis = graph.constant([1], np.int64)
    largest = graph.add("ReduceMax", [graph.add("Abs", [rows]), axis], keepdims=0)
    scale = graph.add("Mul", [largest, graph.constant(1 / 127, np.float32)])
    scale = graph.add("Max", [scale, graph.constant(_SMALLEST, np.float32)])
    middles = graph.add("Expand", [_middle(graph), graph.add("Shape", [scale])])
    values = graph.add("QuantizeLinear", [rows, scale, middles], axis=0)
    return _Seen(values, graph.add("Reshape", [scale, graph.constant([-1, 1], np.int64)]))


def _product(graph: _Graph, seen: _Seen, weight: NDArray[np.float32]) -> str:
    if not seen.scale:
        return graph.add("MatMul", [seen.values, graph.constant(weight.T)])
    steps, scale = _in_steps(weight)
    one = graph.constant(1, np.float32)
    inputs = [seen.values, graph.constant(steps), one, graph.constant(scale), _middle(graph)]
    return graph.add("Mul", [graph.fused("MatMulIntegerToFloat", inputs), seen.scale])


def _middle(graph: _Graph) -> str:
    return graph.constant(128, np.uint8)


def _in_steps(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Inputs by outputs, with a scale for each output."""
    scale = np.maximum(np.abs(weight).max(axis=1) / _WEIGHT_STEPS, _SMALLEST).astype(np.float32)
    return np.rint(weight.T / scale).astype(np.int8), scale


def _pool(graph: _Graph, rows: str, shape: _Shape) -> None:
    """The sum over a text's tokens, brought to length 1: the mean has the same direction."""
    one = graph.constant([1], np.int64)
    line = graph.add("Concat", [shape.texts, one, shape.width], axis=0)
    counted = graph.add("Reshape", [graph.add("Cast", ["mask"], to=TensorProto.FLOAT), line])
    total = graph.add("MatMul", [counted, graph.add("Reshape", [rows, shape.whole])])
    flat = graph.constant([-1, graph.bert.width], np.int64)
    graph.nodes.append(
        helper.make_node(
            "LpNormalization", [graph.add("Reshape", [total, flat])], ["vectors"], axis=1, p=2
        )
    )
