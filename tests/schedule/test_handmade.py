"""What no front end makes yet, from graphs made by hand: ops with two outputs, states, windows of other elements."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from tinyc import kernels
from tinyc.codegen import generate
from tinyc.errors import InternalError
from tinyc.ir import (
    Graph,
    Op,
    Operand,
    Operands,
    Origin,
    Port,
    Quant,
    Region,
    State,
    Tensor,
    TensorType,
    to_text,
    verify,
)
from tinyc.kernels.access import RowSegment, RowWindow, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result
from tinyc.kernels.copy import piece_call
from tinyc.memory import check
from tinyc.ops.add import Add
from tinyc.ops.byte_table import ByteTable
from tinyc.schedule import Plan, plan_layers, plan_smallest, planner
from tinyc.schedule.lines import Blocks
from tinyc.schedule.replay import events
from tinyc.schedule.rows import choose_rows, rows_along
from tinyc.schedule.tasks import tasks_of
from tinyc.target.boards import load_board

ORIGIN = Origin("hand", 0, "OP", "y")
Q = Quant((0.5,), (0,))
NEXT = bytes((b + 1) % 256 for b in range(256))


@dataclass(frozen=True)
class Split(Op):
    """Two halves of the channels."""

    kind: ClassVar[str] = "split"
    x = Operand(0)

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        *outer, channels = types.x.shape
        return ((*outer, channels // 2),) * 2

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        return region


def split_lowering(graph: Graph, op: Op) -> Lowering:
    height, width, channels = graph.type(op.outputs[0]).hwc
    units = height * width
    calls = [
        replace(
            piece_call(units, channels, 0, in_pitch=2 * channels, in_offset=half * channels),
            writes=(Result(Units(units), half),),
        )
        for half in range(2)
    ]
    return Lowering(tuple(calls))


def graph_of(ops: Sequence[Op], tensors: dict[str, TensorType], outs: Sequence[str], **more: Any) -> Graph:
    ports = [Port(n, n, tensors[n]) for n in ("x", *outs)]
    table = {n: Tensor(n, kind) for n, kind in tensors.items()}
    return verify(Graph("hand", table, tuple(ops), (ports[0],), tuple(ports[1:]), **more))


def run_c(plan: Plan, folder: Path, body: str) -> bytes:
    """Standard output of a main function with `body` after the generated model, built for this machine."""
    for name, text in generate(plan, load_board("host"), "m", "resident", ("test",)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    main = f'#include "m.h"\n#include <stdio.h>\nint main(void) {{ {body} return 0; }}\n'
    (folder / "try.c").write_text(main)
    sources = [
        "try.c",
        "m.c",
        "m_weights.c",
        *(str(f.relative_to(folder)) for f in folder.glob("runtime/src/kernels/*/*.c")),
    ]
    flags = (
        "-std=c11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsanitize=address,undefined",
        "-I.",
        "-Iruntime/include",
    )
    subprocess.run(("gcc", *flags, *sources, "-o", "try"), cwd=folder, check=True)
    return subprocess.run((folder / "try",), capture_output=True, check=True).stdout


@pytest.mark.parametrize("planner_of", [plan_layers, plan_smallest])
def test_an_op_with_two_outputs(planner_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both halves are streamed, one of them goes on through another op."""
    whole, half = TensorType((1, 6, 4, 4), "int8", Q), TensorType((1, 6, 4, 2), "int8", Q)
    ops = (
        ByteTable(("x",), ("t",), ORIGIN, NEXT),
        Split(("t",), ("a", "b"), ORIGIN),
        ByteTable(("b",), ("c",), ORIGIN, NEXT),
    )
    graph = graph_of(ops, {"x": whole, "t": whole, "a": half, "b": half, "c": half}, ("a", "c"))
    monkeypatch.setattr(
        planner,
        "lower",
        lambda op, g, isas: split_lowering(g, op) if isinstance(op, Split) else kernels.lower(op, g, isas),
    )
    plan = planner_of(graph, ("ref",))
    assert all(task.by_row for task in plan.tasks)
    body = """
        int8_t x[96], a[48], c[48];
        for (int i = 0; i < 96; i++) { x[i] = (int8_t)(3 * i); }
        m_run_copy(x, a, c);
        fwrite(a, 1, 48, stdout);
        fwrite(c, 1, 48, stdout);
    """
    x = (3 * np.arange(96)).astype(np.int8).reshape(-1, 4)
    # ByteTable's entries are by byte, from -128 on.
    entries = np.frombuffer(NEXT, np.int8)
    t = entries[x.astype(int) + 128]
    expected = t[:, :2].tobytes() + entries[t[:, 2:].astype(int) + 128].tobytes()
    assert run_c(plan, tmp_path, body) == expected


