"""Depthwise layers of ternary weights beside the same with int8 weights, on cores without SIMD."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Bytes, Table
from tests.kernels.on_board import instructions, plan_of
from tests.stub_model import needs_qemu
from tinyc.ops.window import Window
from tinyc.target.boards import load_board

SHAPES = {
    "3x3": ((8, 8, 64), Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1))),
    "3x3/2": ((16, 16, 32), Window((3, 3), (2, 2), (1, 1), (0, 0, 1, 1))),
    "5x5": ((8, 8, 64), Window((5, 5), (1, 1), (1, 1), (2, 2, 2, 2))),
    "few channels": ((8, 8, 8), Window((3, 3), (1, 1), (1, 1), (1, 1, 1, 1))),
}
#: The least by which they take more, behind no activation, behind ReLU, and behind a ReLU6 of another zero point.
GAINS = {
    ("microbit", "3x3"): (2.6, 2.9, 2.55),
    ("microbit", "3x3/2"): (2.5, 2.6, 2.7),
    ("microbit", "5x5"): (2.6, 2.8, 2.6),
    ("microbit", "few channels"): (2.7, 2.9, 2.6),
    ("mps2-an385", "3x3"): (1.9, 2.0, 1.95),
    ("mps2-an385", "3x3/2"): (1.84, 1.9, 1.9),
    ("mps2-an385", "5x5"): (1.8, 1.85, 1.83),
    ("mps2-an385", "few channels"): (1.5, 1.55, 1.55),
    ("hifive1-revb", "3x3"): (2.2, 2.4, 2.6),
    ("hifive1-revb", "3x3/2"): (1.97, 2.1, 2.25),
    ("hifive1-revb", "5x5"): (2.35, 2.5, 2.6),
    ("hifive1-revb", "few channels"): (2.25, 2.4, 2.6),
}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(("board", "shape"), GAINS)
def test_they_take_a_fraction_of_the_instructions(board: str, shape: str, tmp_path: Path) -> None:
    facts = load_board(board)
    for to, gain in zip((LINEAR, RELU, CLAMPED), GAINS[board, shape], strict=True):
        spent = []
        for is_ternary in (True, False):
            table = Table(seed=8, ternary=is_ternary)
            table.depthwise(*SHAPES[shape], to)
            graph = table.graph()
            sample = table.bytes(graph, False)
            place = tmp_path / f"{to.zero_point} {is_ternary}"
            spent.append(instructions(graph, sample, facts, facts.isa, place))
        assert spent[0] * gain <= spent[1]


@pytest.mark.parametrize("zero_point", [-20, 3])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("board", ["microbit", "mps2-an385", "hifive1-revb"])
def test_layers_without_relu_are_packed(board: str, shape: str, zero_point: int) -> None:
    table = Table(seed=8, ternary=True)
    table.depthwise(*SHAPES[shape], Bytes(zero_point))
    (low,) = plan_of(table.graph(), load_board(board).isa, "").lowerings
    assert "ternary" in low.symbols
    assert low.scratch_bytes <= 2560 - 80
