"""report.json and the JSON of `tinyc run`, schema 1 (DESIGN section 9)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from tinyc.costs.choice import goal_of, why
from tinyc.costs.footprint import Costs
from tinyc.cycles import Core, Estimate
from tinyc.emulate import RawRun
from tinyc.frontends.source import ModelFile
from tinyc.ir import Array, Graph, Op
from tinyc.kernels.base import Lowering
from tinyc.kernels.cost import Level, work_of
from tinyc.options import Options
from tinyc.plain import plain
from tinyc.schedule import Plan
from tinyc.target.boards import Board
from tinyc.verify.expected import Vectors
from tinyc.verify.vectors import interface, sha256_of


def compile_report(
    source: Graph,
    plan: Plan,
    plans: Sequence[Plan],
    file: ModelFile,
    name: str,
    options: Options,
    costs: Costs,
    level: Level,
) -> dict[str, Any]:
    """Return report.json.

    source: the network as its file has it; plans: by the kernels of first choice; name: C identifier; costs, level: of
    the built firmware.
    """
    footprint, stack = costs.footprint, costs.stack
    total = None if stack is None else plan.arena + footprint.static + stack
    bound = plan.lower_bound if stack is None else plan.lower_bound + footprint.static + stack
    return {
        "schema": 1,
        "model": {
            "file": file.name,
            "sha256": file.sha256,
            "signature": options.signature,
            "shapes": [{"input": name, "shape": list(shape)} for name, shape in options.shapes],
            "macs": source.macs(),
            "parameters": _parameters(source),
            "precision": "float32" if source.is_float else "int8",
            "quantized": _quantized(file, options),
        },
        "name": name,
        "board": options.board.name,
        "reference": plan.graph.reference,
        "command": options.command,
        "input": {"mode": options.input_mode, "reads_per_row_max": plan.reads_per_row},
        "interface": interface(plan.graph),
        "ram": {
            "total": total,
            "arena": plan.arena,
            "static": footprint.static,
            "stack": stack,
            "lower_bound": bound,
            "budget": options.ram_budget,
        },
        "flash": {
            "total": footprint.flash,
            "weights": footprint.weights,
            "code": footprint.code,
            "budget": options.flash_budget,
        },
        "schedule": {
            "macs_executed": plan.macs_executed,
            "recompute_ratio": plan.macs_executed / max(plan.graph.macs(), 1),
            "pareto": _pareto((*plans, plan), None if total is None else total - plan.arena),
            "stages": [
                {
                    "kind": s.kind,
                    "ops": [plan.graph.ops[i].origin.index for i in plan.ops_of(s)],
                    "peak": s.peak,
                }
                for s in plan.stages
            ],
        },
        "choice": {"goal": goal_of(options), "level": level},
        "kernels": dict(sorted(costs.kernels.items())),
        "layers": _layers(plan, plans[0], options, level),
    }


def _pareto(plans: Sequence[Plan], fixed: int | None) -> list[dict[str, Any]]:
    """Plans that no other beats in both RAM and MACs. fixed: static data and stack, taken from the chosen plan."""
    points: list[dict[str, Any]] = []
    for plan in sorted(plans, key=lambda p: (p.macs_executed, p.arena)):
        if not points or plan.arena + (fixed or 0) < points[-1]["ram"]:
            points.append(
                {
                    "ram": plan.arena + (fixed or 0),
                    "macs": plan.macs_executed,
                    "reads_per_row_max": plan.reads_per_row,
                }
            )
    return points


def _quantized(file: ModelFile, options: Options) -> dict[str, Any] | None:
    """How a float model became int8: the hash is that of the file `tinyc quantize` writes."""
    if options.calibration is None:
        return None
    made = hashlib.sha256(file.data).hexdigest()
    return {"sha256": made, "effort": options.effort, "calibration": plain(options.calibration.name)}


def _parameters(graph: Graph) -> int:
    """Elements of all weights and biases."""
    trained = {n for op in graph.ops for n in op.inputs[1:] if graph.is_constant(n)}
    return sum(graph.type(n).elements for n in trained)


def _layers(plan: Plan, first: Plan, options: Options, level: Level) -> list[dict[str, Any]]:
    """One entry per op that executes something. index: of the op in the model file; position: in the firmware.

    first: a plan of the same graph by the kernels of first choice.
    """
    graph = plan.graph
    peaks = {i: s.peak for s in plan.stages for i in plan.ops_of(s)}
    kernels = zip(graph.ops, plan.lowerings, first.lowerings, strict=True)
    return [
        {
            "name": op.origin.name,
            "index": op.origin.index,
            "position": i,
            "op": op.origin.kind,
            "kernel": low.symbols,
            "instead_of": None if low.symbols == preferred.symbols else preferred.symbols,
            "why": why(low, preferred, work_of(op, graph), options, level),
            "macs": op.macs(graph.types(op), graph.outs(op)),
            "weights_bytes": low.weights_bytes,
            **_weights(op, low, graph),
            "output_shape": list(graph.type(op.outputs[0]).shape),
            "live_ram": peaks[i],
        }
        for i, (op, low, preferred) in enumerate(kernels)
        if not low.is_view
    ]


def _weights(op: Op, low: Lowering, graph: Graph) -> dict[str, Any]:
    """Bits of flash for each weight of an op, and the share of weights that are 0; 8 and null where it has none."""
    found = [graph.tensors[n] for n in op.trained if graph.is_constant(n)]
    if not found or found[0].data is None:
        return {"weight_bits": 8, "zero_weights": None}
    weights = found[0].data
    bits = low.weight_bits or 8 * weights.dtype.itemsize
    return {"weight_bits": round(bits, 3), "zero_weights": round(float((weights == 0).mean()), 3)}


def run_report(
    report: dict[str, Any],
    board: Board,
    emulator: str,
    vectors: Vectors,
    run: RawRun,
    outputs: tuple[Array, ...],
    differing: int,
    spent: Sequence[int],
) -> dict[str, Any]:
    """The JSON of `tinyc run`. differing: output elements unlike the judge's.

    spent: instructions by the ops' positions in the firmware, views included; empty where they were not counted.
    """
    elements = sum(int(a.size) for a in outputs)
    macs = report["model"]["macs"]
    instructions = round(sum(run.instructions) / len(run.instructions)) if run.instructions else None
    fixed = report["ram"]["arena"] + report["ram"]["static"]
    stack = run.stack_high_water
    layers = (
        [{**layer, "instructions": spent[layer["position"]]} for layer in report["layers"]] if spent else []
    )
    return {
        "schema": 1,
        "board": board.name,
        "emulator": emulator,
        "emulated": board.emulators[emulator].models or board.name,
        "judge": vectors.judge,
        "largest_error": vectors.error,
        "error_bound": vectors.bound,
        "input_notes": list(vectors.notes),
        "samples": vectors.count,
        "elements": elements,
        "mismatches": differing,
        "bit_exact": differing == 0,
        "macs": macs,
        "macs_executed": report["schedule"]["macs_executed"],
        "instructions": instructions,
        "instructions_per_mac": instructions / macs if instructions is not None and macs else None,
        "ram": {
            "measured": None if stack is None else fixed + stack,
            "stack_high_water": stack,
        },
        "layers": layers,
        "outputs_sha256": sha256_of(outputs),
    }


def with_cycles(
    result: dict[str, Any], core: Core, total: Estimate, layers: Mapping[int, Estimate]
) -> dict[str, Any]:
    """The JSON of `tinyc run` with what its first sample is estimated to take. layers: by position, or empty."""
    macs = result["macs"]
    entries = [
        {
            **layer,
            "estimated_cycles": layers[layer["position"]].cycles if layer["position"] in layers else None,
        }
        for layer in result["layers"]
    ]
    return {
        **result,
        "layers": entries if layers else result["layers"],
        "estimated_cycles": total.cycles,
        "estimated_cycles_per_mac": total.cycles / macs if macs else None,
        "cycle_model": core.name,
        "instruction_classes": dict(total.classes),
    }
