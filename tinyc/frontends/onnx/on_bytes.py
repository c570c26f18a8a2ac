"""Where operators on bytes keep their operands: one row each says how it is one on real numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Bytes:
    """An operator on bytes. Numbers are those of its inputs.

    kind: the operator on real numbers; operands: (tensor, scale, zero point) of each; result: (scale, zero point);
    bias: of whole numbers in the scale of the products of both operands; channels: of the second operand, along which
    it may have a scale each; attributes: those of the operator on real numbers.
    """

    kind: str
    operands: tuple[tuple[int, int, int], ...]
    result: tuple[int, int]
    bias: int | None = None
    channels: int = 0
    attributes: tuple[str, ...] = ()


_WINDOW = ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
_POOL = ("auto_pad", "ceil_mode", "count_include_pad", "kernel_shape", "pads", "strides")
_ONE = ((0, 1, 2),)
_TWO = ((0, 1, 2), (3, 4, 5))

#: By name; those of ONNX and of com.microsoft.
BYTES: Mapping[str, Bytes] = {
    "QGemm": Bytes("Gemm", _TWO, (7, 8), bias=6, channels=1, attributes=("alpha", "transA", "transB")),
    "QLinearAdd": Bytes("Add", _TWO, (6, 7)),
    "QLinearAveragePool": Bytes("AveragePool", _ONE, (3, 4), attributes=_POOL),
    "QLinearConv": Bytes("Conv", _TWO, (6, 7), bias=8, attributes=_WINDOW),
    "QLinearGlobalAveragePool": Bytes("GlobalAveragePool", _ONE, (3, 4)),
    "QLinearLeakyRelu": Bytes("LeakyRelu", _ONE, (3, 4), attributes=("alpha",)),
    "QLinearMatMul": Bytes("MatMul", _TWO, (6, 7), channels=-1),
    "QLinearMul": Bytes("Mul", _TWO, (6, 7)),
    "QLinearReduceMean": Bytes("ReduceMean", _ONE, (3, 4), attributes=("axes", "keepdims")),
    "QLinearSigmoid": Bytes("Sigmoid", _ONE, (3, 4)),
    "QLinearSoftmax": Bytes("Softmax", _ONE, (3, 4), attributes=("axis",)),
}
#: Operators that give bytes as they are to other places, or the larger ones: on real numbers of the same scale alike.
#: By name, with how many of their inputs are bytes; 0 for all.
MOVES: Mapping[str, int] = {
    "Concat": 0,
    "DepthToSpace": 1,
    "Expand": 1,
    "Flatten": 1,
    "Gather": 1,
    "GlobalMaxPool": 1,
    "Identity": 1,
    "Max": 0,
    "MaxPool": 1,
    "Min": 0,
    "Pad": 1,
    "ReduceMax": 1,
    "ReduceMin": 1,
    "Relu": 1,
    "Clip": 1,
    "Reshape": 1,
    "Resize": 1,
    "Slice": 1,
    "SpaceToDepth": 1,
    "Split": 1,
    "Squeeze": 1,
    "Tile": 1,
    "Transpose": 1,
    "Unsqueeze": 1,
    "Upsample": 1,
}
#: Operators that say where bytes are, the largest for instance.
PLACES = ("ArgMax", "ArgMin")
