"""What the memory planner works on: blocks of bytes that live for a while. No graph is known here.

All intervals are half-open: times [start, stop), bytes [low, high).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]
#: (i, j): the least distance from the start of block i to the start of block j when i is placed below j. Missing
#: where the two never live at the same time. May be less than the size of i, or negative, where the live parts pass
#: each other.
Separations = Mapping[tuple[int, int], int]


@dataclass(frozen=True, eq=False)
class Block:
    """A piece of the arena. size: bytes; align: of its offset.

    low, high: [steps]; at time t bytes [low[t], high[t]), counted from the block's start, hold live data; none where
    high is 0. So an ordinary buffer has low 0 and high `size` while it lives; one whose rows are produced and
    consumed one by one grows and shrinks.
    """

    name: str
    size: int
    low: Int64
    high: Int64
    align: int = 4

    @staticmethod
    def whole(name: str, size: int, start: int, stop: int, steps: int, align: int = 4) -> Block:
        """An ordinary buffer that lives in [start, stop)."""
        high = np.zeros(steps, np.int64)
        high[start:stop] = size
        return Block(name, size, np.zeros(steps, np.int64), high, align)


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
    """[steps]: the sum of live bytes at each time."""
    return (
        np.sum([b.high - b.low for b in blocks], axis=0, dtype=np.int64) if blocks else np.zeros(1, np.int64)
    )


def live_peak(blocks: Sequence[Block]) -> int:
    """The largest sum of live bytes at any time."""
    return int(live_bytes(blocks).max())


def separations(blocks: Sequence[Block]) -> Separations:
    """How far apart each two blocks must lie, one way round and the other."""
    apart: dict[tuple[int, int], int] = {}
    live = [np.nonzero(b.high > 0)[0] for b in blocks]
    start = [int(times[0]) if len(times) else 0 for times in live]
    stop = [int(times[-1]) + 1 if len(times) else 0 for times in live]
    for i, a in enumerate(blocks):
        for j in range(i + 1, len(blocks)):
            span = slice(max(start[i], start[j]), min(stop[i], stop[j]))
            if span.start >= span.stop:
                continue
            b = blocks[j]
            both = (a.high[span] > 0) & (b.high[span] > 0)
            if both.any():
                apart[i, j] = int((a.high[span] - b.low[span])[both].max())
                apart[j, i] = int((b.high[span] - a.low[span])[both].max())
    return apart
