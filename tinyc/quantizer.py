"""From a float model and samples to an int8 file: quantized, judged layer by layer, searched for float layers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import tinyc
from tinyc.costs.builds import candidates_of
from tinyc.data import Calibration, Preprocess
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Graph
from tinyc.options import Options, Progress, silent
from tinyc.passes import optimize
from tinyc.plain import plain
from tinyc.quantize import Effort
from tinyc.quantize.budget import Wanted
from tinyc.quantize.file import Quantized, quantized
from tinyc.quantize.precision import INT8, Precision, toml_of
from tinyc.quantize.search import searched
from tinyc.quantize.search_json import search_json, ternary_json
from tinyc.quantize.sensitivity import Told
from tinyc.quantize.sensitivity_json import sensitivity_json
from tinyc.quantize.ternarize import ternarized
from tinyc.schedule import Watch
from tinyc.target.boards import Board


def quantize(
    model: Path,
    calibration: Calibration,
    effort: Effort,
    signature: str | None = None,
    shapes: Sequence[NamedShape] = (),
    progress: Progress = silent,
    preprocess: Preprocess | None = None,
    precision: Precision = INT8,
    labels: Path | None = None,
) -> Quantized:
    """Quantize a float model file; the result has it before and after."""
    return quantized(model, calibration, effort, signature, shapes, progress, preprocess, precision, labels)


def sensitivity(made: Quantized, told: Told = lambda *_: None) -> dict[str, Any]:
    """What each layer of a quantized model loses, and what would help, as the JSON of `tinyc quantize`."""
    return sensitivity_json(made, told)


def search(
    made: Quantized, wanted: Wanted, board: Board, trials: int, told: Told = lambda *_: None
) -> tuple[Quantized, str, dict[str, Any]]:
    """Search for layers of a quantized model that had better stay float32, by the board's costs as estimated.

    The result is the model as it is quantized then, its precision file, and what was tried, as JSON.
    """
    options = Options(board, effort="fast")

    def costs(graph: Graph) -> dict[str, int]:
        read = load_tflite(export_tflite(graph), made.file.name, options.reference)
        watch = Watch(effort=options.effort)
        least = min(
            candidates_of(optimize(read), options, watch).fast(), key=lambda c: (c.ram, c.instructions)
        )
        if watch.is_stopped:  # the planner has taken the Ctrl-C that is meant for all choices
            raise KeyboardInterrupt
        return {"ram": least.ram, "flash": least.flash, "instructions": least.instructions}

    found = searched(made, wanted, costs, trials, told)
    head = f"searched by tinyc {tinyc.__version__} for {plain(made.file.name)} on {board.name}"
    return found.made, toml_of(found.precision, head), search_json(found, board.name)


def ternarize(
    made: Quantized, wanted: Wanted, board: Board, told: Told = lambda *_: None
) -> tuple[Quantized, str, dict[str, Any]]:
    """Choose layers of a quantized model that become ternary, by the board's flash as estimated.

    The result is the model as it is quantized then, its precision file, and what was tried, as JSON.
    """
    options = Options(board, effort="fast")

    def costs(graph: Graph) -> dict[str, int]:
        read = load_tflite(export_tflite(graph), made.file.name, options.reference)
        return {"flash": candidates_of(optimize(read), options).least_bytes()}

    found = ternarized(made, wanted, costs, told)
    head = f"ternary layers chosen by tinyc {tinyc.__version__} for {plain(made.file.name)} on {board.name}"
    return found.made, toml_of(found.precision, head), ternary_json(found, board.name)


def quantize_model(
    model: Path,
    calibration: Calibration,
    effort: Effort,
    signature: str | None = None,
    shapes: Sequence[NamedShape] = (),
    preprocess: Preprocess | None = None,
) -> bytes:
    """Return a float model file as the bytes of an int8 .tflite file."""
    return quantize(model, calibration, effort, signature, shapes, preprocess=preprocess).file.data
