"""A sum of two bytes as one line, proven for all pairs of bytes: (x * a + y * b + offset) >> shift, clamped."""

from __future__ import annotations

from functools import cache

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.variant import Refusal
from tinyc.numerics.activation import clamp
from tinyc.ops.binary import Binary
from tinyc.ops.mul import Mul
from tinyc.ops.sub import Sub

#: (a, b, offset, shift)
Line = tuple[int, int, int, int]

#: How far from the rounded factors others are tried.
REACH = 3
_LIMIT = 1 << 31


def slopes(op: Binary, graph: Graph) -> tuple[float, float]:
    """Return what a step of each operand's byte adds to the output."""
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    sign = -1 if isinstance(op, Sub) else 1
    return a.q.scale / out.q.scale, sign * b.q.scale / out.q.scale


def find_line(op: Binary, graph: Graph, shifts: tuple[int, ...]) -> Line | Refusal:
    """Return factors, offset and the first of `shifts` that give the reference's bytes."""
    if isinstance(op, Mul):
        return Refusal("not a sum")
    every = np.arange(-128, 128, dtype=np.int8)
    grid = (np.repeat(every, 256).reshape(256, 256), np.tile(every, 256).reshape(256, 256))
    out = graph.type(op.outputs[0])
    (table,) = op.compute(op.named(grid), graph.types(op), (out,), graph.reference)
    line = _fit(slopes(op, graph), table.tobytes(), *clamp(op.activation, out), shifts)
    return line or Refusal("no one line gives the bytes of all pairs")


@cache
def _fit(
    slope: tuple[float, float], table: bytes, low: int, high: int, shifts: tuple[int, ...]
) -> Line | None:
    """table: [256, 256] output bytes for x, y from -128; low, high: its clamp."""
    want = np.frombuffer(table, np.int8).reshape(256, 256).astype(np.int64)
    x = np.arange(-128, 128, dtype=np.int64)[:, None]
    y = np.arange(-128, 128, dtype=np.int64)[None, :]
    steps = sorted(range(-REACH, REACH + 1), key=abs)
    for shift in shifts:
        a, b = (round(s * 2.0**shift) for s in slope)
        for factor_a, factor_b in ((a + i, b + j) for i in steps for j in steps):
            line = x * factor_a + y * factor_b
            least = int(np.where(want > low, (want << shift) - line, -_LIMIT).max())
            most = int(np.where(want < high, ((want + 1) << shift) - line, _LIMIT).min()) - 1
            offset = (least + most) // 2
            ends = (int(line.min()) + offset, int(line.max()) + offset, factor_a, factor_b, offset)
            if least <= most and all(abs(end) < _LIMIT for end in ends):
                return factor_a, factor_b, offset, shift
    return None
