"""Which plan and kernels become the firmware: the best by estimated costs are built, and what they take decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tinyc.codegen import generate
from tinyc.costs import fit, footprint
from tinyc.errors import FitError
from tinyc.frontends.source import ModelFile
from tinyc.ir import Graph
from tinyc.kernels.cost import Level
from tinyc.options import Options, Progress, banner, instruction_sets
from tinyc.schedule import Plan, Watch
from tinyc.schedule.candidates import FLASH_UNSURE, RAM_UNSURE, Candidate, Candidates, Limits, unlike
from tinyc.target import folder
from tinyc.target.build import RegionOverflowError
from tinyc.target.stack import UnboundedStackError

#: Firmwares that are built to find the one.
MOST_BUILDS = 6


@dataclass(frozen=True, eq=False)
class Built:
    """A firmware that was built, and what it takes."""

    plan: Plan
    level: Level
    costs: footprint.Costs
    #: None for the default plan, which nothing competes with.
    estimate: Candidate | None = None
    #: Of the firmware folder, but report and vectors.
    files: dict[str, str | bytes] = field(default_factory=dict)
    #: The least RAM and the least flash that were met, each for itself, where this is not within two budgets.
    least: tuple[int, int] | None = None

    @property
    def ram(self) -> int:
        return self.plan.arena + self.costs.footprint.static + (self.costs.stack or 0)

    @property
    def flash(self) -> int:
        return self.costs.footprint.flash


@dataclass(frozen=True, eq=False)
class Refused:
    """A candidate that is no firmware, and why: what exceeds the board, or a stack without a bound."""

    estimate: Candidate
    problem: FitError | UnboundedStackError

    def excess(self, options: Options) -> tuple[int, int]:
        """Return the bytes of RAM and of flash that are missing, as far as they are known."""
        cause, board = self.problem.__cause__, options.board
        if isinstance(cause, RegionOverflowError):
            flash = {region.name for region in board.flash}
            over = cause.regions.items()
            return sum(n for r, n in over if r not in flash), sum(n for r, n in over if r in flash)
        largest = fit.largest_bank(board)
        return max(self.estimate.plan.arena - (largest or self.estimate.plan.arena), 0), 0


@dataclass
class Bench:
    """Where the firmwares of a model are built, one after the other in the same folder."""

    model: ModelFile
    name: str
    options: Options
    place: Path
    progress: Progress
    watch: Watch
    builds: int = 0

    def build(self, plan: Plan, level: Level, estimate: Candidate | None = None) -> Built:
        """Raises FitError where the arena or the linked model does not fit the board."""
        self.builds += 1
        if estimate is not None:
            self.progress(f"build candidate {self.builds} of at most {MOST_BUILDS}")
        options = self.options
        fit.check_arena(plan, options.board)
        folder.clear(self.place)
        # nothing is kept free for the stack until it is known
        folder.fill(self._files(plan, level, 0), self.place)
        return Built(plan, level, footprint.costs(self.place, options.board, self.name, plan), estimate)

    def attempt(self, candidate: Candidate) -> Built | Refused:
        """Return the candidate built, or why it is none."""
        try:
            return self.build(candidate.plan, candidate.level, candidate)
        except (FitError, UnboundedStackError) as problem:
            return Refused(candidate, problem)

    def finish(self, built: Built) -> Built:
        """Return it with its files; the folder is left with them. Raises FitError where the demo does not fit."""
        board, stack = self.options.board, built.costs.stack
        files = self._files(built.plan, built.level, 0 if stack is None else footprint.reserved_stack(stack))
        if self.builds > 1:
            folder.clear(self.place)
        folder.fill(files, self.place)
        if stack is not None:
            footprint.check_link(self.place, board, self.name, built.plan)
        return replace(built, files={**files, "board.toml": board.toml})

    def accepted(self, built: Built) -> Built | Refused | None:
        """Return it with its files, or why the demo does not fit; None where it is not within budgets and board."""
        if not _holds(built, self.options):
            return None
        try:
            return self.finish(built)
        except FitError as problem:
            assert built.estimate is not None
            return Refused(built.estimate, problem)

    def _files(self, plan: Plan, level: Level, stack: int) -> dict[str, str]:
        options = self.options
        head = banner(self.model, options)
        mode, library = options.input_mode, options.library
        return generate(plan, options.board, self.name, mode, head, stack, library, level)


def best_build(graph: Graph, preferred: Plan, bench: Bench) -> Built:
    """Return the firmware that the options ask for; where none is within the budgets, the one that is nearest.

    preferred: the plan where they ask for nothing. Without a budget, what the board has is one. Raises FitError where
    nothing fits the board.
    """
    options = bench.options
    if options.optimize == "balanced" and not options.has_budget:
        return bench.finish(bench.build(preferred, "-O2"))
    candidates = candidates_of(graph, options, bench.watch)
    if options.optimize in ("ram", "flash"):
        tried = _tried(_likely(candidates, options), bench)
        best_first = sorted(_built(tried), key=lambda b: _size(b, options))
    else:
        tried = _tried(candidates.fast()[:1], bench)
        best_first = _built(tried)
    chosen = _first_accepted(best_first, tried, bench) or _first_within(candidates, tried, bench)
    if chosen is not None:
        return chosen
    built = _built(tried)
    if not built:
        raise next(t.problem for t in tried if isinstance(t, Refused))
    chosen = min(built, key=lambda b: _over(b, options))
    if options.ram_budget is not None and options.flash_budget is not None:
        chosen = replace(chosen, least=_least(candidates, built, bench))
    return bench.finish(chosen)


def candidates_of(graph: Graph, options: Options, watch: Watch | None = None) -> Candidates:
    """What can be built of a graph on the board; watch: None where nobody does."""
    rows_in = options.input_mode == "rows"
    watch = watch or Watch(effort=options.effort)
    return Candidates(graph, instruction_sets(options), options.board.cpu, rows_in=rows_in, watch=watch)


def _likely(candidates: Candidates, options: Options) -> list[Candidate]:
    """The candidates of least RAM or flash, as far as the estimates can tell."""
    if options.optimize == "ram":
        queue = candidates.least_ram()
        likely = [c for c in queue if c.ram <= queue[0].ram + RAM_UNSURE]
    else:
        queue = candidates.least_flash()
        likely = [c for c in queue if c.flash <= queue[0].flash + FLASH_UNSURE]
    return unlike(likely)


def _tried(queue: Iterable[Candidate], bench: Bench) -> list[Built | Refused]:
    """Return as many of them, built, as there may be builds."""
    found: list[Built | Refused] = []
    for candidate in queue:
        if bench.builds >= MOST_BUILDS:
            break
        found.append(bench.attempt(candidate))
    return found


def _built(tried: Iterable[Built | Refused]) -> list[Built]:
    """Return those that fit the board and whose stack has a bound."""
    return [each for each in tried if isinstance(each, Built)]


def _first_accepted(queue: Iterable[Built], tried: list[Built | Refused], bench: Bench) -> Built | None:
    """Return the first that fits, finished; one that does not fit as the demo is added to `tried` as refused."""
    for built in queue:
        accepted = bench.accepted(built)
        if isinstance(accepted, Built):
            return accepted
        if accepted is not None:
            tried.append(accepted)
    return None


def _least(candidates: Candidates, built: list[Built], bench: Bench) -> tuple[int, int]:
    """The least RAM and the least flash of what was built, and of one more build for each."""
    ends = [bench.attempt(candidates.nearest(limits)) for limits in (Limits(ram=1), Limits(flash=1))]
    every = [*built, *_built(ends)]
    return min(b.ram for b in every), min(b.flash for b in every)


def _first_within(candidates: Candidates, tried: list[Built | Refused], bench: Bench) -> Built | None:
    """Return the fastest that is within the budgets and the board, finished; what is tried is added to `tried`."""
    options = bench.options
    attempted = {each.estimate.costs for each in tried if each.estimate}
    known: list[Candidate] = []
    while bench.builds < MOST_BUILDS - 1:
        limits = _limits(tried, options)
        known = unlike([*known, *candidates.once_within(limits)])
        fitting = [c for c in known if limits.hold(c) and c.costs not in attempted]
        fitting = fitting or [c for c in candidates.twice_within(limits) if c.costs not in attempted]
        candidate = min(fitting, key=lambda c: c.instructions, default=None)
        if candidate is None:
            break
        attempted.add(candidate.costs)
        tried += (found := _tried([candidate], bench))
        if chosen := _first_accepted(_built(found), tried, bench):
            return chosen
    nearest = candidates.nearest(_limits(tried, options))
    if nearest.costs in attempted:
        return None
    tried += (found := _tried([nearest], bench))
    return _first_accepted(_built(found), tried, bench)


def _room(options: Options) -> Limits:
    """Return the bytes that a firmware may take: the budgets, and what the board has."""
    board = options.board
    ram = [size for size in (options.ram_budget, board.ram_bytes) if size is not None]
    flash = [size for size in (options.flash_budget, board.flash_bytes) if size is not None]
    no = Limits()
    return Limits(min(ram, default=no.ram), min(flash, default=no.flash))


def _limits(tried: list[Built | Refused], options: Options) -> Limits:
    """What is left for what is estimated.

    The last that was built tells what the rest takes, one that was refused what is missing.
    """
    found = _room(options)
    for built in _built(tried)[-1:]:
        assert built.estimate is not None
        rest = built.ram - built.estimate.ram, built.flash - built.estimate.flash
        found = Limits(found.ram - rest[0], found.flash - rest[1])
    for refused in (each for each in tried if isinstance(each, Refused)):
        ram, flash = refused.excess(options)
        if ram:
            found = replace(found, ram=min(found.ram, refused.estimate.ram - ram))
        if flash:
            found = replace(found, flash=min(found.flash, refused.estimate.flash - flash))
    return Limits(max(found.ram, 1), max(found.flash, 1))


def _holds(built: Built, options: Options) -> bool:
    return _over(built, options) <= 1


def _over(built: Built, options: Options) -> float:
    """What it takes, as a part of the budget or board that it takes most of."""
    room = _room(options)
    return max(built.ram / room.ram, built.flash / room.flash)


def _size(built: Built, options: Options) -> tuple[int, int]:
    """What is to be least: RAM, or flash; and then instructions."""
    assert built.estimate is not None
    instructions = built.estimate.instructions
    return (built.flash if options.optimize == "flash" else built.ram), instructions
