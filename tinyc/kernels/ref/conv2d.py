"""CONV_2D by portable kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.constants import activation_fields, bias_constant, requant_constants
from tinyc.kernels.packing.dots import byte_weights
from tinyc.kernels.ref.unsigned import with_zero_point
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D


def grouped(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why an op is not one whose every output channel reads every input channel."""
    return Refusal("more than one group") if op.groups(graph.types(op)) > 1 else None


def not_pointwise(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why an op is not one dot product per pixel and output channel."""
    if not op.window.is_pointwise:
        return Refusal("not a 1x1 kernel with stride 1")
    return grouped(op, graph)


def lower(op: Conv2D, graph: Graph) -> Lowering:
    window = Argument(0, window_rows(op.window))
    return _lowering(op, graph, "tc_conv2d_s8_ref", window, RowSegment())


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    out = graph.type(op.outputs[0]).shape
    pixels = Units(out[1] * out[2])
    read = Argument(0, SameUnit())
    return not_pointwise(op, graph) or _lowering(op, graph, "tc_conv2d_1x1_s8_ref", read, pixels)


def _lowering(op: Conv2D, graph: Graph, symbol: str, read: Argument, write: RowSegment | Units) -> Lowering:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    weights, zero_point = byte_weights(op, graph)
    window = op.window
    params = Struct(
        "tc_conv2d_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("group_c", weights.shape[3]),
            ("out_c", out.shape[3]),
            *kernel_fields(window),
            ("in_zp", x.q.zero_point),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            ("multipliers", Ref("multipliers")),
            ("shifts", Ref("shifts")),
        ),
    )
    bias = bias_constant(graph, op.bias)
    constants = (
        Constant("weights", "int8_t", weights),
        *bias,
        *requant_constants(op.requant(graph.types(op), out)),
    )
    arrays = (Ref("weights"), Ref("bias") if bias else None)
    call = Call(symbol, "conv2d", (params,), (read,), arrays, (Result(write),))
    return Lowering((with_zero_point(call, zero_point),), constants)
