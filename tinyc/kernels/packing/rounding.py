"""How the sums of ternary weights become bytes on cores without SIMD: by lines, or by a product of 64 bits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.kernels.base import Constant, Ref
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.sum_line import ShortLine, SumLine
from tinyc.kernels.packing.trits import common, magnitude_array
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.variant import Refusal

#: What sums start from is below this in magnitude: a word has it with a shift.
START = 1 << 26


@dataclass(frozen=True, eq=False)
class Rounding:
    """What a kernel is told of it; fields as in its C struct."""

    is_line: bool
    channels: Constant
    magnitudes: tuple[Constant, ...] = ()
    #: The magnitudes as an operand, None where there are none.
    array: Ref | None = None
    magnitude: int = 0
    #: Of lines of two sides see `ShortLine.below`.
    zero: int = 0
    is_sided: bool = False
    left: int = 0
    shift: int = 0

    @property
    def name(self) -> str:
        """What the kernel's name has of it."""
        return "_sided_line" if self.is_sided else "_line" if self.is_line else ""

    @property
    def why(self) -> str:
        """Half a sentence for the report."""
        return "lines, proven equal" if self.is_line else ""


def rounding(
    line: SumLine | ShortLine | Refusal, start: Int64, magnitudes: Int64, f: Finish, *, by_line: bool
) -> Rounding | Refusal:
    """Return how a layer is rounded: by its lines where it has some, else by the requantization `f`.

    start, magnitudes: [channels], what the kernel's sums start from and count; by_line: False for layers that have
    lines and are to be rounded as others are.
    """
    if not isinstance(line, Refusal) and by_line:
        channels = word_constant("channels", np.stack((line.slopes, line.offsets), axis=1))
        if isinstance(line, SumLine):
            return Rounding(True, channels, left=line.left, shift=line.shift)
        return Rounding(True, channels, zero=line.below or 0, is_sided=line.below is not None)
    if isinstance(line, Refusal) and not by_line:
        return Refusal("the same as without lines")
    if (np.abs(start) >= START).any():
        return Refusal("a sum starts beyond 26 bits")
    channels = word_constant("channels", np.stack((32 * start + f.shifts, f.multipliers), axis=1))
    return Rounding(False, channels, *magnitude_array(magnitudes), common(magnitudes), f.zero)
