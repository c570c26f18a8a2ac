"""ADD, SUB and MUL by Helium kernels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering, Struct
from tinyc.kernels.ref import binary as ref
from tinyc.ops.add import Add
from tinyc.ops.binary import Binary
from tinyc.ops.mul import Mul
from tinyc.ops.sub import Sub

#: How far from the rounded multipliers others are tried.
_REACH = 3
_LIMIT = 1 << 31


def refuses_linear(op: Binary, graph: Graph) -> str | None:
    if not isinstance(op, Add | Sub):
        return "not a sum"
    if reason := ref.refuses_walk(op, graph):
        return reason
    return None if _line(op, graph) else "no one line gives the bytes of all pairs"


def lower_linear(op: Binary, graph: Graph) -> Lowering:
    line = _line(op, graph)
    assert line is not None
    names = ("a", "b", "offset", "left", "clamp", "act_min", "act_max")
    values = (*line[:3], 24 - line[3], int((op.act_min, op.act_max) != (-128, 127)), op.act_min, op.act_max)
    params = Struct("tc_linear_mve_params", tuple(zip(names, values, strict=True)))
    return _as("tc_linear_s8_mve", params, ref.lower(op, graph), "proven equal for all pairs of bytes")


def refuses_mul(op: Binary, graph: Graph) -> str | None:
    if not isinstance(op, Mul):
        return "not a product"
    if reason := ref.refuses_walk(op, graph):
        return reason
    shift = -op.params(graph.types(op.inputs), graph.type(op.outputs[0])).out_shift
    return None if 1 <= shift <= 22 else f"the result's shift is {shift}"


def lower_mul(op: Binary, graph: Graph) -> Lowering:
    a, b, out = (graph.type(n) for n in (*op.inputs, *op.outputs))
    assert a.quant is not None and b.quant is not None and out.quant is not None
    p = op.params((a, b), out)
    shift = -p.out_shift
    params = Struct(
        "tc_mul_mve_params",
        (
            ("a_zp", a.quant.zero_point),
            ("b_zp", b.quant.zero_point),
            ("multiplier", p.out_multiplier),
            ("offset", (out.quant.zero_point << shift) + (1 << (shift - 1))),
            ("left", 24 - shift),
            ("act_min", op.act_min),
            ("act_max", op.act_max),
        ),
    )
    return _as("tc_mul_s8_mve", params, ref.lower(op, graph), "")


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
    ratios = (a.quant.scale / out.quant.scale, sign * b.quant.scale / out.quant.scale)
    return _fit(ratios, table.tobytes(), op.act_min, op.act_max)


@cache
def _fit(ratios: tuple[float, float], table: bytes, low: int, high: int) -> tuple[int, int, int, int] | None:
    """table: [256, 256] output bytes for x, y from -128; low, high: its clamp."""
    want = np.frombuffer(table, np.int8).reshape(256, 256).astype(np.int64)
    x = np.arange(-128, 128, dtype=np.int64)[:, None]
    y = np.arange(-128, 128, dtype=np.int64)[None, :]
    steps = sorted(range(-_REACH, _REACH + 1), key=abs)
    for shift in range(23, 12, -1):
        a, b = (round(r * 2.0**shift) for r in ratios)
        reach = 128 * (abs(a) + abs(b) + 2 * _REACH)
        if 2 * reach + (256 << shift) >= _LIMIT:
            continue
        for da in steps:
            for db in steps:
                line = x * (a + da) + y * (b + db)
                least = int(np.where(want > low, (want << shift) - line, -_LIMIT).max())
                most = int(np.where(want < high, ((want + 1) << shift) - line, _LIMIT).min()) - 1
                offset = (least + most) // 2
                if least <= most and abs(offset) + reach < _LIMIT:
                    return a + da, b + db, offset, shift
        return None
    return None
