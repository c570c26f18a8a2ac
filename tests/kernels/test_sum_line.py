"""Lines of sums: every sum of every output gives the byte that the reference's requantization gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tinyc.ir import Quant, TensorType
from tinyc.kernels.packing.dots import channels
from tinyc.kernels.packing.requant import finish
from tinyc.kernels.packing.sum_line import SIDES, ShortLine, SumLine, short_line, sum_line
from tinyc.kernels.packing.trits import Trits, trits
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.scalar.matmul import LIMIT
from tinyc.kernels.variant import Refusal
from tinyc.numerics.requant import requant
from tinyc.ops.fully_connected import FullyConnected


@pytest.mark.parametrize("depth", [5, 16, 64, 300, 640])
def test_all_sums_give_the_bytes(depth: int) -> None:
    table = Table(seed=depth, ternary=True)
    for to in (RELU, LINEAR, CLAMPED):
        table.dense(depth, 24, to, per_channel=depth % 2 == 0)
    graph = table.graph()
    for op in graph.ops:
        assert isinstance(op, FullyConnected)
        found = dot_products(op, graph, LIMIT)
        assert not isinstance(found, Refusal)
        c, f = found
        packed = trits(c.weights)
        assert isinstance(packed, Trits)
        line = sum_line(c, packed.magnitudes, f)
        assert isinstance(line, SumLine)
        for i, signs in enumerate(np.sign(c.weights)):
            ends = np.stack((-128 * signs, 127 * signs))
            sums = np.arange(ends.min(axis=0).sum(), ends.max(axis=0).sum() + 1)
            acc = c.start[i] + packed.magnitudes[i] * sums
            want = (((acc * f.multipliers[i] >> 32) >> f.shifts[i] - 1) + f.zero) >> 1
            level = ((sums << line.left) * line.slopes[i] >> 32) + line.offsets[i]
            assert np.abs(level).max() < 1 << 31
            clamp = f.act_min, f.act_max
            assert np.array_equal(np.clip(level >> line.shift, *clamp), np.clip(want, *clamp))


def _short(words: Int64, shift: int, below: int | None) -> list[Int64]:
    """The bytes of levels modulo 2**32, in each way that a core makes them."""
    if below is None:
        return [_signed(words) >> shift]
    by_shift = words - (words >> SIDES)
    by_product = words - -(-words >> SIDES)  # of 2**32 - 2**(32 - SIDES), its upper half
    return [below - (_signed(levels) >> shift) for levels in (by_shift, by_product)]


def _signed(words: Int64) -> Int64:
    return (words & 0xFFFFFFFF).astype(np.uint32).view(np.int32).astype(np.int64)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    taps=st.integers(1, 60),
    magnitude=st.integers(1, 127),
    steepness=st.floats(0.05, 6.0),
    zero_points=st.tuples(st.sampled_from((-128, -5, 0, 127)), st.sampled_from((-128, -128, -20, 9))),
    clamp=st.sampled_from(((-128, 127), (-128, 40), (-20, 127), (0, 90))),
)
def test_lines_equal_convolutions_that_round_twice(
    seed: int,
    taps: int,
    magnitude: int,
    steepness: float,
    zero_points: tuple[int, int],
    clamp: tuple[int, int],
) -> None:
    """By the numerics of the op, which know nothing of lines; in C's arithmetic modulo 2**32."""
    rng = np.random.default_rng(seed)
    signs = rng.integers(-1, 2, (4, taps))
    weights = (signs * magnitude).astype(np.int8)
    bias = rng.integers(-30 * magnitude * taps, 30 * magnitude * taps + 1, 4).astype(np.int32)
    scales = requant(steepness / magnitude / 73.0 / taps**0.5 * 60.0 * rng.uniform(0.2, 1.0, 4))
    out = TensorType((1, 1, 1, 4), "int8", Quant((1.0,), (zero_points[1],)))
    every = channels(weights, bias, zero_points[0])
    found = finish(every, scales, out, *clamp)
    if isinstance(found, Refusal):
        return
    c, f = found
    ups, downs = (c.weights > 0).sum(axis=1), (c.weights < 0).sum(axis=1)
    base = 128 * ups + 127 * downs
    magnitudes = np.full(4, magnitude)
    short = short_line(c, magnitudes, f, base, twice=True)
    long = sum_line(c, magnitudes, f, twice=True)
    for i in range(4):
        ends = np.stack((-128 * signs[i], 127 * signs[i]))
        sums = np.arange(ends.min(axis=0).sum(), ends.max(axis=0).sum() + 1)
        acc = np.zeros((len(sums), 4), np.int64)
        acc[:, i] = every.start[i] + magnitude * sums
        want = np.clip(scales.apply(acc)[:, i] + zero_points[1], *clamp)
        if not c.weights[i].any():  # as for weights of 0, and where the byte is the same for all sums
            sums = np.zeros_like(sums)
        if isinstance(short, ShortLine):
            words = (sums + base[i]) * short.slopes[i] + short.offsets[i] & 0xFFFFFFFF
            for got in _short(words, int(short.offsets[i] & 255), short.below):
                assert np.array_equal(np.clip(got, *clamp), want)
        if isinstance(long, SumLine):
            levels = ((sums << long.left) * long.slopes[i] >> 32) + long.offsets[i] >> long.shift
            assert np.array_equal(np.clip(levels, *clamp), want)


@pytest.mark.parametrize("taps", [9, 25])
def test_short_sums_of_rectified_layers_have_short_lines(taps: int) -> None:
    rng = np.random.default_rng(taps)
    weights = (rng.integers(-1, 2, (64, taps)) * rng.integers(1, 128, (64, 1))).astype(np.int8)
    out = TensorType((1, 1, 1, 64), "int8", Quant((1.0,), (-128,)))
    found = finish(channels(weights, None, -5), requant(rng.uniform(0.0005, 0.005, 64)), out, -128, 127)
    assert not isinstance(found, Refusal)
    c, f = found
    assert isinstance(short_line(c, np.abs(c.weights).max(axis=1), f, 0 * c.start, twice=True), ShortLine)


@pytest.mark.parametrize("zero_point", [-20, 9])
@pytest.mark.parametrize("taps", [9, 25])
def test_short_sums_of_other_layers_have_lines_of_two_sides(taps: int, zero_point: int) -> None:
    rng = np.random.default_rng(taps)
    weights = (rng.integers(-1, 2, (64, taps)) * rng.integers(1, 128, (64, 1))).astype(np.int8)
    out = TensorType((1, 1, 1, 64), "int8", Quant((1.0,), (zero_point,)))
    found = finish(
        channels(weights, None, -5), requant(rng.uniform(0.0005, 0.015 / taps, 64)), out, -128, 127
    )
    assert not isinstance(found, Refusal)
    c, f = found
    line = short_line(c, np.abs(c.weights).max(axis=1), f, 0 * c.start, twice=True)
    assert isinstance(line, ShortLine)
    assert line.below == zero_point - 1
