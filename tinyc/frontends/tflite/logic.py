"""Readers of the .tflite operators that compare and choose: comparisons, logic, SELECT, CAST."""

from __future__ import annotations

from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator, Read, plain
from tinyc.ir import Op
from tinyc.ops.cast import Cast
from tinyc.ops.compare import Compare
from tinyc.ops.logical import LogicalAnd, LogicalNot, LogicalOr
from tinyc.ops.select import Select


def select(n: Node) -> Op:
    """The older operator takes a mask of the shape of the others, or one number."""
    n.counts((3,))
    n.tflm_needs(False, "SELECT does not exist; SELECT_V2 does")
    mask, a, b = n.x(0).shape, n.x(1).shape, n.x(2).shape
    n.need(a == b and mask in ((), a), f"shapes {list(mask)}, {list(a)} and {list(b)}; they must be equal")
    return Select(n.input_names, n.output_names, n.origin)


def _compare(relation: str) -> Read:
    return plain(Compare, 2, lambda _: relation)


_COMPARED = "int8 of scales below 1, or float32 between DEQUANTIZE and QUANTIZE; broadcasting; to bool"

#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator(
        "CAST",
        plain(Cast),
        options=("CastOptions",),
        newest=8,
        supported="bool or int8 to float32 or int32, int32 to float32; litert: uint8, int64; "
        "other pairs where a table of one byte follows",
    ),
    Operator("EQUAL", _compare("EQUAL"), options=("EqualOptions",), newest=5, supported=_COMPARED),
    Operator("GREATER", _compare("GREATER"), options=("GreaterOptions",), newest=2, supported=_COMPARED),
    Operator(
        "GREATER_EQUAL",
        _compare("GREATER_EQUAL"),
        options=("GreaterEqualOptions",),
        newest=3,
        supported=_COMPARED,
    ),
    Operator("LESS", _compare("LESS"), options=("LessOptions",), newest=3, supported=_COMPARED),
    Operator(
        "LESS_EQUAL", _compare("LESS_EQUAL"), options=("LessEqualOptions",), newest=2, supported=_COMPARED
    ),
    Operator("LOGICAL_AND", plain(LogicalAnd, 2), options=("LogicalAndOptions",), supported="broadcasting"),
    Operator("LOGICAL_NOT", plain(LogicalNot), options=("LogicalNotOptions",), supported="of bool"),
    Operator("LOGICAL_OR", plain(LogicalOr, 2), options=("LogicalOrOptions",), supported="broadcasting"),
    Operator("NOT_EQUAL", _compare("NOT_EQUAL"), options=("NotEqualOptions",), newest=4, supported=_COMPARED),
    Operator(
        "SELECT",
        select,
        options=("SelectOptions",),
        newest=2,
        supported="int8, a mask of the operands' shape or one number; litert only",
    ),
    Operator(
        "SELECT_V2",
        plain(Select, 3),
        options=("SelectV2Options",),
        supported="int8, broadcasting, up to 5 dimensions; bytes are copied whatever the scales say",
    ),
)
