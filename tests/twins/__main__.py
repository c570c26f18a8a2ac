"""Compile networks written in PyTorch and the same ones in Keras, run both on an emulated board, and compare RAM.

python -m tests.twins                  all networks; continues where it stopped
python -m tests.twins unet squeezenet  some anew
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.twins.page import page
from tinyc.frontends.load import load_source
from tinyc.options import Options
from tinyc.passes import optimize
from tinyc.paths import temporary_folder
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

ROOT = Path(__file__).resolve().parents[2]
STORE, PAGE = ROOT / "benchmarks" / "TWINS.json", ROOT / "benchmarks" / "TWINS.md"
BOARD = "mps2-an386"
_SAMPLES = 4


def main() -> int:
    from tests.twins.in_torch import NETWORKS  # noqa: PLC0415 - they need PyTorch

    parser = argparse.ArgumentParser("python -m tests.twins", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    chosen = parser.parse_args()
    for name in ("onnxscript", "onnx_ir", "torch.onnx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    store: dict[str, Any] = json.loads(STORE.read_text()) if STORE.is_file() else {}
    for name in chosen.networks or (n for n in NETWORKS if n not in store):
        with temporary_folder() as folder:
            store[name] = {
                "torch": measured(of_torch(name, folder)),
                "keras": measured(of_keras(name, folder)),
            }
        STORE.write_text(json.dumps(store, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        PAGE.write_text(page(store, BOARD), encoding="utf-8")
        print(name, store[name], flush=True)
    return 0


def of_torch(name: str, folder: Path) -> Path:
    from tests.twins.exported import exported  # noqa: PLC0415 - it needs PyTorch

    return exported(name, folder, dynamo=True, opset=20)


def of_keras(name: str, folder: Path) -> Path:
    file = folder / f"{name}.keras"
    command = (sys.executable, "-W", "ignore", "-m", "tests.twins.in_keras", name, str(file))
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    return file


def measured(file: Path) -> dict[str, Any]:
    """Return what a file's float32 and INT8 firmware take on the board, and whether they compute what is right."""
    graph = optimize(load_source(file, "litert").graph)
    (port,) = graph.inputs
    samples = np.random.default_rng(0).normal(size=(_SAMPLES, *port.type.shape[1:])).astype(np.float32)
    np.save(file.with_suffix(".npy"), samples)
    found: dict[str, Any] = {"transposes": sum(op.kind == "transpose" for op in graph.ops)}
    for kind, calibration in (("float32", None), ("int8", file.with_suffix(".npy"))):
        options = Options(load_board(BOARD), calibration=calibration, effort="fast")
        result = run_model(file, options, Samples(1, 1))
        run = result.json
        found[kind] = {
            "arena": result.report["ram"]["arena"],
            "ram": run["ram"]["measured"],
            "exact": run["bit_exact"],
            "judge": run["judge"],
            "instructions": run["instructions"],
        }
    return found


sys.exit(main())
