"""DEPTHWISE_CONV_2D by portable kernels made for speed."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.matmul import word_constant
from tinyc.kernels.dsp.requant import Channels, Finish, channels, finish
from tinyc.kernels.scalar import conv2d
from tinyc.kernels.scalar.matmul import LIMIT, fours, product
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Outputs of an input channel from which on lining up its taps pays.
MANY = 4

#: Bytes of two pointers, on the largest machine.
_TAP = 16


def parts(op: DepthwiseConv2D, graph: Graph, axes: tuple[int, int, int]) -> tuple[Channels, Finish] | str:
    """The op as one dot product per output channel. axes: order of rows, columns (0, 1) and channels (2)."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    c = channels(w.data[0].transpose(axes), bias, x.quant.zero_point)
    return finish(c, op.requant(graph.types(op.inputs), out), out, op.act_min, op.act_max, limit=LIMIT)


def refuses(op: DepthwiseConv2D, graph: Graph) -> str | None:
    if op.multiplier != 1:
        return "more than one output per input channel"
    if graph.type(op.inputs[0]).shape[3] < 4:
        return "fewer than 4 channels"
    result = parts(op, graph, (2, 0, 1))
    return result if isinstance(result, str) else None


def refuses_spread(op: DepthwiseConv2D, graph: Graph) -> str | None:
    if op.multiplier < MANY:
        return f"fewer than {MANY} outputs per input channel"
    result = parts(op, graph, (2, 1, 0))
    return result if isinstance(result, str) else None


def lower_spread(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    """As a convolution in groups of one input channel each."""
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    result = parts(op, graph, (2, 1, 0))
    assert not isinstance(result, str), result
    return conv2d.windowed(x, out, op.window, x.shape[3], *result)


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering:
    x, window = graph.type(op.inputs[0]), op.window
    result = parts(op, graph, (2, 0, 1))
    assert not isinstance(result, str) and x.quant is not None, result
    c, f = result
    count = len(c.start)
    params = Struct(
        "tc_depthwise_conv2d_scalar_params",
        (
            ("product", product(c, f, count)),
            ("in_w", x.shape[2]),
            *kernel_fields(window),
        ),
    )
    padding = Constant("padding", "int8_t", np.full(count, x.quant.zero_point, np.int8))
    call = Call(
        "tc_depthwise_conv2d_s8_scalar",
        "depthwise_conv2d",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"), Ref("padding")),
        scratch=_TAP * window.kernel[0] * window.kernel[1],
        rows=window_rows(window),
    )
    which = np.minimum(np.arange(0, count, 4), count - 4)[:, None] + np.arange(4)
    return Lowering((call,), (word_constant("weights", fours(c, f.shifts, f, which)), padding))
