"""Dense layers of ternary weights: inputs that make no whole code, many outputs, and what they may take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.kernels.float_host import computed
from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tests.kernels.on_board import differing, in_pieces, instructions, plan_of
from tests.stub_model import needs_qemu
from tinyc.ops.evaluate import evaluate
from tinyc.ops.window import Window
from tinyc.target.boards import load_board

BOARDS = ("microbit", "mps2-an385", "mps2-an386", "hifive1-revb", "mps3-an547")


def shapes(t: Table) -> None:
    for depth in (
        41,
        42,
        43,
        58,
    ):  # one to three inputs in no code, by tables, for more outputs than are summed together
        t.dense(depth, 131 + depth % 2, RELU, vectors=1 + depth % 2)
    for depth in (12, 14, 16, 17, 18, 19, 24):  # by small tables
        t.dense(depth, 28 + depth % 5, (LINEAR, CLAMPED)[depth % 2], vectors=1 + depth % 2)
    t.dense(12, 497, CLAMPED)
    t.dense(14, 485, RELU, per_channel=True)


def few(t: Table) -> None:
    """Up to 19 outputs; inputs that make whole codes and parts of sums, and such that do not."""
    for out in range(1, 20):
        for depth in (60 + out % 5, 245 + out % 9):
            t.dense(depth, out, (LINEAR, CLAMPED, RELU)[depth % 3], vectors=1 + depth % 2)
    for out in (2, 4, 5, 10):
        t.dense(514 + out, out, CLAMPED, per_channel=True)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("table_of", [shapes, few])
@pytest.mark.parametrize("reference", ["litert", "tflm"])
@pytest.mark.parametrize("board", BOARDS)
def test_kernels_equal_numpy(
    board: str, reference: str, table_of: Callable[[Table], None], tmp_path: Path
) -> None:
    """TFLM rounds twice."""
    table, facts = Table(seed=3, ternary=True), load_board(board)
    table.reference = "tflm" if reference == "tflm" else "litert"
    table_of(table)
    assert facts.ram_bytes is not None
    for number, graph in enumerate(in_pieces(table.graph(), facts.ram_bytes // 2)):
        samples = [table.bytes(graph, extreme) for extreme in (True, False)]
        wrong, kernels = differing(graph, samples, facts, facts.isa, tmp_path / str(number), among="ternary")
        assert not wrong, "\n".join(wrong)
        # a single output keeps int8 weights with SIMD
        assert table_of is few or all("ternary" in kernel for kernel in kernels)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("reference", ["litert", "tflm"])
@pytest.mark.parametrize(("board", "isa"), [("mps2-an386", "dsp"), ("mps3-an547", "mve")])
def test_vector_kernels_equal_numpy_where_others_come_first(
    board: str, isa: str, reference: str, tmp_path: Path
) -> None:
    """One magnitude of all outputs and one of each; all numbers of outputs that make no block."""
    facts = load_board(board)
    assert facts.ram_bytes is not None
    for number, per_channel in enumerate((False, True)):
        table = Table(seed=5 + number, ternary=per_channel, levels=None if per_channel else (-1, 1, 90))
        table.reference = "tflm" if reference == "tflm" else "litert"
        for out in range(2, 21):
            depth = (60, 64, 83, 162)[out % 4] + number
            table.dense(
                depth, out, (LINEAR, CLAMPED, RELU)[out % 3], vectors=1 + out % 2, per_channel=per_channel
            )
        samples = [table.bytes(table.graph(), extreme) for extreme in (True, False)]
        wrong, kernels = differing(
            table.graph(), samples, facts, facts.isa, tmp_path / str(number), among=f"ternary.*_{isa}"
        )
        assert not wrong, "\n".join(wrong)
        twice = f"tc_fully_connected_ternary_s8_{isa}"
        assert kernels <= {twice, f"tc_fully_connected_ternary_once_s8_{isa}"}
        assert (twice in kernels) == (reference == "tflm")


@pytest.mark.parametrize(
    "isas", [("thumb2", "ref"), ("rv32", "ref"), ("armv6m", "scalar", "ref"), ("scalar", "ref")]
)
def test_portable_c_equals_numpy(isas: tuple[str, ...]) -> None:
    """Of compilers that are given no assembly."""
    table = Table(seed=4, ternary=True)
    few(table)
    graph = table.graph()
    plan = plan_of(graph, isas, "")
    assert all("ternary" in low.symbols for low in plan.lowerings)
    for extreme in (True, False):
        inputs = table.bytes(graph, extreme)
        values = evaluate(graph, inputs)
        found = computed(plan, [inputs[p.tensor] for p in graph.inputs])
        for op, got in zip(graph.ops, found, strict=True):
            assert np.array_equal(got, values[op.outputs[0]]), op.origin


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", ["microbit", "mps2-an386"])
def test_pointwise_layers_of_one_pixel_round_once_where_lines_have_their_bytes(
    board: str, tmp_path: Path
) -> None:
    """So do dense layers of a reference that rounds twice."""
    table, facts = Table(seed=3, ternary=True, reference="tflm"), load_board(board)
    table.conv((1, 1, 64), 96, Window((1, 1)), RELU)
    table.dense(64, 20, RELU)
    graph = table.graph()
    samples = [table.bytes(graph, extreme) for extreme in (True, False)]
    wrong, kernels = differing(graph, samples, facts, facts.isa, tmp_path, among="ternary")
    assert not wrong, "\n".join(wrong)
    assert all("ternary" in kernel and "_once_" in kernel for kernel in kernels)


#: The least by which int8 weights of 32 inputs take more instructions.
GAINS = {"microbit": 2.45, "mps2-an385": 1.6, "hifive1-revb": 1.95}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("board", GAINS)
def test_few_inputs_take_a_fraction_of_the_instructions(board: str, tmp_path: Path) -> None:
    """Inputs that make no whole code are looked up, too, and tables that outputs share are made for many inputs."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board(board)
        table.dense(32, 128, LINEAR)
        graph = table.graph()
        sample = table.bytes(graph, False)
        spent.append(instructions(graph, sample, facts, facts.isa, tmp_path / str(is_ternary)))
    assert spent[0] * GAINS[board] <= spent[1]


