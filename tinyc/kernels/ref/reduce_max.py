"""REDUCE_MAX, REDUCE_MIN and MAX_POOL_2D: of an image to one pixel row by row, and over any axes."""

from __future__ import annotations

from collections.abc import Callable

from tinyc.ir import Activation, Graph
from tinyc.kernels.access import RowByRow, SameUnit, Units, Whole
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.ref.axes import axis_fields, not_over_an_image, vectors_of
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import not_the_whole_image
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.pool import Pool2D
from tinyc.ops.reduce_extreme import ReduceExtreme


def rows_on(isa: str) -> Callable[[ReduceExtreme, Graph], Lowering | Refusal]:
    """Return how an instruction set finds the extreme of an image row by row: `ref`, `dsp` or `mve`."""

    def lower_rows(op: ReduceExtreme, graph: Graph) -> Lowering | Refusal:
        return not_over_an_image(op, graph) or _by_rows(f"tc_{_name(op)}_rows_s8_{isa}", op, graph)

    return lower_rows


def pool_on(isa: str) -> Callable[[Pool2D, Graph], Lowering | Refusal]:
    """Return how an instruction set computes a MAX_POOL_2D whose window is the whole image."""

    def lower_pool(op: Pool2D, graph: Graph) -> Lowering | Refusal:
        return _not_one_maximum(op, graph) or _by_rows(f"tc_max_rows_s8_{isa}", op, graph)

    return lower_pool


def _not_one_maximum(op: Pool2D, graph: Graph) -> Refusal | None:
    if not isinstance(op, MaxPool2D):
        return Refusal("not a maximum")
    if op.activation is not Activation.NONE:
        return Refusal(f"fused {op.activation.name}")
    return not_the_whole_image(op, graph)


def _by_rows(symbol: str, op: ReduceExtreme | Pool2D, graph: Graph) -> Lowering:
    height, width, channels = graph.type(op.x).hwc
    params = Struct("tc_max_rows_params", (("rows", height), ("width", width), ("channels", channels)))
    call = Call(symbol, "max", (params,), (Argument(0, RowByRow(channels)),))
    return Lowering((call,), why="one pixel out: extremes are carried from row to row")


def lower_vectors(op: ReduceExtreme, graph: Graph) -> Lowering | Refusal:
    found = vectors_of(op, graph)
    if isinstance(found, Refusal):
        return found
    vectors, depth = found
    params = Struct("tc_max_vectors_params", (("depth", depth),))
    symbol = f"tc_{_name(op)}_vectors_s8_ref"
    writes = (Result(Units(vectors)),)
    return Lowering((Call(symbol, "max", (params,), (Argument(0, SameUnit()),), writes=writes),))


def lower(op: ReduceExtreme, graph: Graph) -> Lowering:
    params = Struct("tc_max_params", axis_fields(op, graph, "extremes"))
    return Lowering((Call(f"tc_{_name(op)}_s8_ref", "max", (params,), (Argument(0, Whole()),)),))


def _name(op: ReduceExtreme) -> str:
    """The C name of what is looked for: max or min."""
    return op.kind.removeprefix("reduce_")
