"""The plans and kernels worth building for what the options ask, best first by estimated costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from tinyc.ir import Graph
from tinyc.kernels.cost import Level, cost_table
from tinyc.schedule.plan import Plan
from tinyc.schedule.planner import Search
from tinyc.schedule.selection import (
    Alternative,
    Alternatives,
    Selection,
    alternatives_of,
    by_instruction_set,
    cut_down,
    fastest,
    flash_of,
    instructions_by,
    kernels_of,
    leanest,
    lowerings_of,
    quickest,
    smallest,
    sped_up,
)
from tinyc.schedule.watch import Watch

LEVELS: tuple[Level, ...] = ("-O2", "-Os")
#: What -Os makes of the instructions, roughly; what one firing of a streamed task adds, and one of a block of a line.
_SLOWER, _FIRING, _BLOCK = 1.25, 40, 150
_NO_LIMIT = 1 << 40
#: Bytes by which the estimates of RAM and of flash order candidates wrongly at most.
RAM_UNSURE = 256
FLASH_UNSURE = 1024


@dataclass(frozen=True, eq=False)
class Candidate:
    """A firmware that could be built, and its estimated costs."""

    plan: Plan
    level: Level
    selection: Selection
    instructions: int
    #: Bytes: the arena and the kernels' stack; the constants and the kernels' code. The rest shows when it is built.
    ram: int
    flash: int

    @property
    def costs(self) -> tuple[Level, int, int, int]:
        """Equal where the same kernels were chosen in two ways."""
        return self.level, self.instructions, self.ram, self.flash


@dataclass(frozen=True)
class Limits:
    """Bytes that a candidate may take by its own estimates."""

    ram: int = _NO_LIMIT
    flash: int = _NO_LIMIT

    def hold(self, candidate: Candidate) -> bool:
        return candidate.ram <= self.ram and candidate.flash <= self.flash


class Candidates:
    """What can be built of a graph."""

    def __init__(
        self, graph: Graph, isas: tuple[str, ...], cpu: str, *, rows_in: bool, watch: Watch | None = None
    ) -> None:
        """isas: instruction sets whose kernels may be used, best first; cpu: the core whose costs count."""
        self._graph = graph
        self._isas = isas
        self._table = cost_table(cpu)
        self._rows_in = rows_in
        self._watch = watch
        self._searches: dict[tuple[tuple[int, ...], bool], Search] = {}
        self._plans: dict[tuple[Search, bool], Plan] = {}

    def fast(self) -> tuple[Candidate, ...]:
        """The fastest kernels layer by layer, and in the least RAM; the fastest first."""
        return tuple(sorted(self._once(self._fastest, "-O2"), key=_by_speed))

    def least_ram(self) -> tuple[Candidate, ...]:
        """Those that compute nothing twice, the least RAM first; of several, the fastest first."""
        leads = [(self._least(s, level), level, s) for level in LEVELS for s in self._lean(level)]
        found: list[Candidate] = []
        for least, level, selection in sorted(leads, key=lambda lead: lead[0]):
            if found and least > min(c.ram for c in found) + RAM_UNSURE:
                break
            found.append(self._candidate(selection, level, streamed=True, tight=True))
            found.append(self._candidate(selection, level, streamed=False))
        best = min(found, key=_by_ram)
        found += self._faster(best, Limits(ram=best.ram), tight=True)
        return tuple(sorted(found, key=_by_ram))

    def _least(self, selection: Selection, level: Level) -> int:
        """RAM that no plan of the selection is below, before any is placed."""
        stack = self._table.stack_bytes(kernels_of(selection), level)
        return self._search(selection, tight=True).least + stack

    def least_flash(self) -> tuple[Candidate, ...]:
        """Those that compute nothing twice, the least flash first."""
        found: list[Candidate] = []
        for level in LEVELS:
            small = self._small(level)
            selections = (*self._lean(level), *((small,) if small else ()))
            least = min((flash_of(s, self._table, level) for s in selections), default=0)
            near = (s for s in selections if flash_of(s, self._table, level) <= least + FLASH_UNSURE)
            found += [candidate for s in near for candidate in self._once(s, level)]
        return tuple(sorted(found, key=lambda c: (c.flash, c.ram)))

    def least_bytes(self) -> int:
        """The least flash, as estimated before anything is planned."""
        found = []
        for level in LEVELS:
            small = self._small(level)
            selections = (*self._lean(level), *((small,) if small else ()))
            found += [flash_of(s, self._table, level) for s in selections]
        return min(found)

    def once_within(self, limits: Limits) -> list[Candidate]:
        """Return those within the limits that compute nothing twice, the fastest first."""
        once = [c for level, s in self._leveled(limits) for c in self._once(s, level)]
        once += [faster for base in once for faster in self._faster(base, limits)]
        once += [c for level, s in self._leveled(limits) for c in self._filled(s, level, limits)]
        return sorted(unlike(filter(limits.hold, once)), key=_by_speed)

    def twice_within(self, limits: Limits) -> list[Candidate]:
        """Return those within the limits that compute something twice, the fastest first."""
        plans = ((p, s, level) for level, s in self._leveled(limits) for p in self._search(s).pareto()[1:])
        twice = (self._as_candidate(*each) for each in plans)
        return sorted(unlike(filter(limits.hold, twice)), key=_by_speed)

    def _leveled(self, limits: Limits) -> Iterator[tuple[Level, Selection]]:
        return ((level, s) for level in LEVELS for s in self._choices(level, limits))

    def _filled(self, selection: Selection, level: Level, limits: Limits) -> Iterator[Candidate]:
        """Yield what the limits ask for beside the smallest plan: lines in larger blocks, or in smaller ones."""
        search = self._search(selection)
        if not search.has_lines:
            return
        room = limits.ram - self._table.stack_bytes(kernels_of(selection), level)
        if search.smallest().arena > room:
            yield self._candidate(selection, level, streamed=True, tight=True)
        elif search.layers().arena > room:
            yield self._as_candidate(search.filling(room), selection, level)

    def nearest(self, limits: Limits) -> Candidate:
        """The one that exceeds the limits least, whatever it computes."""
        every = []
        for level in LEVELS:
            for s in self._choices(level, limits):
                plans = (self._search(s).layers(), *self._search(s).pareto())
                every += [self._as_candidate(plan, s, level) for plan in plans]
        return min(every, key=lambda c: max(c.ram / limits.ram, c.flash / limits.flash))

    @cached_property
    def _alternatives(self) -> Alternatives:
        return alternatives_of(self._graph, self._isas, self._table)

    @cached_property
    def _fastest(self) -> Selection:
        return fastest(self._alternatives)

    def _small(self, level: Level) -> Selection | None:
        return smallest(self._alternatives, self._table, level)

    def _lean(self, level: Level) -> tuple[Selection, ...]:
        """Selections that may take little RAM."""
        preferred = tuple(each[0] for each in self._alternatives)
        chosen = (
            *leanest(self._alternatives, self._table, level),
            *(by_instruction_set(self._alternatives, isa) for isa in self._isas),
            preferred,
        )
        return tuple(s for s in _distinct(chosen) if self._compiles(s, level))

    def _choices(self, level: Level, limits: Limits) -> tuple[Selection, ...]:
        """Selections for limits, with kernels left out until their flash is within them."""
        chosen = [self._fastest, *self._lean(level)]
        lean = tuple(_without_scratch(each) for each in self._alternatives)
        found = (
            self._small(level),
            *(quickest(each, self._table, level, limits.flash) for each in (self._alternatives, lean)),
        )
        chosen += [selection for selection in found if selection]
        cut = (cut_down(s, self._alternatives, self._table, level, limits.flash) for s in chosen)
        return tuple(s for s in _distinct(cut) if self._compiles(s, level))

    def _compiles(self, selection: Selection, level: Level) -> bool:
        return all(self._table.compiles(kernel, level) for kernel in kernels_of(selection))

    def _faster(self, base: Candidate, limits: Limits, *, tight: bool = False) -> Iterator[Candidate]:
        """Yield the candidate with faster kernels where the limits have room for their scratch, stack and code."""
        level, selection = base.level, base.selection
        own = self._table.stack_bytes(kernels_of(selection), level)
        every = (self._table.stack_bytes(a.cost.kernels, level) for each in self._alternatives for a in each)
        for stack in sorted({own, *(size for size in every if size > own)}):

            def fits(other: Alternative, stack: int = stack) -> bool:
                kernels = other.cost.kernels
                return (
                    all(self._table.compiles(kernel, level) for kernel in kernels)
                    and self._table.stack_bytes(kernels, level) <= stack
                )

            faster = sped_up(base.plan, selection, self._alternatives, limits.ram - stack, fits)
            faster = cut_down(faster, self._alternatives, self._table, level, limits.flash)
            in_blocks = any(task.block and task.firings > 1 for task in base.plan.tasks)
            streamed = in_blocks or any(stage.kind != "layer" for stage in base.plan.stages)
            yield self._candidate(faster, level, streamed=streamed, tight=tight)

    def _once(self, selection: Selection, level: Level) -> tuple[Candidate, ...]:
        """The plans of a selection that compute nothing twice."""
        return tuple(self._candidate(selection, level, streamed=streamed) for streamed in (False, True))

    def _candidate(
        self, selection: Selection, level: Level, *, streamed: bool, tight: bool = False
    ) -> Candidate:
        """tight: lines are streamed in blocks as small as can be."""
        search = self._search(selection, tight=tight)
        if (search, streamed) not in self._plans:
            self._plans[search, streamed] = search.smallest() if streamed else search.layers()
        return self._as_candidate(self._plans[search, streamed], selection, level)

    def _search(self, selection: Selection, *, tight: bool = False) -> Search:
        """tight makes a difference only where there are lines."""
        ids = tuple(map(id, selection))
        if (ids, False) not in self._searches:
            search = Search(self._graph, lowerings_of(selection), rows_in=self._rows_in, watch=self._watch)
            self._searches[ids, False] = search
        if not (tight and self._searches[ids, False].has_lines):
            return self._searches[ids, False]
        if (ids, True) not in self._searches:
            search = Search(
                self._graph, lowerings_of(selection), rows_in=self._rows_in, tight=True, watch=self._watch
            )
            self._searches[ids, True] = search
        return self._searches[ids, True]

    def _as_candidate(self, plan: Plan, selection: Selection, level: Level) -> Candidate:
        streamed = [plan.tasks[k] for stage in plan.stages if stage.by_row for k, _, _ in stage.order]
        calls = _FIRING * len(streamed) + _BLOCK * sum(task.block > 0 for task in streamed)
        more = plan.macs_executed / max(plan.graph.macs(), 1)
        instructions = instructions_by(plan, selection) * more * (_SLOWER if level == "-Os" else 1)
        ram = plan.arena + self._table.stack_bytes(kernels_of(selection), level)
        flash = flash_of(selection, self._table, level)
        return Candidate(plan, level, selection, round(instructions + calls), ram, flash)


def unlike(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return one of those that are equal in all that is estimated."""
    return list({candidate.costs: candidate for candidate in candidates}.values())


def _without_scratch(alternatives: tuple[Alternative, ...]) -> tuple[Alternative, ...]:
    """Return those of an op that need the least scratch."""
    least = min(a.cost.scratch_bytes for a in alternatives)
    return tuple(a for a in alternatives if a.cost.scratch_bytes == least)


def _distinct(selections: Iterable[Selection]) -> tuple[Selection, ...]:
    return tuple({tuple(map(id, s)): s for s in selections}.values())


def _by_speed(candidate: Candidate) -> tuple[int, int]:
    return candidate.instructions, candidate.ram


def _by_ram(candidate: Candidate) -> tuple[int, int]:
    return candidate.ram, candidate.instructions
