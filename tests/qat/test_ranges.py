"""Static ranges: their scales are those of int8, and what is learned is what was seen."""

from __future__ import annotations

import numpy as np
import pytest

from tinyc.qat.ranges import moved, quant_of_range, rounded


@pytest.mark.parametrize(
    ("low", "high", "zero_point"),
    [(0.0, 6.0, -128), (-1.0, 0.98, 1), (-3.0, 0.0, 127), (-0.1, 25.4, -127), (2.0, 5.1, -128)],
)
def test_zero_has_a_byte_and_the_ends_are_near(low: float, high: float, zero_point: int) -> None:
    quant = quant_of_range(low, high)
    assert quant.zero_point == zero_point
    assert np.float32(quant.scale) == quant.scale
    x = np.linspace(min(low, 0), high, 1001, dtype=np.float32)
    assert rounded(np.zeros(1, np.float32), quant).tolist() == [0.0]
    assert np.abs(rounded(x, quant) - x).max() <= 1.001 * quant.scale


def test_values_outside_are_clipped() -> None:
    quant = quant_of_range(0, 2.55)
    assert rounded(np.array([-1, 9], np.float32), quant) == pytest.approx([0, 2.55], rel=1e-6)


def test_a_range_of_nothing_is_one_that_runtimes_take() -> None:
    assert quant_of_range(0, 0).scale >= 2.0**-23


def test_first_batches_are_averaged_and_later_ones_move_the_range() -> None:
    known = (0.0, 0.0)
    for count, high in enumerate((4.0, 2.0, 3.0)):
        known = moved(known, (-high, high), count)
    assert known == pytest.approx((-3.0, 3.0))
    assert moved((-1.0, 1.0), (-2.0, 3.0), 1000, momentum=0.9) == pytest.approx((-1.1, 1.2))
    assert moved((0.0, 1.0), (0.5, 1.0), 10) == (0.0, 1.0)  # 0 is always in it
