"""Compile networks written in PyTorch and the same ones in Keras, and compare the RAM that they take.

python -m tests.twins                          plan all networks; continues where it stopped
python -m tests.twins --board unet squeezenet  run these on the emulated board, too
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
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.load import as_float_model, load_source
from tinyc.ops.evaluate import to_port
from tinyc.options import Options, instruction_sets
from tinyc.passes import optimize
from tinyc.paths import temporary_folder
from tinyc.quantize import quantize_graph
from tinyc.runner import run_model
from tinyc.schedule import plan_smallest
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
    parser.add_argument("--board", action="store_true", help=f"run on the emulated {BOARD}, too")
    chosen = parser.parse_args()
    for name in ("onnxscript", "onnx_ir", "torch.onnx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    store: dict[str, Any] = json.loads(STORE.read_text()) if STORE.is_file() else {}
    for name in chosen.networks or (n for n in NETWORKS if n not in store):
        with temporary_folder() as folder:
            files = {"torch": of_torch(name, folder), "keras": of_keras(name, folder)}
            store[name] = {kind: measured(file, chosen.board) for kind, file in files.items()}
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


def measured(file: Path, on_board: bool) -> dict[str, Any]:
    """Return the arenas of a file's float32 and INT8 firmware, and what the board's runs of them show."""
    source = load_source(file, "litert")
    graph, samples = as_float_model(source).graph, file.with_suffix(".npy")
    (port,) = source.graph.inputs
    given = np.random.default_rng(0).normal(size=(_SAMPLES, *port.type.shape)).astype(np.float32)
    np.save(samples, given.reshape(_SAMPLES, *port.type.shape[1:]))
    fed = {port.tensor: to_port(port, source.graph, given)}
    int8 = load_tflite(export_tflite(quantize_graph(graph, fed, "fast"), "twin"), "twin", "litert")
    found: dict[str, Any] = {}
    for kind, made, calibration in (("float32", source.graph, None), ("int8", int8, samples)):
        options = Options(load_board(BOARD), calibration=calibration, effort="fast")
        small = optimize(made)
        found[kind] = {
            "arena": plan_smallest(small, instruction_sets(options)).arena,
            "transposes": sum(op.kind == "transpose" for op in small.ops),
        }
        if on_board:
            run = run_model(file, options, Samples(1, 1)).json
            found[kind] |= {"exact": run["bit_exact"], "judge": run["judge"], "ram": run["ram"]["measured"]}
            found[kind] |= {"instructions": run["instructions"]}
    return found


sys.exit(main())
