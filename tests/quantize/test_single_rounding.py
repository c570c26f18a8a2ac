"""The bias that takes back TFLite's second rounding: against real numbers rounded once."""

from __future__ import annotations

import numpy as np
import pytest

from tinyc.numerics.fixed_point import multiply_by_quantized_multiplier, quantize_multiplier
from tinyc.quantize.stated.rounding import single_rounding

STEPS = 255


def wrong_share(scale: float, bias: int, sign: int) -> float:
    """How many of all sums whose output has one sign are rounded to another step than the nearest one."""
    sums = sign * np.arange(1, int(STEPS / scale), dtype=np.int64)
    found = multiply_by_quantized_multiplier(sums + bias, *quantize_multiplier(scale))
    return float(np.mean(found != np.round(sums * scale)))


@pytest.mark.parametrize("sign", [1, -1])
def test_outputs_of_one_sign_are_rounded_nearly_as_if_once(sign: int) -> None:
    rng = np.random.default_rng(0)
    scales = np.exp2(rng.uniform(-11, -3, 60))
    low, high = sorted((0, sign * STEPS))
    biases = single_rounding(np.zeros(60, np.int32), scales, low, high)
    before = np.array([wrong_share(s, 0, sign) for s in scales])
    after = np.array([wrong_share(s, int(b), sign) for s, b in zip(scales, biases, strict=True)])
    assert after.mean() < 0.5 * before.mean()


def test_bias_stays_where_signs_are_mixed_or_one_rounding_is_all() -> None:
    bias = np.array([5, -(2**31)], np.int32)
    assert single_rounding(bias, [2.0**-9] * 2, -100, 155).tolist() == bias.tolist()
    assert single_rounding(bias, [0.7] * 2, 0, 255).tolist() == bias.tolist()
    assert single_rounding(bias, [2.0**-9] * 2, 0, 255).tolist() == [4, -(2**31)]
