"""Offsets for blocks that live at overlapping times, as low as possible.

This is dynamic storage allocation with blocks that may grow and shrink (NP-hard; Garey and Johnson SR2). Placed one by
one in a few natural orders, each as low as those before it let it, blocks often reach the sum of live bytes, which
proves them optimal. Where they do not, `Packing` searches on from two sides, as long as it is given work: it looks for
a placement of a wanted size, first of the blocks of the worst moments alone, by branch and bound, then of all, by
ejection; and it proves by branch and bound over the largest blocks that no placement is below some size.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence

from tinyc.memory.blocks import Block, Int64, MemoryPlan, Separations, live_bytes, separations
from tinyc.memory.branch import Branching, OutOfWorkError
from tinyc.memory.ejection import Ejection

#: Work on one plan unless told otherwise: looks at a pair of blocks, one or two million a second.
MOST_WORK = 5_000_000
#: Work on the first search for one size; twice as much each time that all sizes were tried in vain.
_FIRST = 20_000
#: Most work on all blocks at once.
_WHOLE = 150_000
#: Blocks of the worst moments are placed first: those when so much of the wanted size is live.
_WORST = (0.9, 0.7, 0.45, 0.0)
#: So many of the largest blocks are enough to prove much.
_LARGEST = (10, 20)
#: Sizes that lie closer, as a part of the size, are not told apart by the search.
_STEP = 1 / 512


def plan(blocks: Sequence[Block], most_work: int = MOST_WORK) -> MemoryPlan:
    """Place every block. Deterministic; optimal where the plan's `is_optimal` says so."""
    packing = Packing(blocks)
    packing.improve(most_work)
    return packing.plan()


