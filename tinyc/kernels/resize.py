"""RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR in C: where each output pixel comes from is worked out here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyc.ir import Graph, TensorType
from tinyc.kernels.access import RowSegment, RowWindow
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.ref.unsigned import FOLDER
from tinyc.numerics.resize import ONE, RealTap, Tap, exact_taps
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest


def lower_nearest(op: ResizeNearest, graph: Graph) -> Lowering:
    _, height, width, channels = graph.type(op.x).shape
    return nearest_rows(op.sources(height, op.size[0]), op.sources(width, op.size[1]), channels)


def nearest_rows(rows: tuple[int, ...], columns: tuple[int, ...], channels: int) -> Lowering:
    """Return the op that makes output pixel (y, x) of the input's pixel (rows[y], columns[x])."""
    call = Call(
        "tc_resize_nearest_s8_ref",
        "resize",
        (Struct("tc_resize_params", (("channels", channels), ("kernel_h", 1))),),
        (Argument(0, RowWindow(1, table=rows)),),
        (Ref("columns"),),
        (Result(RowSegment()),),
    )
    return Lowering(
        (call,),
        (
            Constant("first", "int16_t", np.array(rows, np.int16)),
            Constant("columns", "uint16_t", np.array(columns, np.uint16)),
        ),
    )


def lower_bilinear(op: ResizeBilinear, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    _, height, width, _ = x.shape
    if not x.is_unsigned:
        taps = op.taps(height, op.size[0]), op.taps(width, op.size[1])
        return _bilinear("tc_resize_bilinear_s8_ref", x, *taps)
    rows, columns = op.real_taps(height, op.size[0]), op.real_taps(width, op.size[1])
    exact = exact_taps(rows), exact_taps(columns)
    if exact[0] is None or exact[1] is None:
        return real_mixture("tc_resize_bilinear_f32_u8_ref", FOLDER, x, rows, columns)
    return _bilinear("tc_resize_bilinear_u8_ref", x, exact[0], exact[1])


def _bilinear(symbol: str, x: TensorType, rows: tuple[Tap, ...], columns: tuple[Tap, ...]) -> Lowering:
    count = 2 if any(t.weight for t in rows) else 1
    constants = (
        Constant("row_weights", "uint16_t", np.array([t.weight or ONE for t in rows], np.uint16)),
        Constant("columns", "uint16_t", np.array([t.first for t in columns], np.uint16)),
        Constant("column_weights", "uint16_t", np.array([t.weight for t in columns], np.uint16)),
    )
    return _mixture(symbol, FOLDER if x.is_unsigned else "resize", x, rows, count, constants)


def real_mixture(
    symbol: str, folder: str, x: TensorType, rows: tuple[RealTap, ...], columns: tuple[RealTap, ...]
) -> Lowering:
    """By a kernel whose weights are float32."""
    count = 2 if any(t.last > t.first for t in rows) else 1
    ends = [(t.first, t.last) for t in columns]
    constants = (
        Constant("row_pairs", "uint8_t", np.array([t.last - t.first for t in rows], np.uint8)),
        Constant("row_weights", "float", np.array([t.weight for t in rows], np.float32)),
        Constant("columns", "uint16_t", np.array(ends, np.uint16)),
        Constant("column_weights", "float", np.array([t.weight for t in columns], np.float32)),
    )
    return _mixture(symbol, folder, x, rows, count, constants)


def _mixture(
    symbol: str,
    folder: str,
    x: TensorType,
    rows: Sequence[Tap | RealTap],
    count: int,
    constants: tuple[Constant, ...],
) -> Lowering:
    """A row that is taken alone comes last, after one that is past: the kernel need not wait for the next."""
    first = tuple(t.last - count + 1 for t in rows)
    call = Call(
        symbol,
        folder,
        (Struct("tc_resize_params", (("channels", x.shape[3]), ("kernel_h", count))),),
        (Argument(0, RowWindow(count, table=first, numbered=True)),),
        tuple(Ref(c.name) for c in constants),
        (Result(RowSegment()),),
    )
    return Lowering((call,), (Constant("first", "int16_t", np.array(first, np.int16)), *constants))
