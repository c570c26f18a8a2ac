"""Dense layers of ternary weights: inputs that make no whole code, many outputs, and what they may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tests.kernels.on_board import differing, in_pieces, instructions, plan_of
from tests.stub_model import needs_qemu
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


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("reference", ["litert", "tflm"])
@pytest.mark.parametrize("board", BOARDS)
def test_kernels_equal_numpy(board: str, reference: str, tmp_path: Path) -> None:
    """TFLM rounds twice."""
    table, facts = Table(seed=3, ternary=True), load_board(board)
    table.reference = "tflm" if reference == "tflm" else "litert"
    shapes(table)
    assert facts.ram_bytes is not None
    for number, graph in enumerate(in_pieces(table.graph(), facts.ram_bytes // 2)):
        samples = [table.bytes(graph, extreme) for extreme in (True, False)]
        wrong, kernels = differing(graph, samples, facts, facts.isa, tmp_path / str(number))
        assert not wrong, "\n".join(wrong)
        assert all("ternary" in kernel for kernel in kernels)


#: The least by which int8 weights of 32 inputs take more instructions.
GAINS = {"microbit": 2.2, "mps2-an385": 1.6, "hifive1-revb": 1.45}


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


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize(("depth", "out"), [(640, 128), (128, 640), (32, 1000), (12, 300)])
def test_scratch_leaves_room_for_the_stack_in_what_ram_may_grow_by(depth: int, out: int, board: str) -> None:
    table = Table(seed=8, ternary=True)
    table.dense(depth, out, RELU)
    (low,) = plan_of(table.graph(), load_board(board).isa, "").lowerings
    assert "ternary" in low.symbols
    assert low.scratch_bytes <= 2300
