"""CONV_2D by portable kernels made for speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Graph, TensorType
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct, in_blocks
from tinyc.kernels.packing.dots import Channels, dots, weights_of
from tinyc.kernels.packing.requant import Finish, finish
from tinyc.kernels.packing.trits import Trits, trits
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar.matmul import LIMIT, product_fields, stream
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.numerics.activation import clamp
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window

#: Bytes of scratch that a kernel takes for its columns, where one pixel does not need more.
SCRATCH = 512


def dot_products(
    op: Conv2D, graph: Graph, order: tuple[int, ...] = (0, 2, 1, 3)
) -> tuple[Channels, Finish] | Refusal:
    """The op as dot products, or why it is none that the kernels take.

    order: of [outputs, rows, columns, channels]; columns first by default.
    """
    out = graph.type(op.outputs[0])
    c = dots(op, graph, weights_of(op, graph).transpose(order))
    return finish(c, op.requant(graph.types(op), out), out, *clamp(op.activation, out), limit=LIMIT)


def ternary_products(
    op: Conv2D, graph: Graph, order: tuple[int, ...] = (0, 2, 1, 3)
) -> tuple[Channels, Finish, Trits] | Refusal:
    """The same of ternary weights, and these packed."""
    found = dot_products(op, graph, order)
    if isinstance(found, Refusal):
        return found
    packed = trits(found[0].weights)
    return packed if isinstance(packed, Refusal) else (*found, packed)


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    if reason := not_pointwise(op, graph):
        return reason
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    (c, f), out = found, graph.type(op.outputs[0])
    call = Call(
        "tc_conv2d_1x1_s8_scalar",
        "conv2d",
        (Struct("tc_matmul_scalar", tuple(product_fields(c, f, out.shape[3]).items())),),
        (Argument(0, SameUnit()),),
        (Ref("weights"),),
        (Result(Units(out.shape[1] * out.shape[2])),),
    )
    return Lowering((call,), (word_constant("weights", stream(c, f.shifts, f)),))


def lower(op: Conv2D, graph: Graph, room: int = SCRATCH) -> Lowering | Refusal:
    """room: bytes of scratch for columns."""
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    return windowed(x, out, op.window, op.groups(graph.types(op)), *found, room)


def windowed(
    x: TensorType, out: TensorType, window: Window, groups: int, c: Channels, f: Finish, room: int = SCRATCH
) -> Lowering:
    """Each group's pixels lined up in scratch, of `room` bytes where that is enough for two of them.

    c: weights in the order [columns, rows, channels].
    """
    (rows, columns), stride = window.kernel, window.stride[1]
    group_c, out_c = x.shape[3] // groups, out.shape[3] // groups
    column = rows * group_c
    shared = window.dilation[1] == 1 and stride < columns
    step = stride if shared else columns
    fit = (room // column - columns) // step + 1
    block = min(max(2, fit & ~1), out.shape[2])
    streams = [_stream(c, f, slice(g * out_c, (g + 1) * out_c)) for g in range(groups)]
    params = Struct(
        "tc_conv2d_scalar_params",
        (
            ("product", {**product_fields(c, f, out.shape[3]), "out_c": out_c}),
            ("groups", groups),
            ("group_c", group_c),
            ("group_words", len(streams[0])),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("in_zp", x.q.zero_point),
            ("block", block),
            ("step", step),
        ),
    )
    call = Call(
        "tc_conv2d_s8_scalar",
        "conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"),),
        (Result(RowSegment()),),
    )
    low = Lowering((call,), (word_constant("weights", np.concatenate(streams)),))
    return in_blocks(low, block, lambda pixels: ((pixels - 1) * step + columns) * column)


def _stream(c: Channels, f: Finish, these: slice) -> Int64:
    """The weights of some of the channels."""
    some = Channels(c.weights[these], c.start[these], c.low[these], c.high[these])
    return stream(some, f.shifts[these], replace(f, multipliers=f.multipliers[these]))
