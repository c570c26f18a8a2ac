"""TRANSPOSE_CONV by a portable kernel made for speed: a convolution of stride 1 for each way in which outputs begin."""

from __future__ import annotations

from itertools import product

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.packing.dots import Channels, dots, weights_of
from tinyc.kernels.packing.requant import Finish, finish
from tinyc.kernels.packing.words import word_constant
from tinyc.kernels.ref.transpose_conv import source_rows, window_fields
from tinyc.kernels.scalar.conv2d import SCRATCH
from tinyc.kernels.scalar.matmul import LIMIT, product_fields, stream
from tinyc.kernels.variant import Refusal
from tinyc.numerics.activation import clamp
from tinyc.ops.transpose_conv import TransposeConv

Part = tuple[Channels, Finish]


def lower(op: TransposeConv, graph: Graph) -> Lowering | Refusal:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    parts = _parts(op, graph)
    if isinstance(parts, Refusal):
        return parts
    streams = [stream(c, f.shifts, f) for c, f in parts]
    starts = np.cumsum([0, *map(len, streams[:-1])])
    rows, first = source_rows(op)
    column = rows.count * x.shape[3]
    columns = -(-op.window.kernel[1] // op.window.stride[1])
    fit = SCRATCH // column - columns + 1
    block = min(max(2, fit & ~1), -(-out.shape[2] // op.window.stride[1]))
    params = Struct(
        "tc_transpose_conv_scalar_params",
        (
            ("product", {**product_fields(*parts[0], op.window.stride[1] * out.shape[3]), **_clamp(parts)}),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *window_fields(op),
            ("in_zp", x.q.zero_point),
            ("block", block),
        ),
    )
    call = Call(
        "tc_transpose_conv_s8_scalar",
        "transpose_conv",
        (params,),
        (Argument(0, rows),),
        (Ref("weights"), Ref("streams")),
        (Result(RowSegment()),),
        scratch=(block - 1 + columns) * column,
    )
    constants = (
        first,
        word_constant("weights", np.concatenate(streams)),
        Constant("streams", "int32_t", starts.astype(np.int32)),
    )
    return Lowering((call,), constants)


def _parts(op: TransposeConv, graph: Graph) -> list[Part] | Refusal:
    """For each first row and column of the kernel the dot products over [columns, rows, channels] of the input."""
    out, weights = graph.type(op.outputs[0]), weights_of(op, graph)
    (kernel_h, kernel_w), (stride_h, stride_w) = op.window.kernel, op.window.stride
    if kernel_h < stride_h or kernel_w < stride_w:
        return Refusal("a kernel smaller than its stride")
    requant = op.requant(graph.types(op), out)
    found: list[Part] = []
    for ky, kx in product(range(stride_h), range(stride_w)):
        taps = weights[:, ky::stride_h, kx::stride_w][:, ::-1, ::-1]
        c = dots(op, graph, taps.transpose(0, 2, 1, 3))
        part = finish(c, requant, out, *clamp(op.activation, out), limit=LIMIT)
        if isinstance(part, Refusal):
            return part
        found.append(part)
    return found


def _clamp(parts: list[Part]) -> dict[str, int]:
    """As far as any part reaches beyond it."""
    return {"act_min": max(f.act_min for _, f in parts), "act_max": min(f.act_max for _, f in parts)}
