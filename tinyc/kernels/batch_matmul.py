"""BATCH_MATMUL in C."""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph
from tinyc.kernels.access import Whole
from tinyc.kernels.base import Argument, Call, Lowering, Struct, Value
from tinyc.kernels.constants import source_of
from tinyc.kernels.strided import broadcast_strides
from tinyc.ops.batch_matmul import BatchMatMul

#: Dimensions before the last two.
_BATCH = 3


def lower(op: BatchMatMul, graph: Graph) -> Lowering:
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    requant = op.requant(graph.types(op), out)
    params = Struct(
        "tc_batch_matmul_params",
        (
            *geometry(op, graph),
            ("a_zp", a.q.zero_point),
            ("b_zp", b.q.zero_point),
            ("out_zp", out.q.zero_point),
            ("multiplier", requant.multipliers[0]),
            ("shift", requant.shifts[0]),
        ),
    )
    sources = [source_of(graph, i, name) for i, name in enumerate(op.inputs)]
    reads = tuple(Argument(source, Whole()) for source, _ in sources)
    constants = tuple(constant for _, found in sources for constant in found)
    return Lowering((Call("tc_batch_matmul_s8_ref", "batch_matmul", (params,), reads),), constants)


def geometry(op: BatchMatMul, graph: Graph) -> tuple[tuple[str, Value], ...]:
    """Return sizes and steps, in elements, in the order of their declaration."""
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    before = out.shape[:-2]
    a_width, b_width = a.shape[-1], b.shape[-1]
    return (
        ("batch", _filled(before, 1)),
        ("a_batch", _steps(a.shape, before)),
        ("b_batch", _steps(b.shape, before)),
        ("rows", out.shape[-2]),
        ("columns", out.shape[-1]),
        ("depth", a.shape[-2] if op.adj_x else a_width),
        ("a_row", 1 if op.adj_x else a_width),
        ("a_depth", a_width if op.adj_x else 1),
        ("b_column", b_width if op.adj_y else 1),
        ("b_depth", 1 if op.adj_y else b_width),
    )


def _steps(shape: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    """Elements from one matrix to the next along each dimension before the last two, 0 where it is used again."""
    matrix = prod(shape[-2:])
    steps = broadcast_strides(shape[:-2], before)
    return _filled(tuple(matrix * s for s in steps), 0)


def _filled(values: tuple[int, ...], value: int) -> tuple[int, ...]:
    return (value,) * (_BATCH - len(values)) + tuple(values)
