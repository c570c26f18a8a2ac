"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN by SIMD kernels, which take what the portable ones take."""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import pool, reduce
from tinyc.ops.mean import Mean
from tinyc.ops.pool import Pool2D


def lower(op: Pool2D, graph: Graph) -> Lowering:
    return _simd(pool.lower(op, graph))


def lower_average(op: Pool2D, graph: Graph) -> Lowering:
    return _simd(reduce.lower_average(op, graph))


def lower_mean(op: Mean, graph: Graph) -> Lowering:
    return _simd(reduce.lower_mean(op, graph))


def _simd(portable: Lowering) -> Lowering:
    (call,) = portable.calls
    return replace(portable, calls=(replace(call, symbol=call.symbol.replace("_ref", "_dsp")),))
