"""From a model file to a firmware folder: the pipeline, readable aloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import tinyc
from tinyc.codegen import generate_shared, identifier
from tinyc.costs import fit
from tinyc.costs.builds import Bench, best_build, candidates_of
from tinyc.costs.memory_map import memory_map
from tinyc.costs.report_json import compile_report
from tinyc.emulate import pack_vectors
from tinyc.errors import FitError, UsageError
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.load import Source, channels_last, load_source
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.select import NamedShape
from tinyc.host_model import HostModel
from tinyc.ir import Graph, Reference
from tinyc.options import PORTABLE, Options, Progress, banner, instruction_sets, silent
from tinyc.passes import optimize, unwatched
from tinyc.passes.dump import dump_into
from tinyc.paths import temporary_folder
from tinyc.plain import plain
from tinyc.quantize.file import quantized
from tinyc.quantize.stated.file import stated_file
from tinyc.report.html import report_page
from tinyc.schedule import Plan, Watch, pareto_plans, plan_layers, plan_smallest
from tinyc.target import folder
from tinyc.target.boards import Board, load_board
from tinyc.target.build import build
from tinyc.verify import near
from tinyc.verify.expected import Vectors, float_vectors, judged_vectors, raw_vectors
from tinyc.verify.vectors import Request, pack_arrays


@dataclass(frozen=True, eq=False)
class Compiled:
    """A firmware folder in memory. source: as it was compiled; files: content by path; report: report.json."""

    name: str
    source: Source
    board: Board
    graph: Graph
    plan: Plan
    files: dict[str, str | bytes]
    report: dict[str, Any]
    vectors: Vectors


def open_model(
    model: Path,
    reference: Reference,
    signature: str | None = None,
    shapes: Sequence[NamedShape] = (),
    *,
    in_float: bool = False,
) -> Source:
    """Read a model file as it is compiled: int8, float, or ONNX that has its scales.

    in_float: whether it has to stay float where it is. Raises UsageError for a file that has its scales then.
    """
    stated = stated_file(model, signature, shapes)
    if stated is None:
        return load_source(model, reference, signature, shapes)
    if in_float:
        raise UsageError(
            f"--quantize none: {plain(model.name)} states the scales of its tensors, so it is compiled to int8",
            "leave --quantize out; for float32 take the model from before it was quantized",
        )
    return int8_source(stated, reference)


def int8_source(file: ModelFile, reference: Reference) -> Source:
    """An int8 model file, as the compiler has it in memory."""
    return Source(file, load_tflite(file.data, file.name, reference))


def read_source(model: Path, options: Options, progress: Progress = silent) -> Source:
    """Read a model file, quantized where the options say so."""
    if options.calibration is None:
        return open_model(
            model, options.reference, options.signature, options.shapes, in_float=options.in_float
        )
    file = quantized(
        model,
        options.calibration,
        options.effort,
        options.signature,
        options.shapes,
        progress,
        options.preprocess,
        options.precision,
    ).file
    return int8_source(file, options.reference)


def export_model(
    model: Path, reference: Reference, signature: str | None = None, shapes: Sequence[NamedShape] = ()
) -> bytes:
    """Return a model file's graph, before any pass, as the bytes of a .tflite file."""
    return _exported(open_model(model, reference, signature, shapes))


def _exported(source: Source) -> bytes:
    told = f"written by tinyc {tinyc.__version__} from {plain(source.file.name)}"
    return export_tflite(channels_last(source.graph), told)


def compile_model(
    model: Path,
    options: Options,
    request: Request,
    progress: Progress = silent,
    workshop: Path | None = None,
    dump: Path | None = None,
) -> Compiled:
    """The whole way from a model file to a firmware folder held in memory; raises a TinycError where it cannot go.

    workshop: an empty folder where the firmware is built and left; a temporary one where None; dump: a folder
    that gets the graph after each pass.
    """
    progress("read the model")
    read = read_source(model, options, progress)
    file, source = read.file, read.graph
    name = identifier(options.name or model.stem)
    if options.input_mode == "rows" and source.inputs[0].tensor in {p.tensor for p in source.inputs[1:]}:
        raise UsageError("--input rows: the model's first input is another of its inputs, too")
    fit.check_possible(source, options.board, rows_in=options.input_mode == "rows")
    progress("optimise and schedule")
    graph = optimize(source, unwatched if dump is None else dump_into(dump))
    watch = Watch(progress, options.effort)
    plans = pareto(graph, options, watch)
    progress("compute the expected outputs")
    vectors = expected_vectors(read, graph, request)
    progress("generate and build the firmware")
    with temporary_folder() if workshop is None else nullcontext(workshop) as place:
        nearest = plans[0]
        try:
            built = best_build(graph, plans[0], Bench(file, name, options, place, progress, watch))
            nearest = built.plan
            report = compile_report(source, built.plan, plans, file, name, options, built.costs, built.level)
            report["schedule"]["search"] = {"effort": options.effort, "interrupted": watch.is_stopped}
            fit.check_fit(report, built.plan, options, built.least)
        except FitError as problem:
            ways = smaller_ways(graph, plans, options)
            hint = problem.hint or fit.advice(plans[0], nearest, ways, options.board, options.ram_budget)
            raise FitError(problem.message, hint) from problem
    files = built.files | packed(vectors, graph)
    return Compiled(name, read, options.board, graph, built.plan, files, report, vectors)


