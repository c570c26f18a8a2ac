"""Offsets for blocks that live at overlapping times, as low as possible.

This is dynamic storage allocation with blocks that may grow and shrink (NP-hard; Garey and Johnson SR2). Placed one by
one in a few natural orders, each as low as those before it let it, blocks often reach the sum of live bytes, which
proves them optimal. Where they do not, two searches look for a placement of that size, then of sizes in between, with a
limit on their work: branch and bound, which may also prove that there is none and so raise the lower bound, and
ejection, which finds placements of many blocks where branch and bound is lost.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from tinyc.memory.blocks import Block, MemoryPlan, Separations, live_peak, separations
from tinyc.memory.branch import Branching, OutOfWorkError
from tinyc.memory.ejection import Ejection

#: Of the work on one plan, the part of one search for one size.
PART = 8
#: Work on one plan unless told otherwise: looks at a pair of blocks, one or two million a second.
MOST_WORK = 5_000_000


def plan(blocks: Sequence[Block], most_work: int = MOST_WORK) -> MemoryPlan:
    """Place every block. Deterministic; optimal where the plan's `is_optimal` says so."""
    if not blocks:
        return MemoryPlan({}, 0, 0)
    bound = live_peak(blocks)
    apart = separations(blocks)
    placer = _Placer(blocks, apart)
    offsets = min((placer.place(order) for order in _orders(blocks)), key=placer.size)
    size = placer.size(offsets)
    if size > bound:
        offsets, size, bound = _searched(blocks, apart, offsets, bound, most_work)
    return MemoryPlan({b.name: offset for b, offset in zip(blocks, offsets, strict=True)}, size, bound)


def _searched(
    blocks: Sequence[Block], apart: Separations, offsets: list[int], bound: int, most_work: int
) -> tuple[list[int], int, int]:
    """Better offsets than these, if any are found, their size, and a bound that is proven."""
    branching, ejection = Branching(blocks, apart), Ejection(blocks, apart)
    chooser = random.Random(len(blocks))
    size = branching.top(offsets)
    failed, wanted = bound - 1, bound
    while size - failed > 1 and branching.work + ejection.work < most_work:
        found = None
        try:
            found = branching.within(wanted, most_work // PART)
            if found is None:
                bound = wanted + 1
        except OutOfWorkError:
            found = ejection.within(wanted, most_work // PART, offsets, chooser)
        if found is None:
            failed = wanted
        else:
            offsets, size = found, branching.top(found)
        wanted = (failed + size) // 2
    return offsets, size, bound


class _Placer:
    """Places blocks in a given order, each at the lowest offset that clears those before it."""

    def __init__(self, blocks: Sequence[Block], apart: Separations) -> None:
        self._blocks = blocks
        self._top = [int(b.high.max()) for b in blocks]
        self._neighbours: list[list[tuple[int, int, int]]] = [[] for _ in blocks]
        for (i, j), below in apart.items():
            self._neighbours[i].append((j, below, apart[j, i]))

    def place(self, order: Sequence[int]) -> list[int]:
        """An offset per block."""
        placed: dict[int, int] = {}
        for i in order:
            placed[i] = self._lowest(i, placed)
        return [placed[i] for i in range(len(order))]

    def size(self, offsets: Sequence[int]) -> int:
        return max(offset + top for offset, top in zip(offsets, self._top, strict=True))

    def _lowest(self, i: int, placed: dict[int, int]) -> int:
        """Block i may not start inside (offset of j - i-below-j, offset of j + j-below-i) for any placed j."""
        align = self._blocks[i].align
        gaps = sorted(
            (placed[j] - below, placed[j] + above) for j, below, above in self._neighbours[i] if j in placed
        )
        at = 0
        moved = True
        while moved:
            moved = False
            for low, high in gaps:
                if low < at < high:
                    at, moved = -(-high // align) * align, True
        return at


def _orders(blocks: Sequence[Block]) -> list[list[int]]:
    start = [int(np.argmax(b.high > 0)) for b in blocks]
    life = [int((b.high > 0).sum()) for b in blocks]
    size = [b.size for b in blocks]
    keys: tuple[Callable[[int], tuple[int, ...]], ...] = (
        lambda i: (-size[i], -life[i], start[i]),
        lambda i: (-size[i] * life[i], start[i]),
        lambda i: (-life[i], -size[i]),
        lambda i: (start[i], -size[i]),
        lambda i: (-start[i], -size[i]),
        lambda i: (start[i] + life[i], -size[i]),
    )
    return [sorted(range(len(blocks)), key=key) for key in keys]