def counter() -> Graph:
    """y = x + s, and s becomes y; a further op needs room after s has been read."""
    kind = TensorType((1, 4, 3, 2), "int8", Q)
    ops = (
        Add(("x", "s"), ("y",), ORIGIN),
        ByteTable(("y",), ("z",), ORIGIN, NEXT),
        ByteTable(("z",), ("out",), ORIGIN, NEXT),
    )
    state = State("s", "y", np.full(kind.shape, 5, np.int8))
    return graph_of(ops, dict.fromkeys(("x", "s", "y", "z", "out"), kind), ("out",), states=(state,))


@pytest.mark.parametrize("planner_of", [plan_layers, plan_smallest])
def test_a_state_outlives_the_inference(planner_of: Any, tmp_path: Path) -> None:
    plan = planner_of(counter(), ("ref",))
    body = """
        int8_t x[24] = {1, 2, 3}, out[24];
        m_reset();
        for (int i = 0; i < 3; i++) {
            m_run_copy(x, out);
            fwrite(out, 1, 24, stdout);
        }
    """
    got = np.frombuffer(run_c(plan, tmp_path, body), np.int8).reshape(3, 24)
    entries = np.frombuffer(NEXT, np.int8)
    sums = 5 + np.outer(np.arange(1, 4), [1, 2, 3] + [0] * 21)
    assert (got == entries[entries[sums + 128].astype(int) + 128]).all()


def test_states_are_part_of_the_text_and_verified() -> None:
    graph = counter()
    assert "  state s: int8[1, 4, 3, 2] (s=0.5 z=0), then y\n" in to_text(graph)
    (state,) = graph.states
    for wrong in (
        replace(state, next="s"),
        replace(state, tensor="x"),
        replace(state, next="nothing"),
        replace(state, initial=np.zeros(3, np.int8)),
    ):
        with pytest.raises(InternalError):
            verify(replace(graph, states=(wrong,)))


@pytest.mark.parametrize("over", ["x", "y", "out"])
def test_the_checker_finds_a_state_that_is_lost(over: str) -> None:
    """Two inferences are replayed: what the first does to the state, the second sees."""
    plan = plan_smallest(counter(), ("ref",))
    check(events(plan, inferences=2), plan.arena)
    moved = {**plan.buffers, over: replace(plan.buffers[over], offset=plan.buffers["s"].offset, ring=4)}
    with pytest.raises(InternalError):
        check(events(replace(plan, buffers=moved), inferences=2), plan.arena + 100)


@dataclass(frozen=True)
class Columns(Op):
    """Sums of two neighbouring rows, of any element type."""

    kind: ClassVar[str] = "columns"
    x = Operand(0)

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        return (types.x.shape,)


@pytest.mark.parametrize(
    ("dtype", "short", "ctype"),
    [("int16", "s16", "int16_t"), ("float32", "f32", "float"), ("uint8", "s8", "int8_t")],
)
def test_a_window_of_any_element(dtype: str, short: str, ctype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row pointers have the type that kernels take (uint8 as int8), and the pitch counts elements."""
    kind = TensorType((1, 5, 3, 2), dtype)
    graph = graph_of((Columns(("x",), ("y",), ORIGIN),), {"x": kind, "y": kind}, ("y",))
    call = Call(
        "tc_max_pool2d_s8_ref", "pool", (), (Argument(0, RowWindow(2, top=1)),), (), (Result(RowSegment()),)
    )
    monkeypatch.setattr(planner, "lower", lambda op, g, isas: Lowering((call,)))
    text = generate(plan_smallest(graph, ("ref",)), load_board("host"), "m", "resident", ("test",))["m.c"]
    assert f"const {ctype} *rows[2];" in text
    assert f"tc_window_{short}(rows, 2, AT({ctype}, m_x), y - 1, 1, 5, 6, 5);" in text


def test_rows_are_a_view_not_the_rank() -> None:
    """[1, 1, T, C] and rank 5 along any dimension that only ones precede."""
    line = TensorType((1, 1, 9, 4), "int8", Q)
    ops = (ByteTable(("x",), ("y",), ORIGIN, NEXT),)
    graph = graph_of(ops, {"x": line, "y": line}, ("y",))
    lowerings = [kernels.lower(op, graph, ("ref",)) for op in graph.ops]
    (task,) = tasks_of(graph, lowerings, choose_rows(graph, lowerings), rows_in=False, blocks=Blocks(4, 4))
    assert task.writes == (((0, 4),), ((4, 8),), ((8, 9),))
    views = dict.fromkeys(("x", "y"), rows_along(line, 2))
    (task,) = tasks_of(graph, lowerings, views, rows_in=False)
    assert task.by_row and task.firings == 9 and views["x"].row_bytes == 4
    deep = rows_along(TensorType((1, 1, 7, 3, 5), "int16"), 2)
    assert (deep.count, deep.columns, deep.column_bytes) == (7, 3, 10)
