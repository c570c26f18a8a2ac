"""ADD, SUB and MUL by SIMD kernels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering, Struct
from tinyc.kernels.ref import binary as ref
from tinyc.ops.binary import Binary
from tinyc.ops.mul import Mul
from tinyc.ops.sub import Sub

#: How far from the rounded factors others are tried.
_REACH = 3


def refuses_linear(op: Binary, graph: Graph) -> str | None:
    if isinstance(op, Mul):
        return "not a sum"
    return ref.refuses_walk(op, graph) or (
        None if _line(op, graph) else "no one line gives the bytes of all pairs"
    )


def lower_linear(op: Binary, graph: Graph) -> Lowering:
    line = _line(op, graph)
    assert line is not None
    params = Struct(
        "tc_linear_dsp_params", tuple(zip(("a", "b", "offset", "shift"), line, strict=True)) + _clamp(op)
    )
    return _as("tc_linear_s8_dsp", params, ref.lower(op, graph), "proven equal for all pairs of bytes")


def refuses_mul(op: Binary, graph: Graph) -> str | None:
    if not isinstance(op, Mul):
        return "not a product"
    shift = -op.params(graph.types(op.inputs), graph.type(op.outputs[0])).out_shift
    return ref.refuses_walk(op, graph) or (None if 1 <= shift <= 23 else f"the result's shift is {shift}")


def lower_mul(op: Binary, graph: Graph) -> Lowering:
    a, b, out = (graph.type(n) for n in (*op.inputs, *op.outputs))
    assert a.quant is not None and b.quant is not None and out.quant is not None
    p = op.params((a, b), out)
    shift = -p.out_shift
    params = Struct(
        "tc_mul_dsp_params",
        (
            ("a_zp", a.quant.zero_point),
            ("b_zp", b.quant.zero_point),
            ("multiplier", p.out_multiplier),
            ("offset", (out.quant.zero_point << shift) + (1 << (shift - 1))),
            ("shift", shift),
            *_clamp(op),
        ),
    )
    return _as("tc_mul_s8_dsp", params, ref.lower(op, graph), "")


def _clamp(op: Binary) -> tuple[tuple[str, int], ...]:
    return (("act_min", op.act_min), ("act_max", op.act_max))


def _as(symbol: str, params: Struct, portable: Lowering, why: str) -> Lowering:
    """The portable kernel's operands for another kernel."""
    (call,) = portable.calls
    mine = replace(call, symbol=symbol, structs=(params,))
    return Lowering((mine,), portable.constants, portable.in_place, why)


def _line(op: Binary, graph: Graph) -> tuple[int, int, int, int] | None:
    """(a, b, offset, shift): byte = (x * a + y * b + offset) >> shift, clamped, for all bytes x and y."""
    a, b, out = (graph.type(n) for n in (*op.inputs, *op.outputs))
    assert a.quant is not None and b.quant is not None and out.quant is not None
    every = np.arange(-128, 128, dtype=np.int8)
    grid = (np.repeat(every, 256).reshape(256, 256), np.tile(every, 256).reshape(256, 256))
    (table,) = op.reference(grid, graph.types(op.inputs), (out,))
    sign = -1 if isinstance(op, Sub) else 1
    return _fit(
        a.quant.scale / out.quant.scale,
        sign * b.quant.scale / out.quant.scale,
        table.tobytes(),
        op.act_min,
        op.act_max,
    )


@cache
def _fit(a: float, b: float, table: bytes, low: int, high: int) -> tuple[int, int, int, int] | None:
    """a, b: what a step of each byte adds to the output; table: [256, 256] output bytes for x, y from -128."""
    want = np.frombuffer(table, np.int8).reshape(256, 256).astype(np.int64)
    x = np.arange(-128, 128, dtype=np.int64)[:, None]
    y = np.arange(-128, 128, dtype=np.int64)[None, :]
    far = 1 << 60
    steps = sorted(range(-_REACH, _REACH + 1), key=abs)
    for shift in range(24, 12, -1):
        for factor_a, factor_b in (
            (round(a * 2.0**shift) + i, round(b * 2.0**shift) + j) for i in steps for j in steps
        ):
            line = x * factor_a + y * factor_b
            least = int(np.where(want > low, (want << shift) - line, -far).max())
            most = int(np.where(want < high, ((want + 1) << shift) - line, far).min()) - 1
            if least > most or min(abs(least), abs(most)) == far:
                continue
            offset = (least + most) // 2
            if (
                max(
                    abs(int(line.min()) + offset),
                    abs(int(line.max()) + offset),
                    abs(factor_a),
                    abs(factor_b),
                    abs(offset),
                )
                < 1 << 31
            ):
                return factor_a, factor_b, offset, shift
    return None
