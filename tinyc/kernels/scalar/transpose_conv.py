"""TRANSPOSE_CONV by a portable kernel made for speed: a convolution of stride 1 for each way in which outputs begin."""

from __future__ import annotations

from itertools import product as pairs

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.matmul import word_constant
from tinyc.kernels.dsp.requant import Channels, Finish, channels, finish
from tinyc.kernels.ref.transpose_conv import source_rows, window_fields
from tinyc.kernels.scalar.conv2d import SCRATCH
from tinyc.kernels.scalar.matmul import LIMIT, product, stream
from tinyc.ops.transpose_conv import TransposeConv

Part = tuple[Channels, Finish]


def refuses(op: TransposeConv, graph: Graph) -> str | None:
    found = _parts(op, graph)
    return found if isinstance(found, str) else None


def lower(op: TransposeConv, graph: Graph) -> Lowering:
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    parts = _parts(op, graph)
    assert x.quant is not None and not isinstance(parts, str), parts
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
            ("product", {**product(*parts[0], op.window.stride[1] * out.shape[3]), **_clamp(parts)}),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *window_fields(op),
            ("in_zp", x.quant.zero_point),
            ("block", block),
        ),
    )
    call = Call(
        "tc_transpose_conv_s8_scalar",
        "transpose_conv",
        Form.WINDOW,
        (params,),
        (Operand(0),),
        (Ref("weights"), Ref("streams")),
        scratch=(block - 1 + columns) * column,
        rows=rows,
        takes_row=True,
    )
    constants = (
        first,
        word_constant("weights", np.concatenate(streams)),
        Constant("streams", "int32_t", starts.astype(np.int32)),
    )
    return Lowering((call,), constants)


def _parts(op: TransposeConv, graph: Graph) -> list[Part] | str:
    """For each first row and column of the kernel the dot products over [columns, rows, channels] of the input."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    (kernel_h, kernel_w), (stride_h, stride_w) = op.window.kernel, op.window.stride
    if kernel_h < stride_h or kernel_w < stride_w:
        return "a kernel smaller than its stride"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    requant = op.requant(graph.types(op.inputs), out)
    found: list[Part] = []
    for ky, kx in pairs(range(stride_h), range(stride_w)):
        taps = w.data[:, ky::stride_h, kx::stride_w][:, ::-1, ::-1]
        c = channels(taps.transpose(0, 2, 1, 3), bias, x.quant.zero_point)
        part = finish(c, requant, out, op.act_min, op.act_max, limit=LIMIT)
        if isinstance(part, str):
            return part
        found.append(part)
    return found


def _clamp(parts: list[Part]) -> dict[str, int]:
    """As far as any part reaches beyond it."""
    return {"act_min": max(f.act_min for _, f in parts), "act_max": min(f.act_max for _, f in parts)}
