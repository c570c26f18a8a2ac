"""From a model file or a firmware folder to a checked run on the emulated board."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tinyc.codegen import generate
from tinyc.codegen.projects.board_files import render_board_files
from tinyc.codegen.projects.firmware import FACTS, read_facts
from tinyc.compiler import compile_model, expected_vectors, open_model
from tinyc.costs.report_json import run_report, with_cycles
from tinyc.cycles import Estimate, estimate_layers, estimate_run, model_of
from tinyc.emulate import choose_emulator, pack_vectors
from tinyc.emulate import run as emulate
from tinyc.errors import UsageError
from tinyc.frontends.batches import with_parts
from tinyc.frontends.load import Source
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.reader import tensor_names
from tinyc.ir import DTYPES, Array, Graph
from tinyc.ops.evaluate import evaluate, from_port, to_port
from tinyc.options import Options, Progress, banner, instruction_sets, silent
from tinyc.passes import optimize, unreduced
from tinyc.paths import temporary_folder
from tinyc.schedule import Plan, plan_layers
from tinyc.target import folder
from tinyc.target.boards import Board, load_board
from tinyc.target.build import build
from tinyc.verify.compare import LayerCheck, Mismatch, compare_layers, mismatches
from tinyc.verify.expected import Vectors, expected_tensors, float_tensors, raw_vectors
from tinyc.verify.vectors import Request, Samples, interface_graph, read_arrays, split_outputs

_RUN_SECONDS = 600.0

#: What of a firmware folder is compiled.
_SOURCES = (".c", ".h", ".S")


@dataclass(frozen=True)
class RunResult:
    """What a run found."""

    #: `run --json`
    json: dict[str, Any]
    #: report.json of the firmware
    report: dict[str, Any]
    board: Board
    #: of the model's own interface, by the firmware
    outputs: tuple[Array, ...]
    #: the first of them
    mismatches: tuple[Mismatch, ...]
    #: with --layers
    layers: tuple[LayerCheck, ...] = ()
    #: None where a folder ran
    plan: Plan | None = None


def run_model(
    model: Path,
    options: Options,
    request: Request,
    emulator: str = "auto",
    *,
    profile: bool = False,
    layers: bool = False,
    cycles: bool = False,
    progress: Progress = silent,
) -> RunResult:
    """Compile, run on the emulated board, and compare every output byte with the judge's.

    cycles: estimate them too, which takes another run of one sample in QEMU.
    """
    chosen = choose_emulator(options.board, emulator)
    with temporary_folder() as temporary:
        place = temporary / "firmware"
        compiled = compile_model(model, options, request, progress, place)
        folder.fill(compiled.files, place)
        result = run_built(
            place, compiled.name, compiled.graph, compiled.report, compiled.vectors, options.board, chosen,
            profile=profile, cycles=cycles, progress=progress,
        )  # fmt: skip
    result = replace(result, plan=compiled.plan)
    if not layers:
        return result
    progress("compare every layer")
    return replace(result, layers=check_layers(compiled.source, options, compiled.vectors, chosen))


def run_folder(
    directory: Path,
    model: Path | None,
    board: str | None,
    request: Request | None,
    emulator: str = "auto",
    *,
    profile: bool = False,
    layers: bool = False,
    cycles: bool = False,
    progress: Progress = silent,
) -> RunResult:
    """Build and run the sources of a firmware folder that nobody changed since tinyc wrote it.

    Its stored vectors judge; `model` judges afresh. board: None, or the board the folder was compiled for. The folder's
    Makefile and scripts are not used: they are made anew, from facts that are checked.
    """
    report, files = folder.read_folder(directory)
    target = load_board(str(directory / "board.toml"))
    if board is not None and load_board(board).name != target.name:
        raise UsageError(
            f"{directory} was compiled for {target.name}, not for {load_board(board).name}",
            "compile the model again for that board",
        )
    if model is None and (request is not None or layers):
        raise UsageError("other inputs and --layers need the model to judge by", "name it with --model FILE")
    chosen = choose_emulator(target, emulator)
    progress("read the vectors")
    firmware = read_facts(files.get(FACTS, b""), str(directory / FACTS))
    graph = interface_graph(report["interface"])
    vectors = stored_vectors(directory, files, graph)
    if firmware.name != report["name"] or any(x["position"] >= firmware.layers for x in report["layers"]):
        raise UsageError(f"{directory}: report.json and {FACTS} are not of one firmware")
    options = _options(report, target)
    source = None
    if model is not None:
        source = open_model(model, options.reference, options.signature, options.shapes)
        _check_model(report, source.file, directory)
        vectors = expected_vectors(source, optimize(source.graph), request or Samples())
    with temporary_folder() as temporary:
        place = temporary / "firmware"
        folder.fill({path: text for path, text in files.items() if path.endswith(_SOURCES)}, place)
        folder.fill(render_board_files(firmware, target), place)
        result = run_built(
            place, firmware.name, graph, report, vectors, target, chosen,
            profile=profile, cycles=cycles, progress=progress,
        )  # fmt: skip
    if not layers or source is None:
        return result
    progress("compare every layer")
    return replace(result, layers=check_layers(source, options, vectors, chosen))


def _check_model(report: dict[str, Any], file: ModelFile, directory: Path) -> None:
    """Check that a file is the model that the folder was compiled from; after quantization, if it was."""
    model = report["model"]
    quantized = model.get("quantized")
    if quantized and file.sha256 == model["sha256"]:
        raise UsageError(
            f"{file.path}: it was quantized when {directory} was compiled",
            "judge by the file that tinyc quantize writes with the same samples and effort",
        )
    if file.sha256 != (quantized["sha256"] if quantized else model["sha256"]):
        raise UsageError(f"{file.path} is not the model that {directory} was compiled from")


def _options(report: dict[str, Any], board: Board) -> Options:
    """What a firmware folder was compiled with, as far as judging it needs that."""
    model = report["model"]
    shapes = tuple((one["input"], tuple(one["shape"])) for one in model.get("shapes", ()))
    return Options(board, report["reference"], signature=model.get("signature"), shapes=shapes)


def stored_vectors(directory: Path, files: Mapping[str, bytes], graph: Graph) -> Vectors:
    """The test vectors of a firmware folder. Raises UsageError where they are not of its model."""
    path = directory / "vectors.npz"
    if path.name not in files:
        raise UsageError(f"{directory}: report.json does not list {path.name}")
    inputs, expected = read_arrays(path, "in"), read_arrays(path, "out")
    counts = {len(array) if array.ndim else 0 for array in (*inputs, *expected)}
    ports = (*graph.inputs, *graph.outputs)
    shapes = [(array.shape[1:], array.dtype) for array in (*inputs, *expected)]
    wanted = [(port.type.shape, DTYPES.get(port.type.dtype)) for port in ports]
    if any(tensor.type.dtype not in DTYPES for tensor in graph.tensors.values()):
        raise UsageError(f"{directory}: report.json names a type that no tensor has")
    if shapes != wanted or len(inputs) != len(graph.inputs) or len(counts) != 1 or counts == {0}:
        raise UsageError(f"{path}: holds no test vectors of this model")
    return Vectors(inputs, expected, "stored")


def run_built(
    place: Path,
    name: str,
    graph: Graph,
    report: dict[str, Any],
    vectors: Vectors,
    board: Board,
    emulator: str,
    *,
    profile: bool,
    cycles: bool,
    progress: Progress,
) -> RunResult:
    """Build the folder at `place`, run it and compare. graph: for the types at the borders."""
    progress(f"build and run on {board.name}")
    samples = raw_vectors(vectors, graph)
    raw, first_sample = pack_vectors(samples), pack_vectors(samples[:1])
    demo = build(place, board, name=name, emulator=emulator)
    run = emulate(demo.elf, raw, board, emulator, _RUN_SECONDS)
    core = model_of(board, emulator) if cycles else None
    total: Estimate | None = None
    if core is not None:
        progress("estimate cycles")
        total = estimate_run(demo, first_sample, board, name, core, _RUN_SECONDS)
    spent: tuple[int, ...] = ()
    each: dict[int, Estimate] = {}
    if profile and not board.is_host:
        progress("count instructions per layer")
        counted = build(place, board, name=name, variant="profile", emulator=emulator)
        spent = emulate(counted.elf, raw, board, emulator, _RUN_SECONDS).layer_instructions
        if core is not None:
            each = estimate_layers(counted, first_sample, board, core, _RUN_SECONDS)
    inner = split_outputs(run.outputs, graph)
    outputs = tuple(
        np.stack([from_port(p, graph, y) for y in array])
        for p, array in zip(graph.outputs, inner, strict=True)
    )
    found = mismatches(vectors.expected, outputs)
    summary = run_report(report, board, emulator, vectors, run, outputs, sum(n for n, _ in found), spent)
    if core is not None and total is not None:
        summary = with_cycles(summary, core, total, each)
    return RunResult(summary, report, board, outputs, tuple(m for _, first in found for m in first))


def check_layers(source: Source, options: Options, vectors: Vectors, emulator: str) -> tuple[LayerCheck, ...]:
    """Every intermediate tensor of the unreduced network, layer by layer, against the reference's."""
    graph = unreduced(source.graph)
    plan = plan_layers(graph, instruction_sets(options))
    last = Vectors(
        tuple(x[-1:] for x in vectors.inputs), tuple(y[-1:] for y in vectors.expected), vectors.judge
    )
    expected = _with_made(graph, last, _expected_tensors(source, last))
    name = "layers"
    with temporary_folder() as temporary:
        place = temporary / "firmware"
        head = banner(source.file, options)
        folder.fill(generate(plan, options.board, name, "resident", head, library=options.library), place)
        traced = build(place, options.board, name=name, variant="trace", emulator=emulator)
        raw = pack_vectors(raw_vectors(last, graph))
        run = emulate(traced.elf, raw, options.board, emulator, _RUN_SECONDS)
    return compare_layers(graph, run, expected)


