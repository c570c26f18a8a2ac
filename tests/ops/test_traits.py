"""What ops say of themselves, held to what they compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.ops.test_regions import CASES
from tinyc.ir import Array, Op, Origin, Quant, TensorType
from tinyc.ops.mean import Mean

Shapes = tuple[tuple[int, ...], ...]
QUANT = Quant((0.02,), (5,))


def computed(op: Op, shapes: Shapes) -> tuple[TensorType, list[Array], Callable[[list[Array]], Array]]:
    """Type of the output, random inputs, and what the op makes of inputs."""
    types = op.named(TensorType(s, "int8", QUANT) for s in shapes)
    out = TensorType(op.infer(types)[0], "int8", QUANT)
    rng = np.random.default_rng(2)
    values: list[Array] = [rng.integers(-128, 128, s).astype(np.int8) for s in shapes]
    return out, values, lambda v: op.compute(op.named(v), types, [out], "litert")[0]


@pytest.mark.parametrize(("op", "shapes"), CASES, ids=lambda v: getattr(v, "kind", str(v)))
def test_traits(op: Op, shapes: Shapes) -> None:
    out, values, run = computed(op, shapes)
    first = run(values)
    if op.only_moves:
        assert set(first.flat) <= {b for v in values for b in v.flat}
    if op.rises(op.named(TensorType(s, "int8", QUANT) for s in shapes), out):
        higher = [np.minimum(v.astype(int) + 9, 127).astype(np.int8) for v in values]
        assert (run(higher) >= first).all()
    if op.is_elementwise:
        assert out.shape == np.broadcast_shapes(*shapes)
    if op.keeps_channels(len(shapes[0])):
        changed = values[0].copy()
        changed[..., 0] = ~changed[..., 0]
        assert np.array_equal(run([changed])[..., 1:], first[..., 1:])


def test_some_ops_have_each_trait() -> None:
    named = {
        "only_moves": {op.kind for op, _ in CASES if op.only_moves},
        "is_elementwise": {op.kind for op, _ in CASES if op.is_elementwise},
        "keeps_channels": {op.kind for op, shapes in CASES if op.keeps_channels(len(shapes[0]))},
    }
    assert {"concat", "strided_slice", "transpose"} <= named["only_moves"]
    assert {"add", "prelu", "tanh"} <= named["is_elementwise"]
    assert {"max_pool2d", "resize_nearest", "tanh"} <= named["keeps_channels"]


def test_a_mean_rises_unless_its_sum_overflows() -> None:
    op = Mean(("x",), ("y",), Origin("m", 0, "MEAN", "y"), (1,), keep_dims=False)
    wide = TensorType((1, 2**22), "int8", QUANT)
    out = TensorType((1,), "int8", QUANT)
    assert op.rises(op.named([wide]), out)
    assert not op.rises(op.named([wide]), replace(out, quant=Quant((1e-9,), (0,))))
