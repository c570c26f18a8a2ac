"""Values of float32 that the firmware computes as such: ours, where they are as near to the reference's as documented.

The references call exponentials of the C library, whose last bit no standard fixes; tinyc has its own, the same on
every core. So what is expected of the firmware, bit for bit, is what our numpy reference says, and that is held to the
judge's value here (docs/numerics.md).
"""

from __future__ import annotations

import numpy as np

from tinyc.ir import Array, Graph
from tinyc.ops.softmax_of_floats import FloatVectors, LogSoftmaxOfFloats

#: Most units in the last place between the two, of sums of exponentials and of functions of one element: units of the
#: value, or of 1 where that is larger and a logarithm was added.
SUM_UNITS, UNITS = 4, 2


def settled(graph: Graph, tensor: str, judged: Array, own: Array) -> Array:
    """The values to expect of a tensor: our own where they are near to the judge's, else the judge's.

    judged, own: of the same shape, samples along axis 0 or none.
    """
    if graph.type(tensor).dtype != "float32":
        return judged
    want, have = judged.astype(np.float32), own.astype(np.float32)
    at = graph.producer.get(tensor)
    op = None if at is None else graph.ops[at]
    least = np.float32(isinstance(op, LogSoftmaxOfFloats))
    units = SUM_UNITS if isinstance(op, FloatVectors) else UNITS
    with np.errstate(invalid="ignore"):
        near = np.abs(want - have) <= units * np.spacing(np.maximum(np.abs(want), least))
    return np.where(near | (np.isnan(want) & np.isnan(have)), have, want)


def computes_floats(graph: Graph) -> bool:
    """Whether an output is float32 and more than bytes converted."""
    return any(
        graph.type(p.tensor).dtype == "float32" and _is_computed(graph, p.tensor) for p in graph.outputs
    )


def _is_computed(graph: Graph, tensor: str) -> bool:
    at = graph.producer.get(tensor)
    return at is not None and graph.ops[at].kind != "dequantize"