class Packing:
    """The best placement of some blocks so far, and what no placement is below."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._apart = separations(blocks)
        self._placer = _Placer(blocks, self._apart)
        live = live_bytes(blocks)
        #: Of each block, the most bytes that are live, of all blocks, at any time when it is.
        self._most = [_most(block, live) for block in blocks]
        self.bound = int(live.max())
        """No placement is smaller; proven."""
        self.size = 0
        """Bytes of the arena."""
        self.work = 0
        """Looks at a pair so far, beyond the first placements."""
        self._offsets: list[int] = []
        self._keep(self._placer.place(order) for order in _orders(blocks, self._most))
        self._failed = 0
        self._slice = _FIRST
        self._began = False
        self._ejection: Ejection | None = None
        self._chooser = random.Random(len(blocks))

    @property
    def is_done(self) -> bool:
        return self.size <= self.bound

    def plan(self) -> MemoryPlan:
        offsets = {b.name: offset for b, offset in zip(self._blocks, self._offsets, strict=True)}
        return MemoryPlan(offsets, self.size, self.bound)

    def improve(self, work: int, wanted: int = 0) -> None:
        """Search on with about so much more work, or until the placement is optimal or as small as wanted."""
        end = self.work + work
        while self.size > max(self.bound, wanted) and self.work < end:
            if not self._began:
                self._began = True
                self._begin(work)
                continue
            floor = max(self.bound - 1, self._failed)
            step = max(1, int(self.size * _STEP)) if floor >= self.bound else 1
            if self.size - floor <= step:
                self._failed, self._slice = 0, self._slice * 2
                continue
            size = self.bound if floor < self.bound else (floor + self.size) // 2
            if not self._find(size, min(self._slice, max(end - self.work, 1000))):
                self._failed = max(size, self._failed)

    def _keep(self, placements: Iterable[list[int]]) -> bool:
        """Take the lowest of these placements, if it is better than what there is; whether it was."""
        found = min(placements, key=self._placer.size)
        size = self._placer.size(found)
        if self._offsets and size >= self.size:
            return False
        self._offsets, self.size = found, size
        return True

    def _begin(self, work: int) -> None:
        """Look for an optimal placement of all blocks at once; else prove what can be proven quickly."""
        branching = Branching(self._blocks, self._apart)
        try:
            found = branching.within(self.bound, min(_WHOLE, work // 2))
            if found is not None:
                self._keep([found])
            else:
                self.bound += 1
        except OutOfWorkError:
            pass
        self.work += branching.work
        if not self.is_done:
            self._prove()

    def _prove(self) -> None:
        """Raise the bound by the largest blocks alone."""
        by_size = sorted(range(len(self._blocks)), key=lambda i: -self._blocks[i].size)
        for count in _LARGEST:
            few = Branching.of_some(self._blocks, self._apart, sorted(by_size[:count]))
            low, high = self.bound, self.size
            while high - low > max(1, int(self.size * _STEP)):
                try:
                    possible = few.within((low + high) // 2, _FIRST) is not None
                except OutOfWorkError:
                    possible = True
                if possible:
                    high = (low + high) // 2
                else:
                    low = (low + high) // 2 + 1
            self.bound = low
            self.work += few.work
            if count >= len(self._blocks):
                break

    def _find(self, wanted: int, work: int) -> bool:
        """Look for a placement of the wanted size; whether the search may go on below it."""
        before = self.work
        start = self._offsets
        tried: list[int] = []
        for part in _WORST:
            core = [i for i, most in enumerate(self._most) if most >= part * wanted]
            if core == tried:
                continue
            tried = core
            branching = Branching.of_some(self._blocks, self._apart, core)
            try:
                found = branching.within(wanted, work // 4)
            except OutOfWorkError:
                break
            finally:
                self.work += branching.work
            if found is None:
                self.bound = wanted + 1
                return False
            fixed = dict(zip(core, found, strict=True))
            orders = [[i for i in order if i not in fixed] for order in _orders(self._blocks, self._most)]
            places = [self._placer.place(order, fixed) for order in orders]
            start = min(places, key=self._placer.size)
            if self._placer.size(start) <= wanted:
                return self._keep([start])
        return self._eject(wanted, max(work - (self.work - before), work // 4), start)

    def _eject(self, wanted: int, work: int, start: Sequence[int]) -> bool:
        self._ejection = self._ejection or Ejection(self._blocks, self._apart)
        before = self._ejection.work
        ejected = self._ejection.within(wanted, work, start, self._chooser)
        self.work += self._ejection.work - before
        return ejected is not None and self._keep([ejected])


def _most(block: Block, live: Int64) -> int:
    return int(live[block.start : block.stop][block.high > 0].max(initial=0))


class _Placer:
    """Places blocks in a given order, each at the lowest offset that clears those before it."""

    def __init__(self, blocks: Sequence[Block], apart: Separations) -> None:
        self._blocks = blocks
        self._neighbours: list[list[tuple[int, int, int]]] = [[] for _ in blocks]
        for (i, j), below in apart.items():
            self._neighbours[i].append((j, below, apart[j, i]))

    def place(self, order: Sequence[int], fixed: dict[int, int] | None = None) -> list[int]:
        """An offset per block. fixed: offsets of those that are not in the order."""
        placed = dict(fixed or {})
        for i in order:
            placed[i] = self._lowest(i, placed)
        return [placed[i] for i in range(len(self._blocks))]

    def size(self, offsets: Sequence[int]) -> int:
        return max((offset + b.top for offset, b in zip(offsets, self._blocks, strict=True)), default=0)

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


def _orders(blocks: Sequence[Block], most: Sequence[int]) -> list[list[int]]:
    start = [b.start + int((b.high > 0).argmax()) if len(b.high) else 0 for b in blocks]
    life = [int((b.high > 0).sum()) for b in blocks]
    size = [b.size for b in blocks]
    keys: tuple[Callable[[int], tuple[int, ...]], ...] = (
        lambda i: (-size[i], -life[i], start[i]),
        lambda i: (-size[i] * life[i], start[i]),
        lambda i: (-life[i], -size[i]),
        lambda i: (start[i], -size[i]),
        lambda i: (-start[i], -size[i]),
        lambda i: (start[i] + life[i], -size[i]),
        lambda i: (-most[i], -size[i], start[i]),
    )
    return [sorted(range(len(blocks)), key=key) for key in keys]
