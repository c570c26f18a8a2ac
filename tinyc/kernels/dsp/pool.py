"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN by SIMD kernels, which take what the portable ones take."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import pool, reduce
from tinyc.kernels.variant import Refusal
from tinyc.ops.mean import Mean
from tinyc.ops.pool import Pool2D


def lower(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    return pool.rounds_up(op, graph) or pool.lower(op, graph).by(f"tc_{op.kind}_s8_dsp")


def lower_average(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    found = pool.rounds_up(op, graph) or reduce.lower_average(op, graph)
    return found if isinstance(found, Refusal) else found.by("tc_reduce_average_s8_dsp")


def lower_mean(op: Mean, graph: Graph) -> Lowering | Refusal:
    found = reduce.lower_mean(op, graph)
    return found if isinstance(found, Refusal) else found.by("tc_reduce_mean_s8_dsp")
