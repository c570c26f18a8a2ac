"""How far float32 firmware may lie from the outside judge, and what is expected of it.

The judge adds in another order and calls another library's functions, so its last bits are its own. What is expected
of the firmware, bit for bit, is what the same C computes on this computer, where that is near to the judge's.
"""

from __future__ import annotations

import numpy as np

from tinyc.ir import Array, Graph
from tinyc.ops.check import is_mixed
from tinyc.ops.logistic import Logistic
from tinyc.ops.reshape import Reshape

#: How far an element may lie from the judge's, as a part of the largest magnitude of its tensor (docs/numerics.md).
BOUND = 2e-5
#: The same where float layers lie between int8 ones: a last bit may make the next byte another one, two steps at most.
MIXED_BOUND = 2.01 / 255
#: What the largest magnitude of a LOGISTIC's outputs counts as at least: runtimes compute it as half a tanh and 1/2,
#: which leaves little of small results.
_LOGISTIC = 2.0**-6


def least_magnitude(graph: Graph, tensor: str) -> float:
    """Return what the largest magnitude of a tensor counts as at least."""
    op = graph.writer(tensor)
    while op is not None and (op.only_moves or isinstance(op, Reshape)):
        op = graph.writer(op.inputs[0])
    return _LOGISTIC if isinstance(op, Logistic) else 0.0


def error(judged: Array, own: Array, least: float = 0.0) -> float:
    """Return the largest distance between two arrays of one shape, as a part of the largest finite judged magnitude.

    least: what that counts as at least. Equal infinities and NaN in the same place do not differ. Bytes differ by steps
    of 1/255, other whole numbers by nothing or infinitely.
    """
    want, have = judged.astype(np.float64), own.astype(np.float64)
    with np.errstate(invalid="ignore"):
        apart = np.where((want == have) | (np.isnan(want) & np.isnan(have)), 0.0, np.abs(want - have))
    worst = float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))
    if not worst:
        return 0.0
    if judged.dtype.kind in "iu" and judged.dtype.itemsize == 1:
        return worst / 255
    largest = float(np.abs(want[np.isfinite(want)]).max(initial=least))
    return worst / largest if largest and judged.dtype.kind == "f" else float("inf")


def bound_of(graph: Graph) -> float | None:
    """Return how far a graph's values may lie from the judge's; None where every byte is the judge's."""
    if graph.is_float:
        return BOUND
    return MIXED_BOUND if is_mixed(graph) else None


def expected(judged: Array, own: Array, least: float = 0.0, bound: float = BOUND) -> Array:
    """Return what the firmware has to compute. judged, own: samples along axis 0.

    That is `own` where it lies within the bound of each sample's tensor, else what the judge says.
    """
    near = [error(want, have, least) <= bound for want, have in zip(judged, own, strict=True)]
    return np.stack([have if ok else want for ok, want, have in zip(near, judged, own, strict=True)])
