"""FULLY_CONNECTED and MEAN against both interpreters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples


@BOTH
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    ("shape", "outputs", "keep"),
    [
        ((1, 1), 1, False),
        ((1, 33), 10, False),
        ((1, 3, 5, 7), 9, False),
        ((1, 4, 17), 3, True),
        ((1, 127), 31, False),
        ((1, 640), 128, False),
    ],
)
def test_fully_connected(
    shape: tuple[int, ...], outputs: int, keep: bool, bias: bool, per_channel: bool, reference: str
) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        rng = np.random.default_rng(outputs)
        depth = shape[-1] if keep else int(np.prod(shape))
        x = w.tensor(shape, "int8", 0.07, -100)
        ws = [float(s) for s in rng.uniform(0.001, 0.01, outputs if per_channel else 1)]
        size = (outputs, depth)
        weights = w.tensor(size, "int8", ws, [0] * len(ws), data=rng.integers(-127, 128, size))
        bs = [0.07 * s for s in ws]
        values = rng.integers(-9000, 9000, outputs)
        b = w.tensor((outputs,), "int32", bs, [0] * len(bs), data=values) if bias else -1
        y = w.tensor((*shape[:-1], outputs) if keep else (1, outputs), "int8", 0.09, 4)
        w.op("FULLY_CONNECTED", [x, weights, b], [y], keep_num_dims=keep, fused_activation_function=1)
        return [x], [y]

    check(model(build), reference)


@BOTH
def test_fully_connected_with_weights_that_have_a_zero_point(reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        rng = np.random.default_rng(5)
        x = w.tensor((1, 9), "int8", 0.07, -100)
        weights = w.tensor((4, 9), "int8", 0.01, 13, data=rng.integers(-128, 128, (4, 9)))
        y = w.tensor((1, 4), "int8", 0.09, 4)
        w.op("FULLY_CONNECTED", [x, weights, -1], [y])
        return [x], [y]

    check(model(build), reference)


@pytest.mark.parametrize(("scale", "out_scale"), [(1e-5, 1.0), (1e-7, 50.0)])
def test_a_scale_that_no_multiplier_reproduces_runs_in_double_arithmetic(
    scale: float, out_scale: float, tmp_path: Path
) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        rng = np.random.default_rng(5)
        x = w.tensor((1, 9), "int8", scale, -10)
        weights = w.tensor((4, 9), "int8", scale, 0, data=rng.integers(-1, 2, (4, 9)))
        y = w.tensor((1, 4), "int8", out_scale, 4)
        w.op("FULLY_CONNECTED", [x, weights, -1], [y])
        return [x], [y]

    data = model(build)
    check(data, "litert")
    file = tmp_path / "dense.tflite"
    file.write_bytes(data)
    result = run_model(file, Options(load_board("host")), Samples(20, 1))
    assert "tc_fully_connected_f64_s8_ref" in str(result.report["kernels"])
    assert result.json["bit_exact"]


@BOTH
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((1, 7, 5, 9), [1, 2]),
        ((1, 7, 5, 9), [2, 1, -2]),
        ((1, 7, 5, 9), [3]),
        ((1, 6, 6, 2), [0, 1, 2, 3]),
        ((1, 160, 3), [2]),
        ((1, 31), [-1]),
        ((1, 33, 31, 3), [1, 2]),
    ],
)
@pytest.mark.parametrize("scales", [(0.05, 0.05), (0.02, 0.33), (0.9, 0.07)])
def test_mean(
    shape: tuple[int, ...], axes: list[int], scales: tuple[float, float], keep: bool, reference: str
) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor(shape, "int8", scales[0], -9)
        gone = {a % len(shape) for a in axes}
        if keep:
            out = [1 if i in gone else n for i, n in enumerate(shape)]
        else:
            out = [n for i, n in enumerate(shape) if i not in gone]
        y = w.tensor(out, "int8", scales[1], 21)
        w.op("MEAN", [x, w.constant(axes)], [y], keep_dims=keep)
        return [x], [y]

    check(model(build), reference)


@BOTH
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize(
    ("vectors", "depth", "outputs", "out"),
    [(1, 1, 1, 0.03), (1, 33, 7, 0.09), (5, 9, 4, 0.03), (3, 5, 31, 1e-4)],
)
def test_fully_connected_with_computed_weights(
    vectors: int, depth: int, outputs: int, out: float, bias: bool, reference: str
) -> None:
    """The last has an effective scale above one half, where LiteRT's rounding in double needs a bound."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((vectors, depth), "int8", 0.07, -100)
        weights = w.tensor((outputs, depth), "int8", 0.01, 13)
        values = np.random.default_rng(depth).integers(-9000, 9000, outputs)
        b = w.tensor((outputs,), "int32", 0.07 * 0.01, 0, data=values) if bias else -1
        y = w.tensor((vectors, outputs), "int8", out, 4)
        w.op("FULLY_CONNECTED", [x, weights, b], [y], fused_activation_function=1)
        return [x, weights], [y]

    check(model(build), reference)


@pytest.mark.parametrize(
    ("depth", "out", "why"), [(2**15 + 1, 0.1, "at most 32768"), (9, 1e-9, "can exceed 32 bits")]
)
def test_computed_weights_whose_sums_may_overflow_are_refused(depth: int, out: float, why: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x, weights = w.tensor((1, depth), "int8", 0.07, -100), w.tensor((2, depth), "int8", 0.01, 13)
        y = w.tensor((1, 2), "int8", out, 4)
        w.op("FULLY_CONNECTED", [x, weights, -1], [y])
        return [x, weights], [y]

    with pytest.raises(ModelError, match=why):
        load_tflite(model(build), "m.tflite", "litert")
