"""Between which real numbers an activation lies, by the clamps and the steps on the way to it."""

from __future__ import annotations

from tinyc.ir import Activation, Graph, Op
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.ops.quantize import Quantize
from tinyc.ops.relu import Relu
from tinyc.ops.select import Select

Ends = tuple[float, float]
_ALL = float("-inf"), float("inf")


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
    passes = isinstance(op, Dequantize | MaxPool2D | Relu) or op.only_moves
    known = reach(graph, op.inputs[0]) if passes and len(op.inputs) == 1 else _ALL
    low, high = (activation.low, activation.high) if isinstance(activation, Activation) else (None, None)
    return _within(known, _ALL[0] if low is None else low, _ALL[1] if high is None else high)


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


def clamped_above(graph: Graph, name: str) -> float:
    """Return the least real number that matters to what reads a tensor, minus infinity where all do."""
    if name in graph.kept_tensors:
        return _ALL[0]
    found = []
    for reader in (graph.ops[at] for at in graph.consumers[name]):
        constants = [graph.tensors[n].data for n in reader.inputs if graph.is_constant(n)]
        bound = constants[0] if isinstance(reader, Maximum) and len(constants) == 1 else None
        found.append(_ALL[0] if bound is None else float(bound.min()))
    return min(found, default=_ALL[0])
