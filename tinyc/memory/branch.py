"""Offsets within a given size, by branch and bound: a constraint problem like that of a job shop.

Every block's offset has a range. Of two blocks that live at the same time, one is below the other by at least their
separation; as long as both are possible, that is a choice. Ranges shrink by the choices made, and choices are forced
by the ranges (bounds propagation; Carlier and Pinson 1989 for the job shop). Where neither is possible the last choice
is taken back. When all choices are made, the lowest offset of every range is a placement.
"""

from __future__ import annotations

from collections.abc import Sequence

from tinyc.memory.blocks import Block, Separations

#: Of a pair (i, j): undecided; i is below j; j is below i.
_OPEN, _FIRST_BELOW, _SECOND_BELOW = range(3)


class OutOfWorkError(Exception):
    """Neither a placement nor the proof that there is none, within the work allowed."""


class Branching:
    """The search for offsets; one object may be asked for several sizes."""

    def __init__(self, blocks: Sequence[Block], apart: Separations) -> None:
        self._tops = [b.top for b in blocks]
        self._aligns = [b.align for b in blocks]
        self._pairs = [(i, j, below, apart[j, i]) for (i, j), below in apart.items() if i < j]
        self._of: list[list[int]] = [[] for _ in blocks]
        for pair, (i, j, _, _) in enumerate(self._pairs):
            self._of[i].append(pair)
            self._of[j].append(pair)
        self._low: list[int] = []
        self._high: list[int] = []
        self._choice: list[int] = []
        self._undo: list[tuple[list[int], int, int]] = []
        self._end = 0
        self.work = 0
        """Looks at a pair so far, over all calls."""

    @staticmethod
    def of_some(blocks: Sequence[Block], apart: Separations, some: Sequence[int]) -> Branching:
        """The search for offsets of some of the blocks alone, in this order."""
        number = {block: i for i, block in enumerate(some)}
        among = {
            (number[i], number[j]): below for (i, j), below in apart.items() if i in number and j in number
        }
        return Branching([blocks[i] for i in some], among)

    def within(self, size: int, work: int) -> list[int] | None:
        """An offset per block such that none ends beyond `size`, or None where that is proven impossible.

        work: looks at a pair before OutOfWorkError.
        """
        self._low = [0] * len(self._tops)
        self._high = [
            (size - top) // align * align for top, align in zip(self._tops, self._aligns, strict=True)
        ]
        self._choice = [_OPEN] * len(self._pairs)
        self._undo = []
        self._end = end = self.work + work
        if min(self._high) < 0 or not self._settle(list(range(len(self._pairs)))):
            return None
        taken: list[tuple[int, int, int]] = []
        while (pick := self._next()) is not None:
            if self.work > end:
                raise OutOfWorkError
            pair, choice = pick
            taken.append((len(self._undo), pair, _FIRST_BELOW + _SECOND_BELOW - choice))
            settled = self._decide(pair, choice)
            while not settled:
                if not taken:
                    return None
                if self.work > end:
                    raise OutOfWorkError
                mark, pair, other = taken.pop()
                self._take_back(mark)
                settled = self._decide(pair, other)
        return list(self._low)

    def top(self, offsets: Sequence[int]) -> int:
        """Where the highest block ends."""
        return max(offset + top for offset, top in zip(offsets, self._tops, strict=True))

    def _next(self) -> tuple[int, int] | None:
        """The pair that leaves least room the better way round, and which way; None where all hold anyhow."""
        low, high = self._low, self._high
        self.work += len(self._pairs)
        least: int | None = None
        found = None
        for pair, choice in enumerate(self._choice):
            if choice != _OPEN:
                continue
            i, j, below, above = self._pairs[pair]
            if high[i] + below <= low[j] or high[j] + above <= low[i]:
                continue
            first, second = high[j] - low[i] - below, high[i] - low[j] - above
            room = max(first, second)
            if least is None or room < least:
                least, found = room, (pair, _FIRST_BELOW if first >= second else _SECOND_BELOW)
        return found

    def _decide(self, pair: int, choice: int) -> bool:
        self._undo.append((self._choice, pair, self._choice[pair]))
        self._choice[pair] = choice
        return self._settle([pair])

    def _settle(self, pairs: list[int]) -> bool:
        """Narrow all ranges by all choices, and make the choices that are left no alternative; False: impossible."""
        low, high, choices, aligns = self._low, self._high, self._choice, self._aligns
        looks, most = 0, self._end + len(self._pairs) - self.work
        possible = True
        while pairs and possible:
            pair = pairs.pop()
            looks += 1
            if looks > most:
                self.work += looks
                raise OutOfWorkError  # ranges may shrink by one step at a time
            i, j, below, above = self._pairs[pair]
            choice = choices[pair]
            if choice == _OPEN:
                first, second = low[i] + below <= high[j], low[j] + above <= high[i]
                if first and second:
                    continue
                if not first and not second:
                    possible = False
                    continue
                self._undo.append((choices, pair, _OPEN))
                choices[pair] = choice = _FIRST_BELOW if first else _SECOND_BELOW
            if choice == _SECOND_BELOW:
                i, j, below = j, i, above
            # a range's ends are aligned: what is beyond one as it is, is so when it is rounded
            if low[i] + below > low[j]:
                possible = self._narrow(low, j, -(-(low[i] + below) // aligns[j]) * aligns[j], pairs)
            if possible and high[j] - below < high[i]:
                possible = self._narrow(high, i, (high[j] - below) // aligns[i] * aligns[i], pairs)
        self.work += looks
        return possible

    def _narrow(self, bounds: list[int], block: int, offset: int, pairs: list[int]) -> bool:
        self._undo.append((bounds, block, bounds[block]))
        bounds[block] = offset
        pairs.extend(self._of[block])
        return self._low[block] <= self._high[block]

    def _take_back(self, mark: int) -> None:
        while len(self._undo) > mark:
            values, at, old = self._undo.pop()
            values[at] = old