#: The least by which they take more: inputs, outputs.
FEW_GAINS = {
    ("microbit", 64, 10): 2.6,
    ("microbit", 128, 10): 2.6,
    ("microbit", 64, 5): 2.3,
    ("microbit", 64, 3): 2.5,
    ("mps2-an385", 256, 64): 1.8,
    ("mps2-an385", 64, 32): 1.8,
    ("mps2-an385", 128, 12): 1.85,
    ("mps2-an385", 64, 16): 1.8,
    ("mps2-an385", 64, 12): 1.8,
    ("mps2-an385", 64, 8): 1.6,
    ("mps2-an385", 64, 4): 1.4,
    ("mps2-an385", 64, 3): 2.5,
    ("mps2-an386", 64, 128): 1.05,
    ("mps2-an386", 128, 128): 1.08,
    ("mps2-an386", 64, 64): 1.02,
    ("hifive1-revb", 640, 128): 2.0,
    ("hifive1-revb", 256, 64): 2.0,
    ("hifive1-revb", 64, 32): 2.0,
    ("hifive1-revb", 64, 12): 1.95,
    ("hifive1-revb", 640, 4): 1.58,
    ("hifive1-revb", 64, 10): 2.1,
    ("mps3-an547", 64, 5): 1.15,
    ("mps3-an547", 64, 1): 1.05,
    ("mps3-an547", 64, 3): 0.85,
    ("mps3-an547", 64, 8): 0.8,
    ("mps3-an547", 64, 12): 0.84,
    ("mps3-an547", 128, 8): 0.8,
    ("mps3-an547", 256, 2): 1.05,
    ("mps3-an547", 256, 8): 0.81,
    ("mps3-an547", 640, 4): 0.99,
}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(("board", "depth", "out"), FEW_GAINS)
def test_few_outputs_take_a_fraction_of_the_instructions(
    board: str, depth: int, out: int, tmp_path: Path
) -> None:
    """Also those that are left where five or ten are computed together."""
    spent = []
    for is_ternary in (True, False):
        table, facts = Table(seed=8, ternary=is_ternary), load_board(board)
        table.dense(depth, out, LINEAR)
        graph = table.graph()
        sample = table.bytes(graph, False)
        spent.append(instructions(graph, sample, facts, facts.isa, tmp_path / str(is_ternary)))
    assert spent[0] * FEW_GAINS[board, depth, out] <= spent[1]


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(("depth", "out"), [(640, 128), (128, 640), (32, 1000), (12, 300)])
def test_scratch_leaves_room_for_the_stack_in_what_ram_may_grow_by(depth: int, out: int, board: str) -> None:
    table = Table(seed=8, ternary=True)
    table.dense(depth, out, RELU)
    (low,) = plan_of(table.graph(), load_board(board).isa, "ternary").lowerings
    assert "ternary" in low.symbols
    assert low.scratch_bytes <= 2300
