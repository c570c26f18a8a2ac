"""What the TFLite quantization spec asks of the scales of each op: which are fixed, which have to be equal.

https://ai.google.dev/edge/litert/models/quantization_spec
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf, sqrt

from tinyc.ir import Activation, Graph, Op, Quant, TensorType
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.float_function import FloatFunction
from tinyc.ops.function import Function
from tinyc.ops.guard import has_bounds
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logistic import Logistic
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.pad import Pad
from tinyc.ops.reduce_extreme import ReduceExtreme
from tinyc.ops.relu import Relu
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.softmax import Softmax
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh

#: Outputs whose range is known beforehand.
_FIXED: Mapping[type[Op], Quant] = {
    L2Norm: Quant((1 / 128,), (0,)),
    LogSoftmax: Quant((16 / 256,), (127,)),
    Logistic: Quant((1 / 256,), (-128,)),
    Softmax: Quant((1 / 256,), (-128,)),
    Tanh: Quant((1 / 128,), (0,)),
}

#: The least scale that a QUANTIZE of floats may have.
LEAST_QUANTIZED = 2.0**-23

#: Ops that compute on bytes: inputs and outputs have one scale.
_TIED = (AveragePool2D, MaxPool2D, Maximum, Minimum, Pad, ReduceExtreme, ResizeBilinear)


def fixed(op: Op) -> Quant | None:
    """Return the scale and zero point that the op's output has to have."""
    return _FIXED.get(type(op))


def is_float_only(op: Op) -> bool:
    """Whether LiteRT has the op in float alone, or with another meaning in int8: it stays float, as a table."""
    lacks_int8 = isinstance(op, FloatFunction) or (isinstance(op, Function) and "litert" not in op.of_int8)
    return isinstance(op, Neg) or lacks_int8


def is_tied(op: Op) -> bool:
    """Whether the op's inputs and output need one scale and zero point."""
    return op.only_moves or isinstance(op, _TIED)


def quantized_tensors(graph: Graph, floats: Container[str] = ()) -> list[str]:
    """Return the tensors that get a scale of their own or of their group: activations, and constants beside them.

    floats: of ops that stay float, the first outputs.
    """
    found: dict[str, None] = {}
    for name in (p.tensor for p in graph.inputs):
        if graph.type(name).dtype == "float32":
            found[name] = None
    for op in graph.ops:
        if op.outputs[0] in floats:
            continue
        trained = set(op.trained)
        for name in (*op.inputs, *op.outputs):
            if name and name not in trained and graph.type(name).dtype == "float32":
                found[name] = None
    return list(found)


def groups(graph: Graph, floats: Container[str] = ()) -> list[tuple[str, ...]]:
    """Return the tensors in groups that have one scale and zero point.

    floats: of ops that stay float, the first outputs. An output of a fixed range is tied only to what follows from it
    alone.
    """
    parent = {name: name for name in quantized_tensors(graph, floats)}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for op in graph.ops:
        if op.outputs[0] not in floats and is_tied(op) and not isinstance(op, ArgMax):
            for name in _tied(op, parent):
                parent[root(name)] = root(op.outputs[0])
    members: dict[str, list[str]] = {}
    for name in parent:
        members.setdefault(root(name), []).append(name)
    return [tuple(names) for names in members.values()]


def _tied(op: Op, known: Iterable[str]) -> list[str]:
    return [n for n in op.inputs if n in known and n not in op.trained]


def within_reach(op: Op, out: TensorType) -> Op:
    """Return an op without an activation's bounds that no byte reaches and that overflow in the references."""
    activation = getattr(op, "activation", None)
    if not isinstance(activation, Activation) or has_bounds(activation, out):
        return op
    reached = Activation.RELU if activation is Activation.RELU6 else Activation.NONE
    return op if isinstance(op, Relu) and reached is Activation.NONE else replace(op, activation=reached)  # type: ignore[call-arg]


def least_input_scale(op: Op) -> float:
    """Return the least scale that an op's input may have: all that is finer has one answer."""
    if isinstance(op, Softmax | LogSoftmax):
        return 2.0**-25 / (op.beta if isinstance(op, Softmax) else 1.0)
    return 0.0


def least_scale(op: Op, scales: Sequence[float]) -> float:
    """Return the least scale that the output may have for the op's arithmetic; a finer one would hold nothing more.

    scales: of the inputs.
    """
    if isinstance(op, Mul) and len(scales) == 2:
        return scales[0] * scales[1] * _FINEST
    if isinstance(op, Sum):
        return scales[0] * 1.001
    if isinstance(op, SquaredDifference):
        return max(scales) ** 2 * 1.001
    return max(scales) * _FINEST if isinstance(op, Mean | Add | Sub) else 0.0


def most_scale(op: Op, scales: Sequence[float]) -> float:
    """Return the greatest scale that the output may have: RSQRT has no larger result than that of one step.

    scales: of the inputs.
    """
    return 1 / (127 * sqrt(scales[0])) if isinstance(op, Rsqrt) else inf


#: Least scale of an output, as a share of what the op's integers stand for.
_FINEST = 2.0**-10
