"""CONV_2D by Helium kernels."""

from __future__ import annotations

from collections.abc import Callable

from tinyc.ir import Graph, TensorType
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct, in_blocks
from tinyc.kernels.mve.matmul import product_fields, stream
from tinyc.kernels.mve.requant import VectorFinish, finish
from tinyc.kernels.packing.dots import Channels, dots, weights_of
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.numerics.activation import clamp
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window

#: Bytes of scratch that a kernel takes where more than two pixels fit.
SCRATCH = 512


def dot_products(
    op: Conv2D, graph: Graph, order: tuple[int, ...] = (0, 1, 2, 3)
) -> tuple[Channels, VectorFinish] | Refusal:
    """The op as dot products over whole kernels, or why it is none that the block kernels take.

    order: of the weights' dimensions in a dot product.
    """
    if reason := grouped(op, graph):
        return reason
    out = graph.type(op.outputs[0])
    c = dots(op, graph, weights_of(op, graph).transpose(order))
    return finish(c, op.requant(graph.types(op), out), out, *clamp(op.activation, out))


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    if reason := not_pointwise(op, graph):
        return reason
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    out = graph.type(op.outputs[0])
    call = Call(
        "tc_conv2d_1x1_s8_mve",
        "conv2d",
        (Struct("tc_conv2d_1x1_mve_params", (("product", product_fields(*found)),)),),
        (Argument(0, SameUnit()),),
        (Ref("weights"),),
        (Result(Units(out.shape[1] * out.shape[2])),),
    )
    return Lowering((call,), (stream(*found),))


def lower(op: Conv2D, graph: Graph, room: int = SCRATCH) -> Lowering | Refusal:
    """room: bytes of scratch where more than two pixels fit."""
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return windowed(graph.type(op.x), graph.type(op.outputs[0]), op.window, *found, room)


def windowed(
    x: TensorType, out: TensorType, window: Window, c: Channels, f: VectorFinish, room: int = SCRATCH
) -> Lowering:
    """Pixels lined up one by one. c: weights in the order [rows, columns, channels]."""
    depth = window.kernel[0] * window.kernel[1] * x.shape[3]
    block = min(max(2, room // depth & ~1), out.shape[2])
    return _windowed("tc_conv2d_s8_mve", x, window, (c, f), block, lambda pixels: pixels * depth)


def lower_columns(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    (rows, columns), stride = window.kernel, window.stride[1]
    if window.dilation[1] != 1:
        return Refusal("kernel columns are apart")
    if columns <= stride:
        return Refusal("pixels share no columns")
    if x.shape[3] < 4:
        return Refusal("fewer than 4 channels")
    found = dot_products(op, graph, (0, 2, 1, 3))
    if isinstance(found, Refusal):
        return found
    column = rows * x.shape[3]
    return _windowed(
        "tc_conv2d_columns_s8_mve",
        x,
        window,
        found,
        block_of_columns(op, graph),
        lambda pixels: ((pixels - 1) * stride + columns) * column,
    )


def block_of_columns(op: Conv2D, graph: Graph) -> int:
    """Return the pixels that are computed together where they share columns."""
    (rows, columns), stride = op.window.kernel, op.window.stride[1]
    fit = (SCRATCH // (rows * graph.type(op.x).shape[3]) - columns) // stride + 1
    return min(max(2, fit & ~1), graph.type(op.outputs[0]).shape[2])


def _windowed(
    symbol: str,
    x: TensorType,
    window: Window,
    found: tuple[Channels, VectorFinish],
    block: int,
    scratch: Callable[[int], int],
) -> Lowering:
    """block: pixels that are computed together; scratch: bytes that so many pixels take."""
    params = Struct(
        "tc_conv2d_mve_params",
        (
            ("product", product_fields(*found)),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("in_zp", x.q.zero_point),
            ("block", block),
        ),
    )
    call = Call(
        symbol,
        "conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"),),
        (Result(RowSegment()),),
    )
    return in_blocks(Lowering((call,), (stream(*found),)), block, scratch)
