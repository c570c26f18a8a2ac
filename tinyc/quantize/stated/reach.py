"""Between which real numbers an activation lies, by the clamps and the steps on the way to it."""

from __future__ import annotations

from tinyc.ir import Activation, Graph, Op
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.quantize import Quantize
from tinyc.ops.relu import Relu
from tinyc.ops.select import Select
from tinyc.ops.sub import Sub

Ends = tuple[float, float]
_ALL = float("-inf"), float("inf")
#: Clamps in a row that a file may have.
_AHEAD = 8


def reach(graph: Graph, name: str) -> Ends:
    """Return the least and the greatest real number, infinite where nothing says it."""
    op = graph.writer(name)
    if op is None:
        return _ALL
    if isinstance(op, Quantize):
        quant = graph.type(name).q
        own = tuple((byte - quant.zero_point) * quant.scale for byte in (-128, 127))
        return _within(reach(graph, op.inputs[0]), own[0], own[1])
    if isinstance(op, Select):
        ends = [_own(graph, n) for n in (op.a, op.b)]
        return min(low for low, _ in ends), max(high for _, high in ends)
    if isinstance(op, Maximum | Minimum):
        return _bounded(graph, op)
    activation = getattr(op, "activation", Activation.NONE)
    passes = isinstance(op, Dequantize | MaxPool2D | AveragePool2D | Mean | Relu) or op.only_moves
    known = reach(graph, op.inputs[0]) if passes and len(op.inputs) == 1 else _ALL
    if isinstance(op, Add | Sub):
        (low, high), other = (_own(graph, n) for n in op.inputs)
        known = (
            (low + other[0], high + other[1]) if isinstance(op, Add) else (low - other[1], high - other[0])
        )
    lowest, highest = (
        (activation.low, activation.high) if isinstance(activation, Activation) else (None, None)
    )
    return _within(known, _ALL[0] if lowest is None else lowest, _ALL[1] if highest is None else highest)


def _own(graph: Graph, name: str) -> Ends:
    """Return the ends of a constant or of an activation."""
    data = graph.tensors[name].data
    return reach(graph, name) if data is None else (float(data.min()), float(data.max()))


def _bounded(graph: Graph, op: Op) -> Ends:
    constants = [graph.tensors[n].data for n in op.inputs if graph.is_constant(n)]
    computed = [n for n in op.inputs if not graph.is_constant(n)]
    if len(computed) != 1 or not constants or constants[0] is None:
        return _ALL
    found, low, high = reach(graph, computed[0]), float(constants[0].min()), float(constants[0].max())
    if isinstance(op, Maximum):
        return max(found[0], low), max(found[1], high)
    return min(found[0], low), min(found[1], high)


def _within(ends: Ends, low: float, high: float) -> Ends:
    return min(max(ends[0], low), high), max(min(ends[1], high), low)


def mattering(graph: Graph, name: str, ahead: int = _AHEAD) -> Ends:
    """Return between which real numbers an activation matters: beyond, all that read it clamp it to an end.

    ahead: how many operators behind one another are looked at.
    """
    if name in graph.kept_tensors or not ahead:
        return _ALL
    found = [_kept_by(graph, graph.ops[at], ahead) for at in graph.consumers[name]]
    return min((low for low, _ in found), default=_ALL[0]), max((high for _, high in found), default=_ALL[1])


def _kept_by(graph: Graph, op: Op, ahead: int) -> Ends:
    """Return the ends within which numbers that an op reads have a part in what comes of it."""
    if isinstance(op, Maximum | Minimum):
        constants = [graph.tensors[n].data for n in op.inputs]
        bounds = [data for data in constants if data is not None]
        if len(bounds) != 1:
            return _ALL
        own = (
            (float(bounds[0].min()), _ALL[1])
            if isinstance(op, Maximum)
            else (_ALL[0], float(bounds[0].max()))
        )
    elif isinstance(op, Relu):
        low, high = op.activation.low, op.activation.high
        own = _ALL[0] if low is None else low, _ALL[1] if high is None else high
    elif isinstance(op, MaxPool2D) and op.activation is Activation.NONE:
        own = _ALL
    else:
        return _ALL
    behind = mattering(graph, op.outputs[0], ahead - 1)
    return max(own[0], min(behind[0], own[1])), min(own[1], max(behind[1], own[0]))
