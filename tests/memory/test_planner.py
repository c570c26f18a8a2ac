"""The planner, from plain blocks: valid, deterministic, never below the bound, and optimal where all can be tried."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinyc.memory import Block, live_bytes, live_peak, plan
from tinyc.memory.blocks import separations
from tinyc.memory.ejection import Ejection

STEPS = 8


@st.composite
def block_lists(draw: st.DrawFn, most: int = 9, largest: int = 60) -> list[Block]:
    """Ordinary buffers, and ones that grow and shrink."""
    blocks = []
    for i in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, STEPS - 1))
        stop = draw(st.integers(start + 1, STEPS))
        size = draw(st.integers(1, largest))
        align = draw(st.sampled_from((1, 4, 8)))
        if draw(st.booleans()):
            blocks.append(Block.whole(f"b{i}", size, start, stop, align))
            continue
        low, high = np.zeros(STEPS, np.int64), np.zeros(STEPS, np.int64)
        for t in range(start, stop):
            low[t], high[t] = sorted(draw(st.tuples(st.integers(0, size), st.integers(1, size))))
        low = np.minimum(low, np.maximum(high - 1, 0))
        kept = draw(st.integers(0, start))
        blocks.append(Block(f"b{i}", size, low[kept:], high[kept:], align, kept))
    return blocks


def everywhere(block: Block, steps: int = STEPS) -> Block:
    """The same block with arrays over all times."""
    low, high = np.zeros((2, steps), np.int64)
    low[block.start : block.stop], high[block.start : block.stop] = block.low, block.high
    return Block(block.name, block.size, low, high, block.align)


@settings(deadline=None, max_examples=80)
@given(block_lists())
def test_no_live_byte_belongs_to_two(blocks: list[Block]) -> None:
    placed = plan(blocks)
    for t in range(STEPS):
        owner: dict[int, str] = {}
        for b in map(everywhere, blocks):
            for byte in range(int(b.low[t]), int(b.high[t])):
                at = placed.offsets[b.name] + byte
                assert 0 <= at < placed.size
                assert owner.setdefault(at, b.name) == b.name, f"time {t}, byte {at}"


@settings(deadline=None, max_examples=60)
@given(block_lists())
def test_size_alignment_and_bound(blocks: list[Block]) -> None:
    placed = plan(blocks)
    assert live_bytes(blocks).max() == live_peak(blocks) <= placed.lower_bound <= placed.size
    assert placed.size <= sum(-(-b.size // b.align) * b.align for b in blocks) + 8 * len(blocks)
    assert all(placed.offsets[b.name] % b.align == 0 for b in blocks)
    assert placed.is_optimal == (placed.size == placed.lower_bound)
    assert plan(blocks) == placed


@settings(deadline=None, max_examples=25)
@given(block_lists(most=5))
def test_no_order_of_placement_is_better(blocks: list[Block]) -> None:
    """Lowest fit over all orders reaches an optimal packing of ordinary buffers."""
    blocks = list(map(everywhere, blocks))
    assert plan(blocks).size <= min(_lowest_fit(blocks, order) for order in permutations(range(len(blocks))))


@settings(deadline=None, max_examples=40)
@given(block_lists(most=3, largest=6))
def test_no_offsets_at_all_are_better(blocks: list[Block]) -> None:
    plain = [replace(everywhere(b), align=1) for b in blocks]
    placed = plan(plain)
    for offsets in product(range(placed.size), repeat=len(plain)):
        top = max(o + int(b.high.max()) for o, b in zip(offsets, plain, strict=True))
        assert top >= placed.size or not _apart(plain, offsets)


def test_rows_that_die_make_room() -> None:
    """A buffer that grows while another shrinks shares its bytes: 10 rows, one more than the larger of the two."""
    t = np.arange(12)
    dying = Block("in", 10, np.clip(t - 1, 0, 10), np.where(t <= 10, 10, 0))
    growing = Block("out", 10, np.zeros(12, np.int64), np.clip(t, 0, 10))
    free = [Block(b.name, b.size, b.low, b.high, 1) for b in (dying, growing)]
    assert plan(free).size == live_peak(free) == 11


def test_nothing_to_place() -> None:
    assert plan([]).size == 0


@pytest.mark.parametrize("count", [2, 3, 5])
def test_buffers_that_never_meet_share_one_place(count: int) -> None:
    blocks = [Block.whole(f"b{i}", 16, i, i + 1) for i in range(count)]
    assert set(plan(blocks).offsets.values()) == {0}


def _lowest_fit(blocks: list[Block], order: tuple[int, ...]) -> int:
    offsets: dict[int, int] = {}
    for i in order:
        at = 0
        while not all(_clear(blocks[i], at, blocks[j], offsets[j]) for j in offsets):
            at += blocks[i].align
        offsets[i] = at
    return max(at + int(blocks[i].high.max()) for i, at in offsets.items())


def _clear(a: Block, at: int, b: Block, other: int) -> bool:
    """Blocks over the same times: one wholly above the other at all times when both hold something."""
    both = (a.high > 0) & (b.high > 0)
    above = bool((at + a.low >= other + b.high)[both].all())
    return above or bool((other + b.low >= at + a.high)[both].all())


def _apart(blocks: list[Block], offsets: tuple[int, ...]) -> bool:
    pairs = [(i, j) for i in range(len(blocks)) for j in range(i)]
    return all(_clear(blocks[i], offsets[i], blocks[j], offsets[j]) for i, j in pairs)


@pytest.mark.parametrize("seed", range(12))
def test_ejection_finds_a_packing_that_exists(seed: int) -> None:
    """A full rectangle of 64 steps x 4,096 bytes cut into pieces: each fits beside the others in one way or another."""
    chooser = random.Random(seed)
    pieces = [(0, 64, 0, 1024)]
    while len(pieces) < 24:
        start, stop, low, high = pieces.pop(chooser.randrange(len(pieces)))
        if chooser.random() < 0.5 and stop - start > 3:
            at = chooser.randrange(start + 1, stop)
            pieces += [(start, at, low, high), (at, stop, low, high)]
        elif high - low > 3:
            at = chooser.randrange(low + 1, high)
            pieces += [(start, stop, low, at), (start, stop, at, high)]
        else:
            pieces.append((start, stop, low, high))
    blocks = [
        everywhere(Block.whole(f"b{i}", 4 * (high - low), start, stop), 64)
        for i, (start, stop, low, high) in enumerate(pieces)
    ]
    stacked = [4 * sum(high - low for _, _, low, high in pieces[:i]) for i in range(len(pieces))]
    found = Ejection(blocks, separations(blocks)).within(4096, 2_000_000, stacked, random.Random(1))
    assert found is not None
    assert all(at + b.size <= 4096 and at % 4 == 0 for at, b in zip(found, blocks, strict=True))
    assert _apart(blocks, tuple(found))


@settings(deadline=None, max_examples=80)
@given(block_lists())
def test_separations_are_the_largest_of_all_times(blocks: list[Block]) -> None:
    full = list(map(everywhere, blocks))
    expected = {}
    for i, a in enumerate(full):
        for j, b in enumerate(full):
            both = (a.high > 0) & (b.high > 0)
            if i != j and both.any():
                expected[i, j] = int((a.high - b.low)[both].max())
    assert separations(blocks) == expected


def test_ejection_gives_up_when_its_work_is_done() -> None:
    blocks = [Block.whole(f"b{i}", 8, 0, STEPS) for i in range(3)]
    search = Ejection(blocks, separations(blocks))
    assert search.within(20, 1000, (0, 8, 16), random.Random(1)) is None
    assert 1000 < search.work < 1100
    assert search.within(4, 1000, (0, 8, 16), random.Random(1)) is None
