"""Which values of a tensor matter, where MINIMUM and MAXIMUM with numbers are all that reads it.

Their operands have one scale. It need not reach beyond the number: a byte that ends there is clamped by itself. And a
number that nothing reaches, as 1e7 above the inverse of a root, takes no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import numpy as np

from tinyc.ir import Graph, Op
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.quantize.observe import Observed

#: Out of such a range, a value may be taken for the end that is nearer.
Range = tuple[float, float]
_ALL = (-inf, inf)


def without_clamped(graph: Graph, seen: Mapping[str, Observed]) -> dict[str, Observed]:
    """Return what was seen of activations and what constants are, by tensor, each within the range that matters."""
    ranges = _ranges(graph)
    found = {name: _within(one, ranges.get(name, _ALL)) for name, one in seen.items()}
    for name, tensor in graph.tensors.items():
        if tensor.data is not None and tensor.type.dtype == "float32" and tensor.data.size:
            values = tensor.data.reshape(-1).astype(np.float32)
            whole = Observed(float(values.min()), float(values.max()), values)
            found[name] = _within(whole, _reached(graph, name, seen))
    return found


def _within(seen: Observed, limits: Range) -> Observed:
    if limits == _ALL:
        return seen
    low, high = np.clip([seen.low, seen.high], *limits)
    return Observed(float(low), float(high), np.clip(seen.values, *limits).astype(np.float32))


def _ranges(graph: Graph) -> dict[str, Range]:
    """Return the range that matters of each activation."""
    found = dict.fromkeys(graph.output_tensors, _ALL)
    for op in reversed(graph.ops):
        low, high = _read_by(graph, op, found.get(op.outputs[0], _ALL))
        for name in op.inputs:
            if name:
                least, most = found.get(name, (low, high))
                found[name] = (min(least, low), max(most, high))
    return found


def _read_by(graph: Graph, op: Op, out: Range) -> Range:
    """Return the range that matters of what an op reads. out: of what it writes."""
    if op.only_moves:
        return out
    numbers = [data for n in op.inputs if n and (data := graph.tensors[n].data) is not None]
    if not isinstance(op, Minimum | Maximum) or len(numbers) != 1 or not numbers[0].size:
        return _ALL
    low, high = out
    if isinstance(op, Minimum):
        return low, min(high, max(low, float(numbers[0].max())))
    return max(low, min(high, float(numbers[0].min()))), high


def _reached(graph: Graph, name: str, seen: Mapping[str, Observed]) -> Range:
    """Return the range beyond which a constant bounds nothing that was seen."""
    low, high = inf, -inf
    for op in (graph.ops[i] for i in graph.consumers[name]):
        bounded = [seen[n] for n in op.inputs if n in seen]
        if not isinstance(op, Minimum | Maximum) or len(bounded) != 1:
            return _ALL
        low = min(low, bounded[0].low if isinstance(op, Maximum) else -inf)
        high = max(high, bounded[0].high if isinstance(op, Minimum) else inf)
    return (low, high) if low <= high else _ALL
