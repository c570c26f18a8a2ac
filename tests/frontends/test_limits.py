"""Small files that ask for much: refused at once, or done within a bound of memory."""

from __future__ import annotations

import itertools
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from tests.frontends.test_odd_files import convolution
from tests.modelgen.writer import ModelWriter
from tests.ops.agree import model
from tinyc.cli import run
from tinyc.errors import FitError, ModelError
from tinyc.frontends import limits, load_tflite
from tinyc.passes import optimize
from tinyc.verify.vectors import DEFAULT_SAMPLES, Samples, make_inputs

Built = tuple[list[int], list[int]]
QUANT = (0.1, 3)
ROOT = Path(__file__).resolve().parents[2]


def chain(kind: str, shape: tuple[int, ...], length: int = 1) -> Callable[[ModelWriter], Built]:
    def build(w: ModelWriter) -> Built:
        tensors = [w.tensor(shape, "int8", 0.1 + 0.001 * i, 3) for i in range(length + 1)]
        for x, y in itertools.pairwise(tensors):
            w.op(kind, [x], [y])
        return [tensors[0]], [tensors[-1]]

    return build


def convolutions(height: int, width: int, length: int = 4) -> Callable[[ModelWriter], Built]:
    def build(w: ModelWriter) -> Built:
        x = y = w.tensor((1, height, width, 1), "int8", *QUANT)
        for _ in range(length):
            y = convolution(w, y, outputs=1)
        return [x], [y]

    return build


def dense(inputs: int, outputs: int) -> Callable[[ModelWriter], Built]:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((1, inputs), "int8", *QUANT), w.tensor((1, outputs), "int8", *QUANT)
        weights = w.tensor(
            (outputs, inputs), "int8", 0.01, 0, data=np.resize(np.arange(-127, 128), (outputs, inputs))
        )
        w.op("FULLY_CONNECTED", [x, weights, -1], [y])
        return [x], [y]

    return build


def split(w: ModelWriter) -> Built:
    x = w.tensor((1, 2000), "int8", *QUANT)
    parts = [w.tensor((1, 1), "int8", *QUANT) for _ in range(2000)]
    w.op("SPLIT", [w.constant(np.int32(1)), x], parts, num_splits=2000)
    return [x], parts


def wide_pool(w: ModelWriter) -> Built:
    x, y = (w.tensor((1, 500, 500, 1), "int8", *QUANT) for _ in range(2))
    size = {"filter_height": 301, "filter_width": 301, "stride_h": 1, "stride_w": 1}
    w.op("AVERAGE_POOL_2D", [x], [y], **size)
    return [x], [y]


@pytest.mark.parametrize(
    ("build", "why"),
    [
        (chain("ABS", (1, 2**26)), "67,108,864 elements; at most 8,388,608"),
        (convolutions(4000, 4000), "16,000,000 elements; at most 8,388,608"),
        (chain("RELU", (1, 2**23), 9), "83,886,080 elements in all tensors together; at most 67,108,864"),
        (dense(10_000, 7000), "70,000,000 bytes of constants; at most 67,108,864"),
        (convolutions(2000, 4000, 64), "multiply-accumulates per inference; at most 4,294,967,296"),
        (wide_pool, "22,650,250,000 multiply-accumulates per inference"),
        (chain("RELU", (1, 4), 1001), "1,001 operators; at most 1,000"),
        (split, "2,000 operators; at most 1,000"),
        (convolutions(2**18, 1), "3,145,728 rows to schedule; at most 524,288"),
    ],
)
def test_limits(build: Callable[[ModelWriter], Built], why: str) -> None:
    data = model(build)
    begin = monotonic()
    with pytest.raises(ModelError, match=why) as caught:
        load_tflite(data, "m.tflite", "litert")
    assert monotonic() - begin < 20
    assert "docs/security.md" in caught.value.hint


def test_limits_in_the_docs() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    told = (
        limits.MAX_ELEMENTS,
        limits.MAX_ACTIVATIONS,
        limits.MAX_CONSTANTS,
        limits.MAX_MACS,
        limits.MAX_OPS,
    )
    assert all(f"| {number:,} |" in page for number in (*told, limits.MAX_ROWS))


@pytest.mark.parametrize(
    "build",
    [chain("ABS", (1, 2**22)), convolutions(1000, 1000), dense(1_000_000, 2), dense(2, 100_000)],
    ids=["one table", "large images", "many inputs", "many outputs"],
)
def test_what_is_within_the_limits_is_optimised_within_bounds(
    build: Callable[[ModelWriter], Built], tmp_path: Path
) -> None:
    """In a process of 2 GB."""
    file = tmp_path / "m.tflite"
    file.write_bytes(model(build))
    lines = (
        "import sys",
        "from pathlib import Path",
        "from tinyc.frontends import load_tflite",
        "from tinyc.passes import optimize",
        "optimize(load_tflite(Path(sys.argv[1]).read_bytes(), 'm.tflite', 'litert'))",
    )

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))

    command = (sys.executable, "-c", "\n".join(lines), str(file))
    done = subprocess.run(
        command, cwd=ROOT, preexec_fn=bounded, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_board_that_could_never_hold_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "m.tflite"
    for build, why in (
        (chain("ABS", (1, 2**20)), "its inputs or outputs alone have 1,048,576 bytes"),
        (dense(4000, 1000), "its constants have 4,0"),
    ):
        file.write_bytes(model(build))
        begin = monotonic()
        assert run(["report", str(file), "--board", "microbit"]) == FitError.exit_code
        assert monotonic() - begin < 20
        assert why in capsys.readouterr().err


def test_large_models_get_fewer_samples() -> None:
    small = load_tflite(model(chain("ABS", (1, 16))), "m.tflite", "litert")
    large = load_tflite(model(chain("ABS", (1, 2**21))), "m.tflite", "litert")
    assert len(make_inputs(small, Samples())[0]) == DEFAULT_SAMPLES
    assert len(make_inputs(large, Samples())[0]) == 2
    assert len(make_inputs(large, Samples(3))[0]) == 3


def test_windows_of_many_taps_are_optimised_quickly() -> None:
    def build(w: ModelWriter) -> Built:
        x, y = w.tensor((1, 80, 80, 1), "int8", *QUANT), w.tensor((1, 80, 80, 1), "int8", *QUANT)
        weights = w.tensor(
            (1, 79, 79, 1), "int8", 0.01, 0, data=np.resize(np.arange(-127, 128), (1, 79, 79, 1))
        )
        w.op(
            "CONV_2D", [x, weights, w.tensor((1,), "int32", 0.001, 0, data=[0])], [y], stride_h=1, stride_w=1
        )
        return [x], [y]

    begin = monotonic()
    optimize(load_tflite(model(build), "m.tflite", "litert"))
    assert monotonic() - begin < 30