def expected_vectors(source: Source, graph: Graph, request: Request) -> Vectors:
    """Test inputs, and what the firmware has to compute. graph: the source's, optimised.

    A float file is judged as it is; one of which the runtimes compute something else than its float numbers say, as
    `tinyc export` writes it.
    """
    if near.bound_of(source.graph) is None and not source.is_onnx:
        return judged_vectors(source.file.data, source.graph, request)
    host = host_model(plan_layers(graph, PORTABLE), source.file, ("Generated by tinyc.",))
    judged = str(source.file.path) if source.is_onnx else source.file.data
    return float_vectors(
        _exported(source) if source.is_dynamic else judged, source.graph, request, host.infer
    )


def host_model(plan: Plan, file: ModelFile, head: Sequence[str]) -> HostModel:
    """The generated C, built natively with -O2. head: first lines of its files."""
    name = "model"
    with temporary_folder() as place:
        firmware = place / "firmware"
        board = load_board("host")
        folder.fill(generate_shared(plan, board, name, tuple(head)), firmware)
        library = build(firmware, board, name=name, variant="shared").elf
        return HostModel(library, name, plan.graph, plan.arena, file.name)


def pareto(graph: Graph, options: Options, watch: Watch | None = None) -> tuple[Plan, ...]:
    """Return the plans by the preferred kernels, with less and less memory and more and more work."""
    rows_in = options.input_mode == "rows"
    watch = watch or Watch(effort=options.effort)
    return pareto_plans(graph, instruction_sets(options), rows_in=rows_in, cpu=options.board.cpu, watch=watch)


def smaller_ways(graph: Graph, plans: tuple[Plan, ...], options: Options) -> Iterator[fit.Way]:
    """What else could be asked for where `plans` are too large: plans of less RAM, least change first."""

    def budget(plan: Plan) -> str:
        return "" if options.ram_budget is not None else f" --ram-budget {plan.arena + _STACK}"

    if options.ram_budget is None:
        yield from (fit.Way(budget(plan).strip(), plan) for plan in plans[1:])
        if options.optimize != "ram":
            yield fit.Way("--optimize ram", candidates_of(graph, options).least_ram()[0].plan)
    if options.input_mode == "rows" or len(graph.type(graph.inputs[0].tensor).shape) < _IMAGE_RANK:
        return
    for number, plan in enumerate(pareto(graph, replace(options, input_mode="rows"))):
        yield fit.Way("--input rows" + (budget(plan) if number else ""), plan)


_STACK = 512
"""What a budget of total RAM needs beyond an arena."""

_IMAGE_RANK = 3
"""From which on an input has rows; below, it is one."""


def write_folder(compiled: Compiled, out: Path) -> tuple[str, ...]:
    """Write the firmware folder, over an older one of ours; what of somebody else's was in it and was kept."""
    page = report_html(compiled.report, compiled.board, compiled.plan)
    return folder.write({**compiled.files, "report.html": page}, compiled.report, out)


def report_html(
    report: dict[str, Any], board: Board, plan: Plan | None, run: dict[str, Any] | None = None
) -> str:
    """The report as a page that needs no other file.

    plan: None where only the firmware is there; run: the JSON of `tinyc run`.
    """
    memory = memory_map(plan) if plan else None
    return report_page(report, memory, board.ram_bytes, board.flash_bytes, f"tinyc {tinyc.__version__}", run)


def packed(vectors: Vectors, graph: Graph) -> dict[str, str | bytes]:
    """vectors.npz (the model's own interface) and vectors.bin (the C API's bytes)."""
    arrays = {f"in{i}": a for i, a in enumerate(vectors.inputs)}
    arrays |= {f"out{i}": a for i, a in enumerate(vectors.expected)}
    return {
        "vectors.npz": pack_arrays(arrays),
        "vectors.bin": pack_vectors(raw_vectors(vectors, graph)),
    }


def load(
    model: str | Path,
    reference: Literal["litert", "tflm"] = "litert",
    *,
    signature: str | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> HostModel:
    """The model as a Python callable, by generated C built natively with -O2: tinyc.load(MODEL)(x).

    signature, shapes: as --signature and --shape, of a model that leaves them open; shapes by name of the input.
    Raises a TinycError where the model cannot be compiled or gcc is missing.
    """
    named = [(name, tuple(shape)) for name, shape in (shapes or {}).items()]
    return host_of(open_model(Path(model), reference, signature, named), reference)


def host_of(source: Source, reference: Reference) -> HostModel:
    """A model that was read, as a Python callable."""
    command = f"tinyc.load({source.file.name!r})"
    options = Options(load_board("host"), reference, kernels="scalar", command=command)
    plan = plan_smallest(optimize(source.graph), instruction_sets(options))
    return host_model(plan, source.file, banner(source.file, options))
