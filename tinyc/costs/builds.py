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

    def attempt(self, candidate: Candidate) -> Built | FitError | UnboundedStackError:
        """Return the candidate built, or why it is none."""
        try:
            return self.build(candidate.plan, candidate.level, candidate)
        except (FitError, UnboundedStackError) as problem:
            return problem

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

    def _files(self, plan: Plan, level: Level, stack: int) -> dict[str, str]:
        options = self.options
        head = banner(self.model, options)
        mode, library = options.input_mode, options.library
        return generate(plan, options.board, self.name, mode, head, stack, library, level)


def best_build(graph: Graph, preferred: Plan, bench: Bench) -> Built:
    """Return the firmware that the options ask for; where none is within the budgets, the one that is nearest.

    preferred: the plan where they ask for nothing. Raises FitError where nothing fits the board.
    """
    options = bench.options
    if options.optimize == "balanced" and not options.has_budget:
        return bench.finish(bench.build(preferred, "-O2"))
    candidates = candidates_of(graph, options, bench.watch)
    if options.optimize in ("ram", "flash"):
        tried = _built(_likely(candidates, options), bench, MOST_BUILDS)
        held = [b for b in tried if _holds(b, options)]
        chosen = min(held, key=lambda b: _size(b, options), default=None)
    else:
        tried = _built(candidates.fast()[:1], bench, MOST_BUILDS)
        chosen = next((b for b in tried if _holds(b, options)), None)
    if chosen is None and options.has_budget:
        chosen, more = _first_within(candidates, tried, bench)
        tried += more
    if chosen is None:
        chosen = min(tried, key=lambda b: _over(b, options))
        if options.ram_budget is not None and options.flash_budget is not None:
            chosen = replace(chosen, least=_least(candidates, tried, bench))
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


def _built(queue: Iterable[Candidate], bench: Bench, most: int) -> list[Built]:
    """Return those that fit the board and whose stack has a bound, of the first `most`; raise where none does."""
    found: list[Built] = []
    problem: FitError | UnboundedStackError | None = None
    for candidate in queue:
        if bench.builds >= most:
            break
        built = bench.attempt(candidate)
        if isinstance(built, Built):
            found.append(built)
        else:
            problem = problem or built
    if not found and problem is not None:
        raise problem
    return found


def _least(candidates: Candidates, tried: list[Built], bench: Bench) -> tuple[int, int]:
    """The least RAM and the least flash of what was built, and of one more build for each."""
    ends = (candidates.nearest(limits) for limits in (Limits(ram=1), Limits(flash=1)))
    every = [*tried, *(built for end in ends if isinstance(built := bench.attempt(end), Built))]
    return min(b.ram for b in every), min(b.flash for b in every)


def _first_within(
    candidates: Candidates, tried: list[Built], bench: Bench
) -> tuple[Built | None, list[Built]]:
    """The fastest that is within the budgets, and all that were built to find it."""
    options, last = bench.options, tried[-1]
    more: list[Built] = []
    attempted = {built.estimate.costs for built in tried if built.estimate}
    known: list[Candidate] = []
    while bench.builds < MOST_BUILDS - 1:
        limits = _limits(last, options)
        known = unlike([*known, *candidates.once_within(limits)])
        fitting = [c for c in known if limits.hold(c) and c.costs not in attempted]
        fitting = fitting or [c for c in candidates.twice_within(limits) if c.costs not in attempted]
        candidate = min(fitting, key=lambda c: c.instructions, default=None)
        if candidate is None:
            break
        attempted.add(candidate.costs)
        built = bench.attempt(candidate)
        if isinstance(built, Built):
            more.append(built)
            if _holds(built, options):
                return built, more
            last = built
    nearest = bench.attempt(candidates.nearest(_limits(last, options)))
    if isinstance(nearest, Built):
        more.append(nearest)
        if _holds(nearest, options):
            return nearest, more
    return None, more


def _limits(built: Built, options: Options) -> Limits:
    """What is left of the budgets for what is estimated; `built` tells what the rest takes."""
    assert built.estimate is not None
    found = Limits()
    if options.ram_budget is not None:
        found = replace(found, ram=max(options.ram_budget - (built.ram - built.estimate.ram), 1))
    if options.flash_budget is not None:
        found = replace(found, flash=max(options.flash_budget - (built.flash - built.estimate.flash), 1))
    return found


def _holds(built: Built, options: Options) -> bool:
    return _over(built, options) <= 1


def _over(built: Built, options: Options) -> float:
    """What it takes, as a part of the budget that it takes most of; 0 without budgets."""
    ram = built.ram / options.ram_budget if options.ram_budget else 0
    return max(ram, built.flash / options.flash_budget if options.flash_budget else 0)


def _size(built: Built, options: Options) -> tuple[int, int]:
    """What is to be least: RAM, or flash; and then instructions."""
    assert built.estimate is not None
    instructions = built.estimate.instructions
    return (built.flash if options.optimize == "flash" else built.ram), instructions
