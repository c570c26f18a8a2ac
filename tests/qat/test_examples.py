"""The trained networks of examples/ternary: exact on boards, ternary in flash, and right about the digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import InputFile, Samples

FOLDER = Path(__file__).resolve().parents[2] / "examples/ternary"


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(
    ("name", "layers", "board"),
    [
        ("digits", 3, "microbit"),
        ("digits", 3, "hifive1-revb"),
        ("digits", 3, "mps2-an500"),
        ("spoken", 4, "mps2-an385"),
        ("cifar10", 8, "mps2-an386"),
    ],
)
def test_networks_are_exact_and_ternary(name: str, layers: int, board: str) -> None:
    labelled = FOLDER / f"{name}.npz"
    request = InputFile(labelled) if labelled.exists() else Samples(1, 1)
    found = run_model(FOLDER / f"{name}.tflite", Options(load_board(board)), request)
    assert found.json["bit_exact"]
    bits = [layer["weight_bits"] for layer in found.report["layers"] if layer.get("weight_bits")]
    assert sum(b <= 1.65 for b in bits) == layers, bits
    if labelled.exists():
        with np.load(labelled) as file:
            labels = file["labels"]
        assert (found.outputs[0].reshape(len(labels), -1).argmax(axis=1) == labels).mean() >= 0.9
