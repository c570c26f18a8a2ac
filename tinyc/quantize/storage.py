"""How activations lie in memory where some layers are int8 and others float32."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinyc.ir import Graph, Op, Quant
from tinyc.quantize.ranges import rounded

Values = Mapping[str, Any]
Quants = Mapping[str, Quant]


class Storage:
    """floats: of layers that stay float, the first outputs; those and inputs that they read are no bytes."""

    def __init__(self, graph: Graph, floats: frozenset[str]) -> None:
        readers = {
            p.tensor: {graph.ops[i].outputs[0] for i in graph.consumers[p.tensor]} for p in graph.inputs
        }
        self._floats = floats
        self._real = floats.union(name for name, read in readers.items() if read & floats)
        self._alone = floats.union(name for name, read in readers.items() if read and read <= floats)

    def is_float(self, name: str) -> bool:
        """Whether a float layer computes it, or nothing but float layers reads an input."""
        return name in self._alone

    def stored(self, name: str, value: Any, quants: Quants) -> Any:
        """Return an activation as it lies in memory: bytes, but for what float layers compute or read."""
        return value if name in self._real else by_bytes(name, value, quants)

    def as_read(self, op: Op, values: Values, quants: Quants) -> Values:
        """Return the activations as an op reads them: an int8 layer the bytes of those that lie there as floats."""
        loose = self._real.intersection(op.inputs)
        if not loose or op.outputs[0] in self._floats:
            return values
        return {**values, **{n: by_bytes(n, values[n], quants) for n in loose}}


def by_bytes(name: str, value: Any, quants: Quants) -> Any:
    """Return the real numbers of an activation's bytes; as it is without a scale."""
    return rounded(np.asarray(value, np.float32), quants[name]) if name in quants else value
