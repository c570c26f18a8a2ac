"""What the memory planner works on: blocks of bytes that live for a while. No graph is known here.

All intervals are half-open: times [start, stop), bytes [low, high).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
#: (i, j): the least distance from the start of block i to the start of block j when i is placed below j. Missing
#: where the two never live at the same time. May be less than the size of i, or negative, where the live parts pass
#: each other.
Separations = Mapping[tuple[int, int], int]


@dataclass(frozen=True, eq=False)
class Block:
    """A piece of the arena.

    At time start + t bytes [low[t], high[t]), counted from the block's start, hold live data; none where high is 0, nor
    before the first time or after the last. So an ordinary buffer has low 0 and high `size` while it lives; one whose
    rows are produced and consumed one by one grows and shrinks.
    """

    name: str
    #: Bytes.
    size: int
    #: [times].
    low: Int64
    high: Int64
    #: Of its offset.
    align: int = 4
    #: The time of low[0] and high[0].
    start: int = 0

    @staticmethod
    def whole(name: str, size: int, start: int, stop: int, align: int = 4) -> Block:
        """An ordinary buffer that lives in [start, stop)."""
        count = stop - start
        return Block(name, size, np.zeros(count, np.int64), np.full(count, size, np.int64), align, start)

    @property
    def stop(self) -> int:
        """After the last time."""
        return self.start + len(self.high)

    @cached_property
    def top(self) -> int:
        """Bytes from the start of the block to the end of its highest live byte."""
        return int(self.high.max(initial=0))


@dataclass(frozen=True)
class MemoryPlan:
    """Where each block lies."""

    #: Of each block, bytes from the start of the arena.
    offsets: Mapping[str, int]
    #: Bytes of the arena.
    size: int
    #: No placement of these blocks is smaller: the largest sum of live bytes at any time.
    lower_bound: int

    @property
    def is_optimal(self) -> bool:
        return self.size == self.lower_bound


def live_bytes(blocks: Sequence[Block]) -> Int64:
    """[times]: the sum of live bytes at each time, up to the last of any block."""
    total = np.zeros(max((b.stop for b in blocks), default=1), np.int64)
    for block in blocks:
        total[block.start : block.stop] += block.high - block.low
    return total


def live_peak(blocks: Sequence[Block]) -> int:
    """The largest sum of live bytes at any time."""
    return int(live_bytes(blocks).max())


def separations(blocks: Sequence[Block]) -> Separations:
    """How far apart each two blocks must lie, one way round and the other."""
    apart: dict[tuple[int, int], int] = {}
    lives = [_Life.of(block) for block in blocks]
    order = sorted(range(len(blocks)), key=lambda i: lives[i].start)
    running: list[int] = []
    for i in order:
        running = [j for j in running if lives[j].stop > lives[i].start]
        if lives[i].stop > lives[i].start:
            for j in running:
                _separate(apart, min(i, j), max(i, j), blocks, lives)
            running.append(i)
    return dict(sorted(apart.items(), key=lambda pair: (min(pair[0]), max(pair[0]), pair[0])))


@dataclass(frozen=True)
class _Life:
    """When a block holds what: half-open times."""

    #: It holds anything.
    start: int
    stop: int
    #: And that without a gap.
    steady: bool
    #: It is filled to its top.
    full_start: int
    full_stop: int
    #: Its first byte is live.
    low_start: int
    low_stop: int

    @staticmethod
    def of(block: Block) -> _Life:
        live = np.flatnonzero(block.high > 0)
        if not len(live):
            return _Life(0, 0, False, 0, 0, 0, 0)
        start, stop = int(live[0]), int(live[-1]) + 1
        full = _run(block.high[start:stop] == block.top)
        low = _run((block.low[start:stop] == 0) & (block.high[start:stop] > 0))
        at = block.start + start
        steady = len(live) == stop - start
        return _Life(at, block.start + stop, steady, at + full[0], at + full[1], at + low[0], at + low[1])


def _run(wanted: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """The first times [start, stop) without a gap that are wanted; (0, 0) where there are none."""
    if not wanted.any():
        return 0, 0
    start = int(wanted.argmax())
    after = wanted[start:]
    return start, start + (len(after) if after.all() else int((~after).argmax()))


def _separate(
    apart: dict[tuple[int, int], int], i: int, j: int, blocks: Sequence[Block], lives: Sequence[_Life]
) -> None:
    """Enter the separations of two blocks, if they are ever live together."""
    a, b, one, other = blocks[i], blocks[j], lives[i], lives[j]
    below = max(one.full_start, other.low_start) < min(one.full_stop, other.low_stop)
    above = max(other.full_start, one.low_start) < min(other.full_stop, one.low_stop)
    if below and above:
        apart[i, j], apart[j, i] = a.top, b.top
        return
    start, stop = max(one.start, other.start), min(one.stop, other.stop)
    first, second = slice(start - a.start, stop - a.start), slice(start - b.start, stop - b.start)
    a_low, a_high, b_low, b_high = a.low[first], a.high[first], b.low[second], b.high[second]
    if not (one.steady and other.steady):
        both = (a_high > 0) & (b_high > 0)
        if not both.any():
            return
        a_low, a_high, b_low, b_high = a_low[both], a_high[both], b_low[both], b_high[both]
    apart[i, j] = int((a_high - b_low).max())
    apart[j, i] = int((b_high - a_low).max())