def _with_made(graph: Graph, vectors: Vectors, expected: dict[str, Array]) -> dict[str, Array]:
    """Add what numpy computes of tensors that passes made: bytes in front of an op that moved floats."""
    if graph.is_float or all(op.outputs[0] in expected for op in graph.ops):
        return expected
    inputs = zip(graph.inputs, vectors.inputs, strict=True)
    return evaluate(graph, {p.tensor: to_port(p, graph, x[-1]) for p, x in inputs}) | expected


def _expected_tensors(source: Source, vectors: Vectors) -> dict[str, Array]:
    """Every tensor of the network by name, for one sample."""
    file, graph = source.file, source.graph
    if source.is_dynamic:
        return float_tensors(graph, vectors, None, lambda _, y: ("", y))
    if source.is_onnx:
        inside = {value.name: (name, value) for name, value in source.values.items() if name in graph.tensors}

        def of_onnx(key: int | str, y: Array) -> tuple[str, Array]:
            name, value = inside.get(str(key), ("", None))
            fits = value is not None and y.size == graph.type(name).elements
            return (name, value.inside(y, graph.type(name).shape)) if value is not None and fits else ("", y)

        return float_tensors(graph, vectors, str(file.path), of_onnx)
    names = tensor_names(file.data, file.name)
    if graph.is_float:
        return float_tensors(graph, vectors, file.data, lambda key, y: (names[int(key)], y))
    return with_parts(expected_tensors(file.data, names, graph, vectors), graph)
