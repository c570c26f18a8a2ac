"""CONV_2D by portable kernels made for speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Graph, TensorType
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.matmul import word_constant
from tinyc.kernels.dsp.requant import Channels, Finish, Int64, channels, finish
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar.matmul import LIMIT, product, stream
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window

#: Bytes of scratch that a kernel takes for its columns, where one pixel does not need more.
SCRATCH = 512


def parts(op: Conv2D, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as dot products over [columns, rows, channels], or why it is none that the kernels take."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    c = channels(w.data.transpose(0, 2, 1, 3), bias, x.quant.zero_point)
    requant = op.requant(graph.types(op.inputs), out)
    return finish(c, requant, out, op.act_min, op.act_max, limit=LIMIT)


def refuses(op: Conv2D, graph: Graph) -> str | None:
    result = parts(op, graph)
    return result if isinstance(result, str) else None


def refuses_1x1(op: Conv2D, graph: Graph) -> str | None:
    return not_pointwise(op, graph) or refuses(op, graph)


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    result = parts(op, graph)
    assert not isinstance(result, str), result
    params = Struct("tc_matmul_scalar", tuple(product(*result, out.shape[3]).items()))
    call = Call(
        "tc_conv2d_1x1_s8_scalar",
        "conv2d",
        Form.RUN,
        (params,),
        (Operand(0),),
        (Ref("weights"),),
        units=out.shape[1] * out.shape[2],
    )
    c, f = result
    return Lowering((call,), (word_constant("weights", stream(c, f.shifts, f)),))


def lower(op: Conv2D, graph: Graph) -> Lowering:
    x, w, out = (graph.type(n) for n in (op.inputs[0], op.inputs[1], op.outputs[0]))
    result = parts(op, graph)
    assert not isinstance(result, str), result
    return windowed(x, out, op.window, x.shape[3] // w.shape[3], *result)


def windowed(x: TensorType, out: TensorType, window: Window, groups: int, c: Channels, f: Finish) -> Lowering:
    """Each group's pixels lined up in scratch. c: weights in the order [columns, rows, channels]."""
    assert x.quant is not None
    (rows, columns), stride = window.kernel, window.stride[1]
    group_c, out_c = x.shape[3] // groups, out.shape[3] // groups
    column = rows * group_c
    shared = window.dilation[1] == 1 and stride < columns
    step = stride if shared else columns
    fit = (SCRATCH // column - columns) // step + 1
    block = min(max(2, fit & ~1), out.shape[2])
    streams = [_stream(c, f, slice(g * out_c, (g + 1) * out_c)) for g in range(groups)]
    params = Struct(
        "tc_conv2d_scalar_params",
        (
            ("product", {**product(c, f, out.shape[3]), "out_c": out_c}),
            ("groups", groups),
            ("group_c", group_c),
            ("group_words", len(streams[0])),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("in_zp", x.quant.zero_point),
            ("block", block),
            ("step", step),
        ),
    )
    call = Call(
        "tc_conv2d_s8_scalar",
        "conv2d",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"),),
        scratch=((block - 1) * step + columns) * column,
        rows=window_rows(window),
    )
    return Lowering((call,), (word_constant("weights", np.concatenate(streams)),))


def _stream(c: Channels, f: Finish, these: slice) -> Int64:
    """The weights of some of the channels."""
    some = Channels(c.weights[these], c.start[these], c.low[these], c.high[these])
    return stream(some, f.shifts[these], replace(f, multipliers=f.multipliers[these]))
