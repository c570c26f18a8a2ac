"""REDUCE_MAX by portable kernels: of an image to one pixel row by row, and over any axes."""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.base import Call, Form, Lowering, Operand, Struct
from tinyc.kernels.copy import dense_strides, merge
from tinyc.ops.reduce_max import ReduceMax

RANK = 4


def refuses_rows(op: ReduceMax, graph: Graph) -> str | None:
    shape = graph.type(op.inputs[0]).shape
    if shape[:1] != (1,) or (len(shape), op.axes) not in ((4, (1, 2)), (3, (1,))):
        return "not over rows and columns of an image"
    return None


def lower_rows(op: ReduceMax, graph: Graph) -> Lowering:
    height, width, channels = graph.type(op.inputs[0]).hwc
    params = Struct("tc_max_rows_params", (("rows", height), ("width", width), ("channels", channels)))
    call = Call("tc_max_rows_s8_ref", "max", Form.REDUCE, (params,), (Operand(0),), state=channels)
    return Lowering((call,), why="one pixel out: maxima are carried from row to row")


def lower(op: ReduceMax, graph: Graph) -> Lowering:
    shape = graph.type(op.inputs[0]).shape
    strides = dense_strides(shape)
    kept = [i for i in range(len(shape)) if i not in op.axes]
    try:
        keep, (keep_strides,) = _merged(shape, strides, kept)
        gone, (gone_strides,) = _merged(shape, strides, list(op.axes))
    except ValueError as problem:
        raise ModelError(f"{op.origin}: maxima along {problem}; at most {RANK} are supported") from None
    params = Struct(
        "tc_max_params",
        (
            ("keep", keep),
            ("keep_stride", keep_strides),
            ("reduce", gone),
            ("reduce_stride", gone_strides),
        ),
    )
    return Lowering((Call("tc_max_s8_ref", "max", Form.WHOLE, (params,), (Operand(0),)),))


def _merged(
    shape: tuple[int, ...], strides: tuple[int, ...], axes: list[int]
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    return merge(tuple(shape[a] for a in axes), tuple(strides[a] for a in axes), rank=RANK)
