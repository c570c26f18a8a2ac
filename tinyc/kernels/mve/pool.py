"""AVERAGE_POOL_2D, MAX_POOL_2D and MEAN by Helium kernels, which take the portable ones' parameters."""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.ref import mean, pool, reduce
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.mean import Mean
from tinyc.ops.pool import Pool2D

#: Most bytes that one output of an average may cover: TC_MEAN_COUNT_MVE of pool_mve.h.
_COUNT = 5000


def refuses(op: Pool2D, graph: Graph) -> str | None:
    del graph
    height, width = op.window.kernel
    if isinstance(op, AveragePool2D) and height * width > _COUNT:
        return f"a mean of more than {_COUNT} bytes"
    return None


def lower(op: Pool2D, graph: Graph) -> Lowering:
    return _helium(pool.lower(op, graph))


def refuses_average(op: Pool2D, graph: Graph) -> str | None:
    return reduce.refuses_pool(op, graph) or refuses(op, graph)


def lower_average(op: Pool2D, graph: Graph) -> Lowering:
    return _helium(reduce.lower_average(op, graph))


def lower_reduce_mean(op: Mean, graph: Graph) -> Lowering:
    return _helium(reduce.lower_mean(op, graph))


def refuses_mean(op: Mean, graph: Graph) -> str | None:
    rank = len(graph.type(op.inputs[0]).shape)
    return "the last dimension is averaged over" if rank == 0 or rank - 1 in op.axes else None


def lower_mean(op: Mean, graph: Graph) -> Lowering:
    return _helium(mean.lower(op, graph))


def _helium(portable: Lowering) -> Lowering:
    (call,) = portable.calls
    return replace(portable, calls=(replace(call, symbol=call.symbol.replace("_ref", "_mve")),))
