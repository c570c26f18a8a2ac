"""How the time of a call grows with the pixels side by side that it computes: few may take as long as many."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Times count in pixels: one of those that are computed together takes 1."""

    #: Pixels that are computed together: fewer take as long, but for `few`.
    together: int = 1
    #: (pixels, time), the fewest first: so many, or less, take that time where they are less than `together`.
    few: tuple[tuple[int, float], ...] = ()
    #: What a call takes beside its pixels, such as unpacking weights for them.
    setup: float = 0.0
    #: Instructions of one of the pixels that are computed together, as measured; 0 where that is not known.
    each: float = 0.0

    def time(self, pixels: int, columns: int = 0) -> float:
        """Return what a call for so many pixels takes; columns: that it computes at most together, if not 0."""
        if 0 < columns < pixels:
            return pixels // columns * self.time(columns) + self.time(pixels % columns)
        left = pixels % self.together
        last = next((time for most, time in self.few if left <= most), float(self.together)) if left else 0.0
        return self.setup + pixels - left + last if pixels else 0.0

    def instructions(self, pixels: int, columns: int = 0) -> float:
        """Return those of a call for so many pixels; columns: as above."""
        return self.each * self.time(pixels, columns)

    def slower(self, pixels: int, columns: int, than: int) -> float:
        """Return how many times as long a pixel takes in calls for `pixels` as in calls for `than`."""
        return self.time(pixels, columns) / pixels / (self.time(than) / than)


#: All pixels take the same time.
EVEN = Pace()
