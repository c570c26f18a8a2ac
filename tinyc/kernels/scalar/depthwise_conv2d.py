"""DEPTHWISE_CONV_2D by portable kernels made for speed."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.packing.dots import Channels, dots, padding_constant, weights_of
from tinyc.kernels.packing.requant import Finish, finish
from tinyc.kernels.packing.words import word_constant
from tinyc.kernels.scalar import conv2d
from tinyc.kernels.scalar.matmul import LIMIT, fours, product_fields
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.numerics.activation import clamp
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Outputs of an input channel from which on lining up its taps pays; channels of a word.
MANY, FOUR = 4, 4

#: Bytes of two pointers, on the largest machine.
_TAP = 16


def dot_products(
    op: DepthwiseConv2D, graph: Graph, axes: tuple[int, int, int]
) -> tuple[Channels, Finish] | Refusal:
    """The op as one dot product per output channel. axes: order of rows, columns (0, 1) and channels (2)."""
    out = graph.type(op.outputs[0])
    c = dots(op, graph, weights_of(op, graph)[0].transpose(axes))
    return finish(c, op.requant(graph.types(op), out), out, *clamp(op.activation, out), limit=LIMIT)


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    """As a convolution in groups of one input channel each."""
    if op.multiplier < MANY:
        return Refusal(f"fewer than {MANY} outputs per input channel")
    found = dot_products(op, graph, (2, 1, 0))
    if isinstance(found, Refusal):
        return found
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    return conv2d.windowed(x, out, op.window, x.shape[3], *found)


def lower_apart(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    """Where four channels of a pixel are not words of their own, which a core that cannot load others brings together.

    Kernels of ternary weights take more time for that than this one.
    """
    if graph.type(op.x).shape[3] % FOUR == 0:
        return Refusal(f"channels are a multiple of {FOUR}")
    return lower(op, graph)


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    if op.multiplier != 1:
        return Refusal("more than one output per input channel")
    if x.shape[3] < 4:
        return Refusal("fewer than 4 channels")
    found = dot_products(op, graph, (2, 0, 1))
    if isinstance(found, Refusal):
        return found
    c, f = found
    count = len(c.start)
    params = Struct(
        "tc_depthwise_conv2d_scalar_params",
        (
            ("product", product_fields(c, f, count)),
            ("in_w", x.shape[2]),
            *kernel_fields(window),
        ),
    )
    padding = padding_constant(op, graph, count)
    call = Call(
        "tc_depthwise_conv2d_s8_scalar",
        "depthwise_conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("padding")),
        (Result(RowSegment()),),
        scratch=_TAP * window.kernel[0] * window.kernel[1],
    )
    which = np.minimum(np.arange(0, count, 4), count - 4)[:, None] + np.arange(4)
    return Lowering((call,), (word_constant("weights", fours(c, f.shifts, f, which)), padding))
