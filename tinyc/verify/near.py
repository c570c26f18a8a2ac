"""How far float32 firmware may lie from the outside judge, and what is expected of it.

The judge adds in another order and calls another library's functions, so its last bits are its own. What is expected
of the firmware, bit for bit, is what the same C computes on this computer, where that is near to the judge's.
"""

from __future__ import annotations

import numpy as np

from tinyc.ir import Array

#: How far an element may lie from the judge's, as a part of the largest magnitude of its tensor (docs/numerics.md).
BOUND = 2e-5


def error(judged: Array, own: Array) -> float:
    """Return the largest distance between two arrays of one shape, as a part of the largest finite judged magnitude.

    Equal infinities and NaN in the same place do not differ. Whole numbers differ by nothing or infinitely.
    """
    want, have = judged.astype(np.float64), own.astype(np.float64)
    with np.errstate(invalid="ignore"):
        apart = np.where((want == have) | (np.isnan(want) & np.isnan(have)), 0.0, np.abs(want - have))
    worst = float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))
    if not worst:
        return 0.0
    largest = float(np.abs(want[np.isfinite(want)]).max(initial=0.0))
    return worst / largest if largest and judged.dtype.kind == "f" else float("inf")


def expected(judged: Array, own: Array) -> Array:
    """Return what the firmware has to compute. judged, own: samples along axis 0.

    That is `own` where it lies within the bound of each sample's tensor, else what the judge says.
    """
    near = [error(want, have) <= BOUND for want, have in zip(judged, own, strict=True)]
    return np.stack([have if ok else want for ok, want, have in zip(near, judged, own, strict=True)])
