"""Lines of sums: every sum of every output gives the byte that the requantization gives."""

from __future__ import annotations

import numpy as np
import pytest

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tinyc.kernels.packing.sum_line import SumLine, sum_line
from tinyc.kernels.packing.trits import Trits, trits
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.scalar.matmul import LIMIT
from tinyc.kernels.variant import Refusal
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
        line = sum_line(c, packed, f)
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
