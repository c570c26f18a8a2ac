"""MEAN by a portable kernel."""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.base import Call, Form, Lowering, Operand, Struct
from tinyc.kernels.copy import dense_strides, merge
from tinyc.ops.mean import Mean

RANK = 4


def lower(op: Mean, graph: Graph) -> Lowering:
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    assert out.quant is not None
    strides = dense_strides(x.shape)
    kept = [i for i in range(len(x.shape)) if i not in op.axes]
    try:
        keep, (keep_strides,) = merge(*_pick(x.shape, strides, kept), rank=RANK)
        gone, (gone_strides,) = merge(*_pick(x.shape, strides, list(op.axes)), rank=RANK)
    except ValueError as problem:
        raise ModelError(f"{op.origin}: averages along {problem}; at most {RANK} are supported") from None
    p = op.params((x,), out)
    params = Struct(
        "tc_mean_params",
        (
            ("keep", keep),
            ("keep_stride", keep_strides),
            ("reduce", gone),
            ("reduce_stride", gone_strides),
            ("bias", p.bias),
            ("multiplier", p.multiplier),
            ("shift", p.shift),
            ("out_zp", out.quant.zero_point),
        ),
    )
    return Lowering((Call("tc_mean_s8_ref", "mean", Form.WHOLE, (params,), (Operand(0),)),))


def _pick(
    shape: tuple[int, ...], strides: tuple[int, ...], axes: list[int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(shape[a] for a in axes), tuple(strides[a] for a in axes)
