"""Steps and levels of weights: the formula of the paper, on numbers worked out by hand and at random."""

from __future__ import annotations

import numpy as np
import pytest

from tinyc.errors import UsageError
from tinyc.qat.weights import mixed, ramp, steps_of


@pytest.mark.parametrize(("scale", "step"), [("median", 2.0), ("mean", 3.0)])
def test_ternary_weights_by_hand(scale: str, step: float) -> None:
    weights = np.array([[1.0, -2.0, 8.0], [-1.1, 2.1, -3.8]], np.float32)
    steps = steps_of("ternary", scale)
    assert steps.step(weights, 0) == pytest.approx([step])
    # 1 / 2 rounds to the even 0, 1.1 / 2 up
    wanted = [[0, -1, 1], [-1, 1, -1]] if scale == "median" else [[0, -1, 1], [0, 1, -1]]
    assert steps.levels(weights, 0).tolist() == wanted
    assert (
        steps.rounded(weights, 0).tolist() == (np.array(wanted) * np.float32(steps.step(weights, 0))).tolist()
    )


@pytest.mark.parametrize("scale", ["median", "mean"])
@pytest.mark.parametrize("shape", [(1, 1), (7, 3, 3, 5), (33, 31), (64, 1, 1, 64)])
def test_formula_of_the_paper(scale: str, shape: tuple[int, ...]) -> None:
    weights = np.random.default_rng(0).normal(0, 0.3, shape).astype(np.float32)
    size = np.sort(np.abs(weights.astype(np.float64)).reshape(-1))
    measure = max(size[(len(size) - 1) // 2] if scale == "median" else size.mean(), 1e-5)
    found = steps_of("ternary", scale).rounded(weights, 0)
    wanted = np.clip(np.round(weights / measure), -1, 1) * measure
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    two_bits = steps_of("int2", scale).rounded(weights, 0)
    np.testing.assert_allclose(
        two_bits, np.clip(np.round(weights * 2 / measure), -2, 1) * measure / 2, rtol=1e-6
    )


def test_steps_per_channel_are_those_of_each_channel_alone() -> None:
    weights = np.random.default_rng(1).normal(size=(3, 5, 9)).astype(np.float32)
    weights[:, 2] *= 100
    each = steps_of("ternary", per_channel=True)
    alone = [steps_of("ternary").step(weights[:, c], 0)[0] for c in range(5)]
    assert each.step(weights, 1).tolist() == alone
    assert set(np.unique(each.levels(weights, 1))) == {-1, 0, 1}


def test_int8_weights_reach_127_in_each_channel() -> None:
    weights = np.random.default_rng(2).normal(size=(4, 3, 3, 8)).astype(np.float32)
    levels = steps_of("int8").levels(weights, 0)
    assert np.abs(levels.astype(int)).reshape(4, -1).max(axis=1).tolist() == [127] * 4
    error = np.abs(steps_of("int8").rounded(weights, 0) - weights)
    assert error.max() <= np.abs(weights).max() / 254 * 1.0001


def test_weights_of_zero_stay_zero() -> None:
    for levels in ("ternary", "int2", "int8"):
        assert not steps_of(levels).rounded(np.zeros((3, 4), np.float32), 0).any()


def test_a_level_is_a_power_of_two_of_steps_in_int8() -> None:
    """So the exported scale is the trained one, to the last bit, and int8 holds it."""
    for levels in ("ternary", "int2", "int8"):
        steps = steps_of(levels)
        assert steps.most * steps.width <= 127 and steps.width & (steps.width - 1) == 0


def test_ramp_and_mixture() -> None:
    assert [ramp(s, 10, 20) for s in (0, 10, 15, 20, 99)] == [0.0, 0.0, 0.5, 1.0, 1.0]
    assert [ramp(s, 0, 0) for s in (0, 5)] == [1.0, 1.0]
    weights, rounded = np.array([0.3, -0.9], np.float32), np.array([0.0, -1.0], np.float32)
    assert mixed(weights, rounded, 0.0).tolist() == weights.tolist()
    assert mixed(weights, rounded, 1.0).tolist() == rounded.tolist()
    assert mixed(weights, rounded, 0.5) == pytest.approx([0.15, -0.95])


@pytest.mark.parametrize(("levels", "scale", "told"), [("int4", "mean", "int4"), ("int2", "mode", "mode")])
def test_unknown_words(levels: str, scale: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        steps_of(levels, scale)
