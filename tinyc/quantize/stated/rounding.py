"""What rounding twice costs a convolution, taken back by its bias as far as whole numbers can.

TFLite multiplies a sum by a factor, rounds, and rounds again at the shift, halves away from zero. A sum less than one
unit short of a half step becomes a half by the first rounding and a whole step by the second: all steps begin half a
unit to one unit of the sum too near to zero. Where no output is below zero, or none above, a bias of one less, or one
more, leaves at most half a unit of that. Where outputs have both signs, nothing in whole numbers helps.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array
from tinyc.numerics.fixed_point import INT32_MAX, INT32_MIN, quantize_multiplier


def single_rounding(bias: Array, scales: Iterable[float], low: int, high: int) -> npt.NDArray[np.int32]:
    """Return the bias by which most sums are rounded as if once.

    scales: of a unit of the sum in steps of the output, one or one per channel; low, high: the least and the
    greatest output, in steps from zero.
    """
    offset = -1 if low >= 0 else 1 if high <= 0 else 0
    twice = np.array([quantize_multiplier(scale)[1] < 0 for scale in scales])
    made: npt.NDArray[np.int64] = bias.astype(np.int64) + offset * twice
    return np.clip(made, INT32_MIN, INT32_MAX).astype(np.int32)
