"""AVERAGE_POOL_2D and MEAN of a whole image to one pixel, by portable kernels that take it row by row."""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph
from tinyc.kernels.access import RowByRow
from tinyc.kernels.base import Argument, Call, Lowering, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.ref.axes import not_over_an_image
from tinyc.kernels.ref.pool import rounds_up
from tinyc.kernels.ref.unsigned import FOLDER
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import not_the_whole_image
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.mean import Mean
from tinyc.ops.pool import Pool2D

_WHY = "one pixel out: sums are carried from row to row"


def not_one_average(op: Pool2D, graph: Graph) -> Refusal | None:
    """Why a pool is not the average of the whole image."""
    if not isinstance(op, AveragePool2D):
        return Refusal("not an average")
    return not_the_whole_image(op, graph)


def lower_average(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    if reason := not_one_average(op, graph):
        return reason
    clamp = activation_fields(op.activation, graph.type(op.outputs[0]))
    found = _lowering("average", op, graph, clamp)
    if not rounds_up(op, graph):
        return found
    (call,) = found.calls
    return replace(found, calls=(replace(call, symbol="tc_reduce_average_u8_ref", folder=FOLDER),))


def lower_mean(op: Mean, graph: Graph) -> Lowering | Refusal:
    if reason := not_over_an_image(op, graph):
        return reason
    out = graph.type(op.outputs[0])
    p = op.params(graph.types(op), out)
    scaling = (
        ("bias", p.bias),
        ("multiplier", p.multiplier),
        ("shift", p.shift),
        ("out_zp", out.q.zero_point),
    )
    return _lowering("mean", op, graph, scaling)


def _lowering(name: str, op: Pool2D | Mean, graph: Graph, more: tuple[tuple[str, int], ...]) -> Lowering:
    height, width, channels = graph.type(op.x).hwc
    image = {"rows": height, "width": width, "channels": channels}
    params = Struct(f"tc_reduce_{name}_params", (("image", image), *more))
    symbol = f"tc_reduce_{name}_s8_ref"
    call = Call(symbol, "reduce", (params,), (Argument(0, RowByRow(4 * channels)),))
    return Lowering((call,), why=_WHY)
