"""One ONNX file all the way: float against ONNX Runtime, int8 against LiteRT, both judged outside."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import tinyc
from tinyc.errors import TinycError
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import FloatModel, load_float_model
from tinyc.ir import Graph
from tinyc.ops.floats import evaluate_floats
from tinyc.passes import optimize
from tinyc.paths import temporary_folder
from tinyc.quantize import quantize_graph
from tinyc.schedule import plan_layers, plan_smallest
from tinyc.verify.judge import judge

#: How far float results may be apart, as a share of the largest: sums are taken in another order.
BOUND = 1e-4
_SAMPLES = 4
Shapes = Sequence[tuple[str, tuple[int, ...]]]


@dataclass
class Found:
    """What one file showed; what could not be tried is None."""

    ops: int | None = None
    transposes: int | None = None
    float_error: float | None = None
    int8_exact: bool | None = None
    #: Signal to noise of the int8 outputs, in dB, on random inputs.
    int8_decibels: float | None = None
    arena: int | None = None
    arena_by_layers: int | None = None
    seconds: float = 0.0
    problem: str = ""

    @property
    def is_good(self) -> bool:
        near = self.float_error is not None and self.float_error <= BOUND
        return near and self.int8_exact is True and self.transposes == 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def check(file: Path, shapes: Shapes = ()) -> Found:
    """Go as far as the file goes."""
    found, begin = Found(), time.monotonic()
    try:
        model = load_float_model(file, None, shapes)
        found.ops = len(model.graph.ops)
        found.transposes = sum(op.kind == "transpose" for op in model.graph.ops)
        found.float_error = _float_error(file, model)
        _int8(model, found)
    except TinycError as problem:
        found.problem = f"{problem.message} {problem.hint}".strip()
    except Exception as problem:  # whatever goes wrong is a row of the table
        found.problem = f"{type(problem).__name__}: {problem}"
    found.seconds = round(time.monotonic() - begin, 1)
    return found


def inputs(graph: Graph, count: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {p.tensor: rng.normal(size=(count, *p.type.shape)).astype(np.float32) for p in graph.inputs}


def _float_error(file: Path, model: FloatModel) -> float:
    """Return the largest difference from ONNX Runtime, as a share of the largest output."""
    import onnxruntime  # noqa: PLC0415 - optional

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(str(file))
    given = inputs(model.graph, 1, 1)
    feeds = {
        i.name: _as_file(model, p.tensor, given[p.tensor][0])
        for i, p in zip(session.get_inputs(), model.graph.inputs, strict=True)
    }
    values = evaluate_floats(model.graph, given)
    worst = 0.0
    for port, wanted in zip(model.graph.outputs, session.run(None, feeds), strict=True):
        made = _as_file(model, port.tensor, values[port.tensor][0])
        if made.shape != wanted.shape:
            raise ValueError(f"output {port.name} is {made.shape}, ONNX Runtime's {wanted.shape}")
        worst = max(worst, float(np.abs(made - wanted).max() / max(1.0, np.abs(wanted).max())))
    return worst


def _as_file(model: FloatModel, tensor: str, value: Any) -> Any:
    return np.moveaxis(value, -1, 1) if tensor in model.moved else value


def _int8(model: FloatModel, found: Found) -> None:
    samples = inputs(model.graph, _SAMPLES, 2)
    data = export_tflite(quantize_graph(model.graph, samples, "fast"), "zoo")
    given = tuple(samples[p.tensor][:2] for p in model.graph.inputs)
    known = hashlib.sha256(data).hexdigest()
    if known not in _JUDGED:
        _JUDGED[known] = _firmware(data, given)
    answers, found.int8_exact, found.arena, found.arena_by_layers = _JUDGED[known]
    values = evaluate_floats(model.graph, {p.tensor: samples[p.tensor][:2] for p in model.graph.inputs})
    noise = [_decibels(values[p.tensor], y) for p, y in zip(model.graph.outputs, answers, strict=True)]
    found.int8_decibels = round(min(noise), 1)


#: What was found of an int8 file, by its digest: exporters that write the same network give the same one.
_JUDGED: dict[str, tuple[tuple[Any, ...], bool, int, int]] = {}


def _firmware(data: bytes, given: tuple[Any, ...]) -> tuple[tuple[Any, ...], bool, int, int]:
    """Return the judge's answers, whether the generated C gives the same bytes, and the arenas."""
    small = optimize(load_tflite(data, "zoo.tflite", "litert"))
    arenas = (plan_smallest(small, ("ref",)).arena, plan_layers(small, ("ref",)).arena)
    judged = judge(data, given, "litert")
    assert judged is not None
    with temporary_folder() as place:
        file = place / "zoo.tflite"
        file.write_bytes(data)
        made = tinyc.load(file)(*given)
    outputs = made if isinstance(made, tuple) else (made,)
    same = all(np.array_equal(a, b) for a, b in zip(outputs, judged.outputs, strict=True))
    return judged.outputs, same, *arenas


def _decibels(wanted: Any, made: Any) -> float:
    error = float(np.mean((wanted - made.reshape(wanted.shape)) ** 2))
    return 10 * np.log10(max(float(np.var(wanted)), 1e-20) / max(error, 1e-20))
