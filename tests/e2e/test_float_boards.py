"""The float models of MLPerf Tiny on emulated boards: float32 within the bound, quantized to INT8 bit-exact.

Few of them each time; all with TINYC_FULL=1, in about five minutes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.e2e.tool import FULL
from tests.stub_model import needs_qemu
from tinyc.frontends.load import load_source
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify import near
from tinyc.verify.vectors import Samples

MODELS = ("resnet8_float", "kws_float", "ad01_float", "vww_96_float")
BOARDS = ("mps2-an386", "mps3-an547")
#: Those that run each time.
FEW = {("ad01_float", "mps3-an547")}

pytestmark = [needs_qemu, pytest.mark.emulator]


def each() -> list[tuple[str, str]]:
    return [(model, board) for model in MODELS for board in BOARDS if FULL or (model, board) in FEW]


@pytest.mark.parametrize(("model", "board"), each())
def test_float32(shared: Path, model: str, board: str) -> None:
    run = run_model(shared / "models" / f"{model}.tflite", Options(load_board(board)), Samples(1, 1)).json
    assert run["judge"] == "litert"
    assert run["bit_exact"]
    assert run["error_bound"] == near.BOUND
    assert run["largest_error"] <= near.BOUND


@pytest.mark.parametrize(("model", "board"), each())
def test_quantized(shared: Path, tmp_path: Path, model: str, board: str) -> None:
    file = shared / "models" / f"{model}.tflite"
    (port,) = load_source(file, "litert").graph.inputs
    samples = np.random.default_rng(1).normal(size=(4, *port.type.shape[1:])).astype(np.float32)
    np.save(tmp_path / "x.npy", samples)
    options = Options(load_board(board), calibration=tmp_path / "x.npy", effort="fast")
    run = run_model(file, options, Samples(2, 1)).json
    assert (run["judge"], run["bit_exact"]) == ("litert", True)
