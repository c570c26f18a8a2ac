"""CONV_2D by Helium kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph, TensorType
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.requant import Channels, channels
from tinyc.kernels.mve.matmul import product, stream
from tinyc.kernels.mve.requant import Finish, finish
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window

#: Bytes of scratch that a kernel takes where more than two pixels fit.
SCRATCH = 512


def parts(op: Conv2D, graph: Graph, order: tuple[int, ...] = (0, 1, 2, 3)) -> tuple[Channels, Finish] | str:
    """The op as dot products over whole kernels, or why it is none that the block kernels take.

    order: of the weights' dimensions in a dot product.
    """
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    if x.shape[3] != w.type.shape[3]:
        return "more than one group"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    found = channels(np.transpose(w.data, order), bias, x.quant.zero_point)
    return finish(found, op.requant(graph.types(op.inputs), out), out, op.act_min, op.act_max)


def refuses(op: Conv2D, graph: Graph) -> str | None:
    result = parts(op, graph)
    return result if isinstance(result, str) else None


def refuses_1x1(op: Conv2D, graph: Graph) -> str | None:
    return not_pointwise(op, graph) or refuses(op, graph)


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    result = parts(op, graph)
    assert not isinstance(result, str), result
    call = Call(
        "tc_conv2d_1x1_s8_mve",
        "conv2d",
        Form.RUN,
        (Struct("tc_conv2d_1x1_mve_params", (("product", product(*result)),)),),
        (Operand(0),),
        (Ref("weights"),),
        units=out.shape[1] * out.shape[2],
    )
    return Lowering((call,), (stream(*result),))


def refuses_columns(op: Conv2D, graph: Graph) -> str | None:
    window = op.window
    if window.dilation[1] != 1:
        return "kernel columns are apart"
    if window.kernel[1] <= window.stride[1]:
        return "pixels share no columns"
    if graph.type(op.inputs[0]).shape[3] < 4:
        return "fewer than 4 channels"
    return refuses(op, graph)


def lower(op: Conv2D, graph: Graph) -> Lowering:
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    return windowed(x, out, op.window, parts(op, graph))


def windowed(
    x: TensorType, out: TensorType, window: Window, found: tuple[Channels, Finish] | str
) -> Lowering:
    """Pixels lined up one by one. found: weights in the order [rows, columns, channels]."""
    depth = window.kernel[0] * window.kernel[1] * x.shape[3]
    block = min(max(2, SCRATCH // depth & ~1), out.shape[2])
    return _windowed("tc_conv2d_s8_mve", x, window, found, block, block * depth)


def lower_columns(op: Conv2D, graph: Graph) -> Lowering:
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    (rows, columns), stride = op.window.kernel, op.window.stride[1]
    column = rows * x.shape[3]
    fit = (SCRATCH // column - columns) // stride + 1
    block = min(max(2, fit & ~1), out.shape[2])
    scratch = ((block - 1) * stride + columns) * column
    found = parts(op, graph, (0, 2, 1, 3))
    return _windowed("tc_conv2d_columns_s8_mve", x, op.window, found, block, scratch)


def _windowed(
    symbol: str,
    x: TensorType,
    window: Window,
    found: tuple[Channels, Finish] | str,
    block: int,
    scratch: int,
) -> Lowering:
    """block: pixels that are computed together; scratch: bytes."""
    assert not isinstance(found, str) and x.quant is not None, found
    params = Struct(
        "tc_conv2d_mve_params",
        (
            ("product", product(*found)),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("in_zp", x.quant.zero_point),
            ("block", block),
        ),
    )
    call = Call(
        symbol,
        "conv2d",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"),),
        scratch=scratch,
        rows=window_rows(window),
    )
    return Lowering((call,), (stream(*found),))
