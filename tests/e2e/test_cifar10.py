"""The example that classifies photographs, on a few of them; `examples/cifar10/README.md` tells of all 10,000."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.tool import FULL, ROOT
from tinyc.compiler import load
from tinyc.verify.judge import IsolatedJudge

CLASSIFY = ROOT / "examples" / "cifar10" / "classify.py"


@pytest.mark.slow
def test_photographs_are_classified_as_the_reference_does(shared: Path) -> None:
    pytest.importorskip("PIL")
    pytest.importorskip("ai_edge_litert")
    images = shared / "datasets" / "cifar10_jpeg.tar.xz"
    if not images.is_file():
        pytest.skip("the images of CIFAR-10 are not here")
    command = (sys.executable, str(CLASSIFY), str(shared / "models" / "resnet8_int8.tflite"), str(images))
    counts = ("--count", "10000", "--check", "500") if FULL else ("--count", "200", "--check", "100")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, *counts], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    right = re.search(r"([\d.]+) %", done.stdout)
    assert right is not None
    assert float(right[1]) > 50
    assert f"{counts[3]} of {counts[3]} equal to the reference (litert)" in done.stdout
    assert f"{counts[1]}/{counts[1]}" in done.stderr  # the progress bar's end


@pytest.mark.parametrize("reference", ["litert", "tflm"])
def test_a_model_as_a_python_function(reference: str, digits: Path) -> None:
    """One sample, several, and what the reference interpreter makes of them."""
    model = load(digits, "tflm" if reference == "tflm" else "litert")
    rng = np.random.default_rng(3)
    images = rng.integers(-128, 128, (300, 1, 8, 8, 1), dtype=np.int8)
    scores = model(images)
    assert isinstance(scores, np.ndarray)
    np.testing.assert_array_equal(model(images[7]), scores[7])
    with IsolatedJudge() as judge:
        judged = judge.judge(digits.read_bytes(), (images,), reference)
    if judged is None:
        pytest.skip(f"{reference} is not installed")
    np.testing.assert_array_equal(scores, judged.outputs[0])
