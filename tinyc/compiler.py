"""From a model file to a firmware folder, and from a folder to a checked run: the pipeline, readable aloud."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import tinyc
from tinyc import folder, measure
from tinyc.boards import Board, load_board
from tinyc.codegen import generate, identifier
from tinyc.emulate import RawRun, choose_emulator, pack_vectors
from tinyc.emulate import run as emulate
from tinyc.errors import ModelError, UsageError
from tinyc.frontends import load_tflite
from tinyc.ir import Array, Graph
from tinyc.judge import judge
from tinyc.ops.evaluate import evaluate, from_port, to_port
from tinyc.passes import fold_borders, optimize
from tinyc.report.schema import compile_report, run_report
from tinyc.schedule import Plan, plan_layers
from tinyc.vectors import (
    Request,
    Samples,
    make_inputs,
    pack_arrays,
    read_arrays,
    sample_bytes,
    split_outputs,
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What the command line chose.

    reference: whose arithmetic; kernels: "auto" or an instruction set; input_mode: "resident" or "rows";
    optimize: what to minimise; budgets: bytes of ram.total and flash.total; name: of the C identifiers, default the
    model file's stem; command: the command line as the generated files quote it, without -o.
    """

    board: Board
    reference: Literal["litert", "tflm"] = "litert"
    kernels: str = "auto"
    input_mode: Literal["resident", "rows"] = "resident"
    optimize: Literal["ram", "speed", "flash"] = "ram"
    ram_budget: int | None = None
    flash_budget: int | None = None
    name: str | None = None
    command: str = "tinyc"


@dataclass(frozen=True)
class Vectors:
    """inputs, expected: arrays of the model's own interface, samples along axis 0; judge: who computed `expected`."""

    inputs: tuple[Array, ...]
    expected: tuple[Array, ...]
    judge: str

    @property
    def count(self) -> int:
        return len(self.inputs[0])


@dataclass(frozen=True, eq=False)
class Compiled:
    """A firmware folder in memory. files: content by path; report: report.json."""

    name: str
    board: Board
    graph: Graph
    plan: Plan
    files: dict[str, str | bytes]
    report: dict[str, Any]
    vectors: Vectors


def compile_model(
    model: Path, options: Options, request: Request, progress: Progress = lambda _: None
) -> Compiled:
    """The whole way from a model file to a firmware folder held in memory; raises a TinycError where it cannot go."""
    progress("read the model")
    data = read_model(model)
    source = load_tflite(data, model.name, options.reference)
    progress("optimise and schedule")
    graph = optimize(source)
    plan = plan_layers(graph, isas(options))
    progress("compute the expected outputs")
    vectors = judged_vectors(data, source, graph, request)
    progress("generate and build the firmware")
    name = identifier(options.name or model.stem)
    files = generated_files(plan, data, model, name, options)
    costs = measure.costs(files, options.board, name, plan.arena)
    report = compile_report(source, plan, data, options, costs)
    measure.check_fit(report, plan, options.board, options.ram_budget, options.flash_budget)
    return Compiled(
        name, options.board, graph, plan, {**files, **vector_files(vectors, graph, report)}, report, vectors
    )


def write_folder(compiled: Compiled, out: Path) -> None:
    """Write the firmware folder; an older one of ours is replaced whole, anything else is refused."""
    folder.write(compiled.files, out)


@dataclass(frozen=True)
class RunResult:
    """json: `run --json`; outputs: of the model's own interface; mismatches: (sample, output, index, expected, got);

    layers: of --layers, see LayerCheck; console: what the firmware printed.
    """

    json: dict[str, Any]
    report: dict[str, Any]
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    mismatches: tuple[tuple[int, int, tuple[int, ...], object, object], ...]
    console: str
    layers: LayerCheck | None = None


def read_model(model: Path) -> bytes:
    try:
        return model.read_bytes()
    except OSError as problem:
        raise ModelError(f"{model}: cannot be read: {problem.strerror}", "check the path") from problem


def isas(options: Options) -> tuple[str, ...]:
    """Instruction sets whose kernels may be used, best first."""
    if options.kernels == "auto":
        return options.board.isa
    if options.kernels not in options.board.isa:
        raise UsageError(
            f"board {options.board.name} has no {options.kernels} kernels",
            f"choose --kernels auto or one of {', '.join(options.board.isa)}",
        )
    return tuple(dict.fromkeys((options.kernels, "ref")))


def generated_files(plan: Plan, data: bytes, model: Path, name: str, options: Options) -> dict[str, str]:
    """Everything of the firmware folder but the report and the vectors."""
    banner = (
        f"Generated by tinyc {tinyc.__version__} for {options.board.name}; do not edit.",
        f"model {model.name}, sha256 {hashlib.sha256(data).hexdigest()}",
        options.command,
    )
    return generate(plan, options.board, name, options.input_mode, banner)


def judged_vectors(data: bytes, source: Graph, graph: Graph, request: Request) -> Vectors:
    """Inputs, and the outputs the reference interpreter computes for them.

    source: as read; graph: the same network optimised, whose numpy reference steps in where no interpreter is
    installed.
    """
    inputs = make_inputs(source, request)
    judged = judge(data, inputs, source.reference)
    if judged is not None:
        return Vectors(inputs, judged.outputs, judged.judge)
    return Vectors(inputs, numpy_outputs(graph, inputs), "numpy")


def numpy_outputs(graph: Graph, inputs: tuple[Array, ...]) -> tuple[Array, ...]:
    """Outputs of the model's own interface by our numpy reference, samples along axis 0."""
    import numpy as np

    rows = []
    for sample in range(len(inputs[0])):
        fed = {p.tensor: to_port(p, graph, x[sample]) for p, x in zip(graph.inputs, inputs, strict=True)}
        values = evaluate(graph, fed)
        rows.append([from_port(p, graph, values[p.tensor]) for p in graph.outputs])
    return tuple(np.stack(column) for column in zip(*rows, strict=True))


def vector_files(vectors: Vectors, graph: Graph, report: dict[str, Any]) -> dict[str, bytes]:
    """report.json, vectors.npz (the model's own interface) and vectors.bin (the C API's raw bytes)."""
    import json

    arrays = {f"in{i}": a for i, a in enumerate(vectors.inputs)}
    arrays |= {f"out{i}": a for i, a in enumerate(vectors.expected)}
    return {
        "report.json": (json.dumps(report, indent=1) + "\n").encode(),
        "vectors.npz": pack_arrays(arrays),
        "vectors.bin": pack_vectors(raw_vectors(vectors, graph)),
    }
