"""Running a graph in the emulator, with the kernels of chosen instruction sets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinyc.codegen import generate
from tinyc.emulate import RawRun, choose_emulator, pack_vectors, run
from tinyc.ir import Array, Graph, Op
from tinyc.kernels import each_lowering
from tinyc.ops.evaluate import evaluate
from tinyc.schedule import Plan
from tinyc.schedule.planner import Search
from tinyc.target import folder
from tinyc.target.boards import Board
from tinyc.target.build import Variant, build
from tinyc.target.encodings import check_encodings


def in_pieces(graph: Graph, most: int) -> tuple[Graph, ...]:
    """The graph's ops, which are independent, as graphs whose inputs and outputs take up to `most` bytes together."""
    pieces: list[list[Op]] = []
    left = 0
    for op in graph.ops:
        size = sum(
            graph.type(n).elements for n in (*op.inputs, *op.outputs) if n and not graph.is_constant(n)
        )
        if size > left or not pieces:
            pieces.append([])
            left = most
        pieces[-1].append(op)
        left -= size
    return tuple(_piece(graph, ops) for ops in pieces)


def _piece(graph: Graph, ops: list[Op]) -> Graph:
    names = {n for op in ops for n in (*op.inputs, *op.outputs) if n}
    return Graph(
        graph.name,
        {n: t for n, t in graph.tensors.items() if n in names},
        tuple(ops),
        tuple(p for p in graph.inputs if p.tensor in names),
        tuple(p for p in graph.outputs if p.tensor in names),
        graph.reference,
    )


def differing(
    graph: Graph,
    samples: Sequence[dict[str, Array]],
    board: Board,
    isas: tuple[str, ...],
    place: Path,
    library: Path | None = None,
    among: str = "",
) -> tuple[list[str], set[str]]:
    """Ops whose bytes differ from numpy's, one line each, and the kernels that were used.

    among: a pattern of the name of a kernel that comes before others.
    """
    plan = plan_of(graph, isas, among)
    values = [evaluate(graph, sample) for sample in samples]
    result = _emulated(plan, list(zip(samples, values, strict=True)), board, place, library)
    names = [p.tensor for p in graph.outputs]
    wrong: list[str] = []
    for sample, (raw, v) in enumerate(zip(result.outputs, values, strict=True)):
        at = 0
        for op, name, low in zip(graph.ops, names, plan.lowerings, strict=True):
            want = v[name]
            got = np.frombuffer(raw, np.int8, want.size, at).reshape(want.shape)
            at += want.size
            if (bad := got != want).any():
                where = tuple(map(int, np.argwhere(bad)[0]))
                wrong.append(
                    f"sample {sample}: {op.origin} by {low.symbols}: {int(bad.sum())} of {want.size} differ, "
                    f"first at {where}: {got[where]} for {want[where]}"
                )
    return wrong, {call.symbol for low in plan.lowerings for call in low.calls}


def plan_of(graph: Graph, isas: tuple[str, ...], among: str) -> Plan:
    """Layer by layer, each by the first kernel whose name matches, else by the first."""
    ways = [tuple(each_lowering(op, graph, isas)) for op in graph.ops]
    chosen = tuple(next((low for low in way if re.search(among, low.symbols)), way[0]) for way in ways)
    return Search(graph, chosen, rows_in=False).layers()


def instructions(
    graph: Graph, sample: dict[str, Array], board: Board, isas: tuple[str, ...], place: Path, among: str = ""
) -> int:
    """Executed by one inference in QEMU, the same in every run."""
    plan = plan_of(graph, isas, among)
    return _emulated(plan, [(sample, evaluate(graph, sample))], board, place).instructions[0]


def profile(plan: Plan, sample: dict[str, Array], board: Board, place: Path) -> tuple[int, ...]:
    """Instructions of each op in one inference."""
    return _emulated(
        plan, [(sample, evaluate(plan.graph, sample))], board, place, variant="profile"
    ).layer_instructions


def _emulated(
    plan: Plan,
    samples: list[tuple[dict[str, Array], dict[str, Array]]],
    board: Board,
    place: Path,
    library: Path | None = None,
    variant: Variant = "demo",
) -> RawRun:
    """samples: inputs and all values of each."""
    folder.fill(generate(plan, board, "table", "resident", ("test",), library=library), place)
    emulator = choose_emulator(board, "qemu")
    demo = build(place, board, name="table", variant=variant, emulator=emulator)
    check_encodings(demo.elf, board)  # as the command does
    packed = [
        (
            b"".join(inputs[p.tensor].tobytes() for p in plan.graph.inputs),
            b"".join(values[p.tensor].tobytes() for p in plan.graph.outputs),
        )
        for inputs, values in samples
    ]
    return run(demo.elf, pack_vectors(packed), board, emulator, 120.0)
