"""Offsets for blocks that live at overlapping times, as low as possible.

This is dynamic storage allocation with blocks that may grow and shrink (NP-hard; Garey and Johnson SR2). Blocks are
placed one by one, each as low as those before it let it; only the order matters. A few natural orders nearly always
reach the sum of live bytes, which proves them optimal; where they do not, a local search over orders goes on until it
does or has spent its tries.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

from tinyc.memory.blocks import Block, MemoryPlan, live_peak, separations

#: Orders that the local search tries.
TRIES = 600

Separations = dict[tuple[int, int], int]


def plan(blocks: Sequence[Block], tries: int = TRIES) -> MemoryPlan:
    """Place every block. Deterministic; optimal where the plan's `is_optimal` says so."""
    if not blocks:
        return MemoryPlan({}, 0, 0)
    bound = live_peak(blocks)
    placer = _Placer(blocks)
    best_order = min(_orders(blocks), key=placer.size)
    best = placer.size(best_order)
    chooser = random.Random(len(blocks))
    stuck = best_order
    stuck_size = best
    for attempt in range(tries):
        if best <= bound:
            break
        order = _moved(stuck, placer.highest(stuck), chooser)
        size = placer.size(order)
        if size <= stuck_size or chooser.random() < 0.02:
            stuck, stuck_size = order, size
        if size < best:
            best, best_order = size, order
        if attempt % 150 == 149:
            stuck, stuck_size = best_order, best
    offsets = placer.place(best_order)
    return MemoryPlan({b.name: offsets[i] for i, b in enumerate(blocks)}, best, bound)


def _moved(order: Sequence[int], highest: int, chooser: random.Random) -> list[int]:
    """The order with the block that sticks out, or a random one, placed earlier."""
    changed = list(order)
    block = highest if chooser.random() < 0.6 else chooser.choice(changed)
    at = changed.index(block)
    changed.pop(at)
    changed.insert(chooser.randrange(at + 1), block)
    if chooser.random() < 0.5:
        i, j = chooser.randrange(len(changed)), chooser.randrange(len(changed))
        changed[i], changed[j] = changed[j], changed[i]
    return changed


class _Placer:
    """Places blocks in a given order, each at the lowest offset that clears those before it."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._top = [int(b.high.max()) for b in blocks]
        apart = separations(blocks)
        self._neighbours: list[list[tuple[int, int, int]]] = [[] for _ in blocks]
        for (i, j), below in apart.items():
            self._neighbours[i].append((j, below, apart[j, i]))

    def place(self, order: Sequence[int]) -> dict[int, int]:
        placed: dict[int, int] = {}
        for i in order:
            placed[i] = self._lowest(i, placed)
        return placed

    def size(self, order: Sequence[int]) -> int:
        return max(offset + self._top[i] for i, offset in self.place(order).items())

    def highest(self, order: Sequence[int]) -> int:
        return max(self.place(order).items(), key=lambda item: item[1] + self._top[item[0]])[0]

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
