"""CONV_2D by SIMD kernels."""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.dsp import fully_connected
from tinyc.kernels.dsp.matmul import SCRATCH, round_up, stream
from tinyc.kernels.packing.dots import Channels, dots, padding_constant, single, unpackable, weights_of
from tinyc.kernels.packing.requant import Finish, finish
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.numerics.activation import clamp
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D


def dot_products(op: Conv2D, graph: Graph) -> tuple[Channels, Finish] | Refusal:
    """The op as dot products over whole kernels, or why it is none that the kernels take."""
    if reason := grouped(op, graph):
        return reason
    out = graph.type(op.outputs[0])
    c = dots(op, graph, weights_of(op, graph))
    found = finish(c, op.requant(graph.types(op), out), out, *clamp(op.activation, out))
    return found if isinstance(found, Refusal) else unpackable(found[0]) or found


def lower_1x1_single(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    x = graph.type(op.x).shape
    if x[2] != 1:
        return Refusal("more than one pixel in a row")
    if reason := not_pointwise(op, graph) or fully_connected.too_short(x[3]):
        return reason
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    height = graph.type(op.outputs[0]).shape[1]
    return fully_connected.vectors(*found, fully_connected.TWICE, height, "rows of one pixel")


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    if reason := not_pointwise(op, graph):
        return reason
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    c, f = found
    if reason := single(c):
        return reason
    out = graph.type(op.outputs[0])
    depth, wide, shape, weights = _packed(c, f)
    params = Struct(
        "tc_conv2d_1x1_dsp_params",
        (
            ("product", shape),
            ("in_c", graph.type(op.x).shape[3]),
            ("wide", int(wide)),
            *f.clamp,
        ),
    )
    call = Call(
        "tc_conv2d_1x1_s8_dsp",
        "conv2d",
        (params,),
        (Argument(0, SameUnit()),),
        (Ref("weights"),),
        (Result(Units(out.shape[1] * out.shape[2])),),
        scratch=2 * depth * (3 if wide else 2),
    )
    return _also_narrow(Lowering((call,), (weights,)))


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    return single(found[0]) or windowed(op, graph, *found)


def windowed(op: Conv2D | DepthwiseConv2D, graph: Graph, c: Channels, f: Finish) -> Lowering:
    """Dot products over all that the window sees of the input."""
    x, window = graph.type(op.x), op.window
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
    padding = padding_constant(op, graph, x.shape[3])
    call = Call(
        "tc_conv2d_s8_dsp",
        "conv2d",
        (params,),
        (Argument(0, window_rows(window)),),
        (Ref("weights"), Ref("padding")),
        (Result(RowSegment()),),
        scratch=(2 + lines) * depth * (3 if wide else 2),
    )
    return _also_narrow(Lowering((call,), (weights, padding)))


def _also_narrow(low: Lowering) -> Lowering:
    """Where three pixels make a block, two do where a call computes no more."""
    (call,) = low.calls
    if not dict(call.structs[0].fields)["wide"]:
        return replace(low, columns=2)
    two = replace(call.with_fields(wide=0), scratch=call.scratch // 3 * 2)
    return replace(low, columns=3, narrower=(replace(low, calls=(two,), columns=2),))


def _packed(c: Channels, f: Finish) -> tuple[int, bool, dict[str, int], Constant]:
    """Depth, whether three pixels make a block, the C struct and the weights."""
    depth = round_up(c.weights.shape[1], 4)
    shape = {"depth": depth, "out_c": c.weights.shape[0], "is_signed": int(f.is_signed)}
    return depth, 6 * depth <= SCRATCH, shape, stream(c, f)
