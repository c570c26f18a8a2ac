"""Which scale and zero point a tensor without bytes of its own is best given: what its readers make of it."""

from __future__ import annotations

from collections.abc import Mapping

from tinyc.ir import Graph, Op, Quant
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.ops.pad import Pad
from tinyc.ops.quantize import Quantize
from tinyc.ops.reduce_extreme import ReduceExtreme
from tinyc.ops.relu import Relu

_COMMUTING = (MaxPool2D, Maximum, Minimum, Pad, ReduceExtreme, Relu)


def commutes(op: Op) -> bool:
    """Whether rounding before the op is as good as behind it: it moves, compares or clamps, and computes nothing."""
    return op.only_moves or isinstance(op, _COMMUTING)


def wanted(graph: Graph) -> Mapping[str, Quant]:
    """Return by tensor what all that reads it rounds it to, itself or behind ops that keep its values."""
    found: dict[str, Quant] = {}
    for op in reversed(graph.ops):
        _look(graph, op, found)
    for port in graph.inputs:
        _from_readers(graph, port.tensor, found)
    return found


def _look(graph: Graph, op: Op, found: dict[str, Quant]) -> None:
    for name in op.outputs:
        if graph.type(name).dtype == "float32":
            _from_readers(graph, name, found)


def _from_readers(graph: Graph, name: str, found: dict[str, Quant]) -> None:
    if name in graph.kept_tensors:
        return
    quants: list[Quant | None] = []
    for at in graph.consumers[name]:
        reader = graph.ops[at]
        if isinstance(reader, Quantize):
            quants.append(graph.type(reader.outputs[0]).q)
        else:
            quants.append(found.get(reader.outputs[0]) if commutes(reader) else None)
    first = quants[0] if quants else None
    if first is not None and None not in quants:
        found[name] = first
