"""Weights of few levels: what is packed comes back, and kernels that unpack it compute what int8 weights give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tests.kernels.on_board import differing, in_pieces, instructions
from tests.kernels.test_variants import POINT, same
from tests.stub_model import needs_qemu
from tinyc.kernels import each_lowering
from tinyc.kernels.packing.levels import Blocks, Levels, levels, pack
from tinyc.kernels.variant import Refusal
from tinyc.ops.window import Window
from tinyc.target.boards import load_board

#: Least and greatest multiple, and of which number: of 4 bits and of 2.
FEW = (
    (-8, 7, 1),
    (-2, 1, 1),
    (-1, 2, 42),
    (-7, 7, 18),
    (0, 15, 8),
    (-2, 2, 1),
    (0, 3, 1),
    (-15, 0, 3),
    (-5, 7, 9),
)


def unpacked(words: np.ndarray, parts: tuple[Blocks, ...], found: Levels, pairs: bool) -> list[int]:
    """The words of a stream, weight by weight; pairs: a weight and 256 times the next make a halfword."""
    left, result = [int(w) & 0xFFFFFFFF for w in words], []
    for part in parts:
        for _ in range(part.count):
            result += [left.pop(0) for _ in range(part.head)]
            body: list[int] = []
            while len(body) < part.body:
                word = left.pop(0)
                for place in range(0, 8, found.bits):
                    bytes_ = [word >> 8 * i >> place & 2**found.bits - 1 for i in range(4)]
                    a, b, c, d = ((digit + found.low) * found.step for digit in bytes_)
                    if pairs:
                        body.append((a + 256 * b & 0xFFFF) | (c + 256 * d & 0xFFFF) << 16)
                    else:
                        body.append(sum((w & 0xFF) << 8 * i for i, w in enumerate((a, b, c, d))))
            result += body[: part.body]
            result += [left.pop(0) for _ in range(part.tail)]
    assert not left
    return result


@pytest.mark.parametrize("few", FEW)
@pytest.mark.parametrize("pairs", [False, True])
def test_weights_come_back(few: tuple[int, int, int], pairs: bool) -> None:
    low, high, step = few
    rng = np.random.default_rng(high)
    parts = (Blocks(3, 4, 9, 5), Blocks(0, 1, 2, 3), Blocks(2, 0, 1, 2), Blocks(1, 2, 0, 0))
    words: list[int] = []
    for part in parts:
        for _ in range(part.count):
            weights = rng.integers(low, high + 1, (part.body, 4)) * step
            body = (
                (weights @ (1, 256, 0, 0) & 0xFFFF) | (weights @ (0, 0, 1, 256) & 0xFFFF) << 16
                if pairs
                else (weights & 0xFF) @ 256 ** np.arange(4)
            )
            others = rng.integers(-(2**31), 2**31, part.head + part.tail)
            words += [*others[: part.head], *body, *others[part.head :]]
    found = levels(np.arange(low, high + 1) * step)
    assert isinstance(found, Levels)
    assert found.bits == (2 if high - low < 4 else 4)
    packed = pack(np.array(words, np.int64), parts, found, 16 if pairs else 8)
    assert unpacked(packed, parts, found, pairs) == [w & 0xFFFFFFFF for w in words]
    assert len(packed) < len(words)


@pytest.mark.parametrize("weights", [[-8, 1, 8], [1, 16, 0], [-127, -64, 63, 127], [5, -90], [-128, 2]])
def test_weights_of_more_levels_are_refused(weights: list[int]) -> None:
    assert isinstance(levels(np.array(weights)), Refusal)


def convolutions(t: Table) -> None:
    for at, depth in enumerate((4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127, 257)):
        t.levels = FEW[at % len(FEW)]
        t.conv((1, 7, depth), 4 + depth % 3, POINT, RELU)
    for out in (2, 3, 4, 5, 8, 9, 31):
        t.levels = FEW[out % len(FEW)]
        t.conv((3, 3, 10), out, POINT, LINEAR)
    for pixels in range(1, 10):
        t.levels = FEW[pixels - 1]
        t.conv((1, pixels, 13), 6, POINT, (LINEAR, RELU, CLAMPED)[pixels % 3], bias=pixels > 3)
    t.levels = FEW[0]
    t.conv((3, 4, 130), 37, POINT, LINEAR)  # in several parts
    t.conv((3, 4, 260), 14, POINT, RELU, per_channel=False)
    for spread in (40.0, 0.02):
        t.conv((4, 4, 8), 6, POINT, RELU, spread=spread)


def windows(t: Table) -> None:
    for at, channels in enumerate((1, 2, 3, 4, 5, 8, 11, 16, 33)):
        t.levels = FEW[at]
        t.conv((5, 6, channels), 5, same((5, 6), (3, 3)), LINEAR)
        t.conv((7, 9, channels), 4, same((7, 9), (3, 3), (2, 2)), RELU)
    t.levels = FEW[0]
    t.conv((9, 10, 1), 8, same((9, 10), (10, 4), (2, 2)), RELU)
    t.conv((6, 5, 3), 7, same((6, 5), (5, 5), (3, 2)), CLAMPED)
    t.levels = FEW[1]
    t.conv((9, 11, 4), 6, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), LINEAR)
    t.conv((9, 11, 5), 3, Window((2, 3), (2, 1), (3, 2), (1, 2, 0, 3)), LINEAR)
    t.levels = FEW[2]
    t.conv((4, 20, 3), 9, same((4, 20), (3, 3), (1, 4)), LINEAR, per_channel=False)
    t.conv((6, 6, 8), 8, Window((1, 1), (2, 2)), LINEAR)
    t.conv((3, 40, 24), 22, same((3, 40), (3, 3)), CLAMPED)  # in several parts of several blocks of pixels
    t.conv((4, 4, 64), 11, same((4, 4), (3, 3)), LINEAR, bias=False)


def dense(t: Table) -> None:
    for depth in (4, 5, 6, 7, 8, 9, 15, 16, 17, 33, 64, 130, 300):
        t.levels = FEW[depth % len(FEW)]
        t.dense(depth, 6 + depth % 5, (RELU, LINEAR, CLAMPED)[depth % 3], per_channel=depth % 2 == 0)
    for out in (2, 3, 4, 5, 7, 8, 9, 16, 31, 33):
        t.levels = FEW[out % len(FEW)]
        t.dense(21 + out, out, LINEAR, bias=out % 2 == 0, vectors=1 + out % 3)
    t.levels = FEW[0]
    t.dense(620, 9, RELU, vectors=2)


def dense_twice(t: Table) -> None:
    t.reference = "tflm"
    dense(t)


def names(isa: str, at: int) -> set[str]:
    """The kernels that must have been used, by table."""
    vectors = f"tc_fully_connected_packed{'_once' if at == 2 else ''}_s8_{isa}"
    return ({f"tc_conv2d_1x1_packed_s8_{isa}"}, {f"tc_conv2d_packed_s8_{isa}"}, {vectors}, {vectors})[at]


TABLES = (convolutions, windows, dense, dense_twice)
CORES = (
    ("mps2-an385", "scalar"),
    ("microbit", "scalar"),
    ("hifive1-revb", "scalar"),
    ("mps2-an386", "dsp"),
    ("mps3-an547", "dsp"),
    ("mps3-an547", "mve"),
)


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(("board", "isa"), CORES)
@pytest.mark.parametrize("at", range(len(TABLES)), ids=lambda at: TABLES[at].__name__)
def test_kernels_equal_numpy(at: int, board: str, isa: str, tmp_path: Path) -> None:
    table, facts = Table(seed=at + 1), load_board(board)
    fill: Callable[[Table], None] = TABLES[at]
    fill(table)
    assert facts.ram_bytes is not None
    used: set[str] = set()
    for number, graph in enumerate(in_pieces(table.graph(), facts.ram_bytes // 4)):
        samples = [table.bytes(graph, extreme) for extreme in (True, False)]
        wrong, kernels = differing(
            graph, samples, facts, (isa, "ref"), tmp_path / str(number), among="packed"
        )
        assert not wrong, "\n".join(wrong)
        used |= kernels
    assert names(isa, at) <= used


@pytest.mark.parametrize(("board", "isa"), CORES)
def test_int8_weights_come_first(board: str, isa: str) -> None:
    """Packed weights always take longer: only options that ask for flash overrule the order."""
    for fill in TABLES:
        table = Table(seed=1)
        fill(table)
        graph, packed = table.graph(), 0
        for op in graph.ops:
            ways = [low.symbols for low in each_lowering(op, graph, load_board(board).isa)]
            assert "packed" not in ways[0]
            packed += any("packed" in way for way in ways)
        assert packed > len(graph.ops) / 2


#: The most by which packed weights take more instructions than int8 weights, in a convolution and a dense layer.
LOSSES = {
    ("mps2-an385", "scalar"): (1.12, 1.75),
    ("microbit", "scalar"): (1.08, 1.45),
    ("mps2-an386", "dsp"): (1.5, 2.7),
}


@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize(("board", "isa"), LOSSES)
def test_what_unpacking_takes(board: str, isa: str, tmp_path: Path) -> None:
    for at, most in enumerate(LOSSES[board, isa]):
        table = Table(seed=8, levels=FEW[0])
        if at:
            table.dense(256, 64, RELU)
        else:
            table.conv((8, 8, 32), 32, same((8, 8), (3, 3)), RELU)
        graph, facts = table.graph(), load_board(board)
        sample = table.bytes(graph, False)
        packed, plain = (
            instructions(graph, sample, facts, (isa, "ref"), tmp_path / f"{at}{among}", among)
            for among in ("packed", "")
        )
        assert plain < packed < most * plain
