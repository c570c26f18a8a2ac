"""Offsets within a given size, by ejection: a block that fits nowhere pushes out those that are in its way.

The blocks pushed out wait to be placed again. A block that fitted nowhere gets heavier each time, and a place is taken
where the blocks in the way weigh least, so that the ones hard to place settle first (Nagata and Bräysy 2009 for
vehicle routing). It finds placements where branch and bound drowns, and proves nothing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from tinyc.memory.blocks import Block, Separations


class Ejection:
    """The search for offsets; one object may be asked for several sizes."""

    def __init__(self, blocks: Sequence[Block], apart: Separations) -> None:
        self._tops = [int(b.high.max()) for b in blocks]
        self._aligns = [b.align for b in blocks]
        self._neighbours: list[list[tuple[int, int, int]]] = [[] for _ in blocks]
        for (i, j), below in apart.items():
            self._neighbours[i].append((j, below, apart[j, i]))
        self.work = 0
        """Looks at a pair so far, over all calls."""

    def within(self, size: int, work: int, start: Sequence[int], chooser: random.Random) -> list[int] | None:
        """An offset per block such that none ends beyond `size`; None where none was found with this work.

        start: offsets of any placement, from which those that fit are kept.
        """
        most = [(size - top) // align for top, align in zip(self._tops, self._aligns, strict=True)]
        if min(most) < 0:
            return None
        placed = {
            i: at // align
            for i, (at, align) in enumerate(zip(start, self._aligns, strict=True))
            if at // align <= most[i]
        }
        waiting = [i for i in range(len(start)) if i not in placed]
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
                del placed[other]
            waiting += lost
            placed[block] = at
        return [placed[i] * align for i, align in enumerate(self._aligns)]

    def _place(
        self,
        block: int,
        most: int,
        placed: Mapping[int, int],
        weight: Sequence[int],
        chooser: random.Random,
    ) -> tuple[int, list[int]]:
        """The place, at most `most`, where the blocks in the way weigh least, and those blocks. Unit: alignments."""
        align = self._aligns[block]
        neighbours = self._neighbours[block]
        self.work += len(neighbours)
        events = []
        taken = []
        now = 0
        for other, below, above in neighbours:
            if other in placed:
                offset = placed[other] * self._aligns[other]
                low, high = (offset - below) // align + 1, -(-(offset + above) // align)
                if high > 0 and low <= most and low < high:
                    taken.append((low, high, other))
                    if low <= 0:
                        now += weight[other]
                    else:
                        events.append((low, weight[other]))
                    if high <= most:
                        events.append((high, -weight[other]))
        events.sort()
        least, places = now, [0]
        at = 0
        for position, change in events:
            if position > at:
                if now < least:
                    least, places = now, []
                if now == least:
                    places += [at, position - 1]
                at = position
            now += change
        if now < least:
            least, places = now, []
        if now == least:
            places += [at, most]
        chosen = places[chooser.randrange(len(places))] if least else places[0]
        return chosen, [other for low, high, other in taken if low <= chosen < high]
