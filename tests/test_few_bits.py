"""Files with INT4 weights, end to end: packed in flash where the options ask for flash, int8 weights else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import model
from tests.stub_model import needs_qemu
from tinyc.options import Options
from tinyc.runner import RunResult, run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

pytestmark = [needs_qemu, pytest.mark.emulator]


def network(w: ModelWriter, bits: int = 4) -> tuple[list[int], list[int]]:
    """A convolution of int8 weights, then 3x3, 1x1 and dense layers of few bits, each with a ReLU."""
    rng = np.random.default_rng(5)

    def weights(shape: tuple[int, ...], bits: int, scale: float) -> list[int]:
        count = shape[0]
        data = rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), shape)
        scales = [float(s) for s in rng.uniform(0.5, 1.5, count) * scale]
        bias = rng.integers(-300, 300, count)
        return [
            w.tensor(shape, f"int{bits}", scales, [0] * count, data=data, axis=0),
            w.tensor((count,), "int32", [0.05 * s for s in scales], [0] * count, data=bias),
        ]

    def byte(*shape: int) -> int:
        return w.tensor(shape, "int8", 0.05, -128)

    window = {"padding": 0, "stride_w": 1, "stride_h": 1, "fused_activation_function": 1}
    x = w.tensor((1, 9, 9, 3), "int8", 0.05, 3)
    a, b, c, flat, y = byte(1, 9, 9, 32), byte(1, 9, 9, 33), byte(1, 4, 4, 40), byte(1, 640), byte(1, 10)
    w.op("CONV_2D", [x, *weights((32, 3, 3, 3), 8, 0.0006)], [a], **window)
    w.op("CONV_2D", [a, *weights((33, 1, 1, 32), bits, 0.03)], [b], **window)
    strided = {**window, "padding": 1, "stride_w": 2, "stride_h": 2}
    w.op("CONV_2D", [b, *weights((40, 3, 3, 33), bits, 0.01)], [c], **strided)
    w.op("RESHAPE", [c], [flat], new_shape=[1, 640])
    w.op("FULLY_CONNECTED", [flat, *weights((10, 640), bits, 0.01)], [y])
    return [x], [y]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("few") / "few.tflite"
    path.write_bytes(model(network))
    return path


def ran(file: Path, board: str, **choice: Any) -> RunResult:
    """Compiled, emulated and compared with LiteRT's bytes."""
    result = run_model(file, Options(load_board(board), **choice), Samples(2, 3))
    assert result.json["bit_exact"]
    return result


def bits(result: RunResult) -> list[float]:
    return [layer["weight_bits"] for layer in result.report["layers"] if layer["zero_weights"] is not None]


@pytest.mark.parametrize("board", ["mps2-an386", "microbit"])
def test_int4_weights_stay_packed_where_flash_counts(board: str, file: Path) -> None:
    plain, packed = ran(file, board), ran(file, board, optimize="flash")
    assert bits(plain) == [8, 8, 8, 8]
    first, *others = bits(packed)
    assert first == 8 and all(4 <= each < 4.2 for each in others)
    assert packed.report["flash"]["weights"] < 0.56 * plain.report["flash"]["weights"]
    assert packed.report["flash"]["total"] < plain.report["flash"]["total"] - 5000
    assert packed.json["instructions"] > plain.json["instructions"]


def test_a_flash_budget_that_int8_weights_alone_exceed(file: Path) -> None:
    plain = ran(file, "mps2-an386")
    budget = plain.report["flash"]["weights"] - 1000
    found = ran(file, "mps2-an386", flash_budget=budget)
    assert found.report["flash"]["total"] <= budget
    assert min(bits(found)) < 5
    roomy = ran(file, "mps2-an386", flash_budget=plain.report["flash"]["total"] + 5000)
    assert bits(roomy) == [8, 8, 8, 8]
