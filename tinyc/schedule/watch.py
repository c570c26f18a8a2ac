"""How much a search may do, and who watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: Of `--effort`.
Effort = Literal["fast", "good", "best"]
EFFORTS: tuple[Effort, ...] = ("fast", "good", "best")


@dataclass(frozen=True)
class Budget:
    """What a search may do. It counts, and never looks at a clock: the same graph gets the same plan everywhere."""

    #: Looks at a pair of blocks: so many, and so many more for each operator.
    looks: int
    looks_each: int
    #: Work on streamed stages, as StageCosts counts it.
    stages: int
    #: Splits into stages that are placed.
    splits: int
    #: Points of the Pareto set below the smallest plan without recompute.
    points: int

    def looks_for(self, ops: int) -> int:
        return self.looks + self.looks_each * ops


BUDGETS: dict[Effort, Budget] = {
    "fast": Budget(100_000, 500, 600_000, 4, 4),
    "good": Budget(1_500_000, 8_000, 6_000_000, 24, 16),
    "best": Budget(20_000_000, 100_000, 30_000_000, 60, 16),
}


@dataclass
class Watch:
    """Hears what is searched and the best so far; knows whether the search was interrupted."""

    tell: Callable[[str], None] = lambda _: None
    effort: Effort = "good"
    #: From then on a search takes the best that it has found.
    is_stopped: bool = False

    @property
    def budget(self) -> Budget:
        return BUDGETS[self.effort]

    def searching(self, what: str, done: int, count: int, best: int, least: int) -> None:
        """Tell that `done` of `count` parts are done; best: bytes found; least: bytes that there may be."""
        bar = "#" * (10 * done // max(count, 1))
        self.tell(f"search {what} [{bar:.<10}] best {best:,} bytes, bound {least:,}; Ctrl-C takes the best")
