"""Offsets within a given size, by ejection: a block that fits nowhere pushes out those that are in its way.

The blocks pushed out wait to be placed again. A block that fitted nowhere gets heavier each time, and a place is taken
where the blocks in the way weigh least, so that the ones hard to place settle first (Nagata and Bräysy 2009 for
vehicle routing). It finds placements where branch and bound drowns, and proves nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import gcd

from tinyc.memory.blocks import Block, Separations

#: In place of the offset of a block that has none.
_WAITING = -1


class Ejection:
    """The search for offsets; one object may be asked for several sizes."""

    def __init__(self, blocks: Sequence[Block], apart: Separations) -> None:
        #: Bytes that all offsets are multiples of; all below is in this unit.
        self._unit = gcd(*(b.align for b in blocks))
        self._tops = [b.top for b in blocks]
        self._aligns = [b.align // self._unit for b in blocks]
        self._neighbours: list[list[tuple[int, int, int]]] = [[] for _ in blocks]
        for (i, j), below in apart.items():
            self._neighbours[i].append((j, -(-below // self._unit), -(-apart[j, i] // self._unit)))
        self.work = 0
        """Looks at a pair so far, over all calls."""

    def within(self, size: int, work: int, start: Sequence[int], chooser: random.Random) -> list[int] | None:
        """An offset per block such that none ends beyond `size`; None where none was found with this work.

        start: offsets of any placement, from which those that fit are kept.
        """
        most = [
            (size - top) // self._unit // align * align
            for top, align in zip(self._tops, self._aligns, strict=True)
        ]
        if min(most) < 0:
            return None
        placed = [
            at // self._unit if at // self._unit <= end else _WAITING
            for at, end in zip(start, most, strict=True)
        ]
        waiting = [i for i, at in enumerate(placed) if at == _WAITING]
        weight = [1] * len(start)
        end = self.work + work
        while waiting:
            if self.work > end:
                return None
            block = waiting.pop(chooser.randrange(len(waiting)))
            at, lost = self._place(block, most[block], placed, weight, chooser)
            if lost:
                weight[block] += 1
            for other in lost:
                placed[other] = _WAITING
            waiting += lost
            placed[block] = at
        return [at * self._unit for at in placed]

    def _place(
        self,
        block: int,
        most: int,
        placed: Sequence[int],
        weight: Sequence[int],
        chooser: random.Random,
    ) -> tuple[int, list[int]]:
        """The place, at most `most`, where the blocks in the way weigh least, and those blocks."""
        align = self._aligns[block]
        neighbours = self._neighbours[block]
        self.work += len(neighbours)
        events: list[tuple[int, int]] = []
        taken: list[tuple[int, int, int]] = []
        now = 0
        for other, below, above in neighbours:
            offset = placed[other]
            if offset == _WAITING:
                continue
            low, high = offset - below + 1, offset + above
            if align > 1:
                low, high = -(-low // align) * align, -(-high // align) * align
            if low > most or high <= 0 or low >= high:
                continue
            taken.append((low, high, other))
            if low <= 0:
                now += weight[other]
            else:
                events.append((low, weight[other]))
            if high <= most:
                events.append((high, -weight[other]))
        events.sort()
        least, places = _lightest(events, now, most, align)
        chosen = chooser.choice(places) if least else places[0]
        return chosen, [other for low, high, other in taken if low <= chosen < high]


def _lightest(events: Sequence[tuple[int, int]], now: int, most: int, align: int) -> tuple[int, list[int]]:
    """The least weight in the way from 0 to `most`, and both ends of every stretch that has it.

    events: where the weight changes, and by how much, in order; now: the weight at 0.
    """
    least, places = now, [0]
    at = 0
    for position, change in events:
        if position > at:
            if now < least:
                least, places = now, []
            if now == least:
                places += [at, position - align]
            at = position
        now += change
    if now < least:
        least, places = now, []
    if now == least:
        places += [at, most]
    return least, places
