"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN by Helium kernels, which take the portable ones' parameters."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import mean, pool, reduce
from tinyc.kernels.variant import Refusal
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.mean import Mean
from tinyc.ops.pool import Pool2D

#: Most bytes that one output of an average may cover: TC_MEAN_COUNT_MVE of mve/pool.h.
_COUNT = 5000


def lower(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    return pool.rounds_up(op, graph) or _too_many(op) or pool.lower(op, graph).by(f"tc_{op.kind}_s8_mve")


def lower_average(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    found = pool.rounds_up(op, graph) or reduce.lower_average(op, graph)
    return found if isinstance(found, Refusal) else _too_many(op) or found.by("tc_reduce_average_s8_mve")


def _too_many(op: Pool2D) -> Refusal | None:
    height, width = op.window.kernel
    if isinstance(op, AveragePool2D) and height * width > _COUNT:
        return Refusal(f"a mean of more than {_COUNT} bytes")
    return None


def lower_reduce_mean(op: Mean, graph: Graph) -> Lowering | Refusal:
    found = reduce.lower_mean(op, graph)
    return found if isinstance(found, Refusal) else found.by("tc_reduce_mean_s8_mve")


def lower_mean(op: Mean, graph: Graph) -> Lowering | Refusal:
    rank = len(graph.type(op.x).shape)
    if rank == 0 or rank - 1 in op.axes:
        return Refusal("the last dimension is averaged over")
    return mean.lower(op, graph).by("tc_mean_s8_mve")
