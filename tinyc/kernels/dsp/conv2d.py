"""CONV_2D by SIMD kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph, TensorType
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp import fully_connected
from tinyc.kernels.dsp.matmul import SCRATCH, round_up, stream
from tinyc.kernels.dsp.requant import Channels, Finish, channels, finish
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window


def product(op: Conv2D, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as dot products over whole kernels, or why it is none that the kernels take."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    if x.shape[3] != w.type.shape[3]:
        return "more than one group"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    result = finish(
        channels(w.data, bias, x.quant.zero_point),
        op.requant(graph.types(op.inputs), out),
        out,
        op.act_min,
        op.act_max,
    )
    return result if isinstance(result, str) else fully_connected.unpackable(result[0]) or result


def refuses_1x1_single(op: Conv2D, graph: Graph) -> str | None:
    x = graph.type(op.inputs[0]).shape
    if x[2] != 1:
        return "more than one pixel in a row"
    return not_pointwise(op, graph) or fully_connected.too_short(x[3]) or _refuses(op, graph)


def lower_1x1_single(op: Conv2D, graph: Graph) -> Lowering:
    result = product(op, graph)
    assert not isinstance(result, str), result
    height = graph.type(op.outputs[0]).shape[1]
    return fully_connected.vectors(*result, fully_connected.TWICE, height, "rows of one pixel")


def _refuses(op: Conv2D, graph: Graph) -> str | None:
    result = product(op, graph)
    return result if isinstance(result, str) else None


def refuses(op: Conv2D, graph: Graph) -> str | None:
    result = product(op, graph)
    return result if isinstance(result, str) else single(result[0])


def single(c: Channels) -> str | None:
    return "a single output channel" if len(c.weights) < 2 else None


def refuses_1x1(op: Conv2D, graph: Graph) -> str | None:
    return not_pointwise(op, graph) or refuses(op, graph)


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    result = product(op, graph)
    assert not isinstance(result, str), result
    depth, wide, shape, weights = _packed(*result)
    params = Struct(
        "tc_conv2d_1x1_dsp_params",
        (
            ("product", shape),
            ("in_c", graph.type(op.inputs[0]).shape[3]),
            ("wide", int(wide)),
            *result[1].clamp,
        ),
    )
    call = Call(
        "tc_conv2d_1x1_s8_dsp",
        "conv2d",
        Form.RUN,
        (params,),
        (Operand(0),),
        (Ref("weights"),),
        units=out.shape[1] * out.shape[2],
        scratch=2 * depth * (3 if wide else 2),
    )
    return Lowering((call,), (weights,))


def lower(op: Conv2D, graph: Graph) -> Lowering:
    result = product(op, graph)
    assert not isinstance(result, str), result
    return windowed(*result, graph.type(op.inputs[0]), op.window)


def windowed(c: Channels, f: Finish, x: TensorType, window: Window) -> Lowering:
    """Dot products over all that the window sees of x."""
    assert x.quant is not None
    depth, wide, shape, weights = _packed(c, f)
    lines = x.shape[3] % 4 != 0
    params = Struct(
        "tc_conv2d_dsp_params",
        (
            ("product", shape),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("wide", int(wide)),
            ("lines", int(lines)),
            *f.clamp,
        ),
    )
    padding = Constant("padding", "int8_t", np.full(x.shape[3], x.quant.zero_point, np.int8))
    call = Call(
        "tc_conv2d_s8_dsp",
        "conv2d",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"), Ref("padding")),
        scratch=(2 + lines) * depth * (3 if wide else 2),
        rows=window_rows(window),
    )
    return Lowering((call,), (weights, padding))


def _packed(c: Channels, f: Finish) -> tuple[int, bool, dict[str, int], Constant]:
    """Depth, whether three pixels make a block, the C struct and the weights."""
    depth = round_up(c.weights.shape[1], 4)
    shape = {"depth": depth, "out_c": c.weights.shape[0], "is_signed": int(f.is_signed)}
    return depth, 6 * depth <= SCRATCH, shape, stream(c, f)
