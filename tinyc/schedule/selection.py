"""The choice of a kernel for every op: for speed, for little scratch and stack, for little code, by estimated costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tinyc.ir import Graph
from tinyc.kernels import each_lowering
from tinyc.kernels.base import Lowering
from tinyc.kernels.cost import Cost, CostTable, Level, work_of
from tinyc.kernels.pace import EVEN
from tinyc.schedule.plan import Plan
from tinyc.schedule.tasks import Task

#: A kernel takes the place of the preferred one where its estimate is below this part of the other's: the estimates
#: are off by some percent, and the order of preference was measured.
_CLEARLY = 0.6
#: How many times as long as another a kernel may take that does not get the steps it computes together; those that
#: unpack weights are estimated to take up to 1.8 times what they do.
_MUCH = 4.0
#: Bytes of generated code, roughly, that a call with rows of a window takes beyond one with a run of units.
_ROWS_CODE = 10


@dataclass(frozen=True, eq=False)
class Alternative:
    """One op by one of the kernels that take it."""

    lowering: Lowering
    cost: Cost

    @property
    def instructions(self) -> int:
        return self.cost.instructions

    def instructions_by(self, task: Task) -> int:
        """Where it gets the blocks of a line that the task computes."""
        times = task.times(self.lowering.pace, self._columns(task))
        return self.cost.instructions + round(self.cost.products * (times - 1))

    def measured_by(self, task: Task) -> float:
        """The same of one such block, as its kernel knows them; 0 where it does not."""
        return self.lowering.pace.instructions(task.block, self._columns(task))

    def _columns(self, task: Task) -> int:
        return self.lowering.for_columns(task.columns or task.block).columns


#: Of each op, the preferred one first.
Alternatives = tuple[tuple[Alternative, ...], ...]
#: One of each op.
Selection = tuple[Alternative, ...]


def alternatives_of(graph: Graph, isas: tuple[str, ...], table: CostTable) -> Alternatives:
    return tuple(
        tuple(Alternative(low, table.cost(low, work_of(op, graph))) for low in each_lowering(op, graph, isas))
        for op in graph.ops
    )


def lowerings_of(selection: Selection) -> tuple[Lowering, ...]:
    return tuple(each.lowering for each in selection)


def kernels_of(selection: Selection) -> frozenset[str]:
    return frozenset(kernel for each in selection for kernel in each.cost.kernels)


def instructions_of(selection: Selection) -> int:
    return sum(each.instructions for each in selection)


def instructions_by(plan: Plan, selection: Selection) -> int:
    """Return them where lines are computed in the plan's blocks."""
    return sum(selection[task.op].instructions_by(task) for task in plan.tasks if task.op >= 0)


def own_flash(each: Alternative) -> int:
    """Bytes of constants, and of the generated code beyond what any call takes."""
    return each.cost.constant_bytes + (_ROWS_CODE if each.lowering.needs_rows else 0)


def flash_of(selection: Selection, table: CostTable, level: Level) -> int:
    """Bytes of constants, of the kernels' code, and of what differs in the generated code."""
    return sum(map(own_flash, selection)) + table.code_bytes(kernels_of(selection), level)


def by_instruction_set(alternatives: Alternatives, isa: str) -> Selection:
    """Each op by the preferred kernel for `isa`, or the portable one: what `--kernels` takes."""
    ends = (f"_{isa}", "_ref")
    return tuple(
        next((a for a in each if all(kernel.endswith(ends) for kernel in a.cost.kernels)), each[-1])
        for each in alternatives
    )


def fastest(alternatives: Alternatives) -> Selection:
    """Each op by the preferred kernel, or one whose estimate is clearly less."""
    return tuple(_fastest(each) for each in alternatives)


def _fastest(
    each: tuple[Alternative, ...], instructions: Callable[[Alternative], int] = lambda a: a.instructions
) -> Alternative:
    first = each[0]
    best = min((a for a in each if a.cost.measured), key=instructions, default=first)
    clearly = first.cost.measured and instructions(best) < _CLEARLY * instructions(first)
    return best if clearly else first


def within_time(plan: Plan, isas: tuple[str, ...], table: CostTable) -> tuple[Lowering, ...]:
    """Return the plan's kernels, but others where the plan's blocks of lines make them slower than these.

    Much slower by the estimates; where kernels know what they take, by that.
    """
    found = list(plan.lowerings)
    for task in plan.tasks:
        if task.op < 0 or not task.block or found[task.op].pace == EVEN:
            continue
        op = plan.graph.ops[task.op]
        work = work_of(op, plan.graph)
        own, *others = (
            Alternative(low, table.cost(low, work))
            for low in (found[task.op], *each_lowering(op, plan.graph, isas))
        )
        by_blocks = partial(Alternative.instructions_by, task=task)
        paced = [a for a in others if a.lowering.pace != EVEN]
        if own.measured_by(task):
            own = min((own, *(a for a in paced if a.measured_by(task))), key=lambda a: a.measured_by(task))
        best = _fastest((own, *paced), by_blocks)
        even = next((a for a in others if a.lowering.pace == EVEN), None)
        if even and even.cost.measured and by_blocks(best) > _MUCH * even.instructions:
            best = even
        found[task.op] = best.lowering
    return tuple(found)


def is_slower(plan: Plan, other: Plan) -> bool:
    """Whether a plan takes more time than another for the lines of ops whose kernels know theirs in both."""
    times = [_measured(one) for one in (plan, other)]
    both = times[0].keys() & times[1].keys()
    return sum(times[0][op] for op in both) > sum(times[1][op] for op in both)


def _measured(plan: Plan) -> dict[int, float]:
    """Instructions by op, where its kernel knows them."""
    pairs = ((task, plan.lowerings[task.op].pace) for task in plan.tasks if task.op >= 0 and task.block)
    return {
        task.op: task.firings * pace.instructions(task.block, task.columns)
        for task, pace in pairs
        if pace.each
    }


def leanest(alternatives: Alternatives, table: CostTable, level: Level) -> Iterator[Selection]:
    """Yield selections of little scratch: one for every limit on the kernels' stack."""

    def stack(each: Alternative) -> int:
        return table.stack_bytes(each.cost.kernels, level)

    def needs(each: Alternative) -> tuple[int, int]:
        return each.cost.scratch_bytes + each.lowering.state_bytes, each.instructions

    seen: set[tuple[int, ...]] = set()
    least = max((min(map(stack, each)) for each in alternatives), default=0)
    for limit in sorted({stack(a) for each in alternatives for a in each if stack(a) >= least} | {least}):
        chosen = tuple(min((a for a in each if stack(a) <= limit), key=needs) for each in alternatives)
        if (key := tuple(map(id, chosen))) not in seen:
            seen.add(key)
            yield chosen


def sped_up(
    plan: Plan,
    selection: Selection,
    alternatives: Alternatives,
    arena: int,
    fits: Callable[[Alternative], bool],
) -> Selection:
    """Return the fastest kernels that go through their operands as those of the plan, and whose scratch has room.

    arena: bytes that the plan may take; fits: what else is asked of a kernel that takes another's place.
    """
    chosen = list(selection)
    tasks = {task.op: task for task in plan.tasks}
    for stage in plan.stages:
        ops = plan.ops_of(stage)
        held = max((selection[i].cost.scratch_bytes for i in ops), default=0)
        room = held + max(arena - stage.peak, 0)
        for i in ops:
            others = [
                a for a in alternatives[i]
                if a.cost.scratch_bytes <= room and _alike(a.lowering, selection[i].lowering) and fits(a)
            ]  # fmt: skip
            chosen[i] = _fastest((*others, selection[i]), partial(Alternative.instructions_by, task=tasks[i]))
    return tuple(chosen)


def _alike(one: Lowering, other: Lowering) -> bool:
    """Whether a schedule sees no difference but the scratch."""
    writes = [[call.writes for call in low.calls] for low in (one, other)]
    return (
        one.operands == other.operands
        and one.in_place == other.in_place
        and one.state_bytes == other.state_bytes
        and writes[0] == writes[1]
    )


def smallest(alternatives: Alternatives, table: CostTable, level: Level) -> Selection | None:
    """Return the selection of least flash that a local search finds.

    None where an op has no kernel that compiles at this level.
    """

    def pick(each: tuple[Alternative, ...]) -> Alternative:
        return min(each, key=lambda a: (own_flash(a), a.instructions))

    def score(selection: Selection) -> tuple[int, int]:
        return flash_of(selection, table, level), instructions_of(selection)

    return _best(_compiling(alternatives, table, level), pick, score)


def quickest(alternatives: Alternatives, table: CostTable, level: Level, limit: int) -> Selection | None:
    """Return the fastest selection within so much flash that a local search finds, or else that of least flash.

    None where an op has no kernel that compiles at this level.
    """

    def score(selection: Selection) -> tuple[int, int]:
        return max(flash_of(selection, table, level) - limit, 0), instructions_of(selection)

    return _best(_compiling(alternatives, table, level), _fastest, score)


def _compiling(alternatives: Alternatives, table: CostTable, level: Level) -> Alternatives:
    return tuple(
        tuple(a for a in each if all(table.compiles(kernel, level) for kernel in a.cost.kernels))
        for each in alternatives
    )


def _best(
    alternatives: Alternatives,
    pick: Callable[[tuple[Alternative, ...]], Alternative],
    score: Callable[[Selection], tuple[int, int]],
) -> Selection | None:
    """Return the selection of least score that leaving kernels out, and putting them in, one by one finds.

    pick: one of what the kernels in question leave of an op's alternatives; score: of a selection.
    """
    if not all(alternatives):
        return None

    def within(kernels: frozenset[str]) -> Selection | None:
        having = tuple(tuple(a for a in each if a.cost.kernels <= kernels) for each in alternatives)
        return tuple(map(pick, having)) if all(having) else None

    every = frozenset(kernel for each in alternatives for a in each for kernel in a.cost.kernels)
    isas = sorted({kernel.rpartition("_")[2] for kernel in every})
    firsts = (tuple(each[0] for each in alternatives), *(by_instruction_set(alternatives, i) for i in isas))
    starts = [every, *map(kernels_of, firsts)]
    found = [_improved(s, every, within, score) for kernels in starts if (s := within(kernels))]
    return min(found, key=score)


def _improved(
    best: Selection,
    every: frozenset[str],
    within: Callable[[frozenset[str]], Selection | None],
    score: Callable[[Selection], tuple[int, int]],
) -> Selection:
    """Return what a local search from `best` ends with; every: all kernels there are."""
    while True:
        used = kernels_of(best)
        moves = [used - {kernel} for kernel in used]
        moves += [used | {kernel} for kernel in every - used]
        moves += [(used - {one}) | {other} for one in used for other in every - used]
        tried = [s for kernels in moves if (s := within(kernels))]
        found = min(tried, key=score, default=best)
        if score(found) >= score(best):
            return best
        best = found


def cut_down(
    selection: Selection, alternatives: Alternatives, table: CostTable, level: Level, limit: int
) -> Selection:
    """Leave kernels out until the flash is within `limit`, first where least speed is lost for the bytes.

    Returns the selection of least flash that was met where none is within it.
    """
    chosen = least = selection
    banned: frozenset[str] = frozenset()
    while (over := flash_of(chosen, table, level) - limit) > 0:
        found: list[tuple[float, str, Selection]] = []
        for kernel in sorted(kernels_of(chosen)):
            for without in _without(chosen, alternatives, banned | {kernel}, table, level):
                saved = flash_of(chosen, table, level) - flash_of(without, table, level)
                lost = max(instructions_of(without) - instructions_of(chosen), 1)
                if saved > 0:
                    found.append((lost / min(saved, over), kernel, without))
        if not found:
            break
        _, kernel, chosen = min(found, key=lambda f: f[0])
        banned |= {kernel}
        least = min(least, chosen, key=lambda s: flash_of(s, table, level))
    return chosen if over <= 0 else least


def _without(
    selection: Selection, alternatives: Alternatives, banned: frozenset[str], table: CostTable, level: Level
) -> Iterator[Selection]:
    """Yield other kernels in place of the banned: those that are there anyway, else the fastest, or the smallest."""
    rest = kernels_of(tuple(each for each in selection if not banned & each.cost.kernels))

    def size(each: Alternative) -> int:
        return own_flash(each) + table.code_bytes(each.cost.kernels - rest, level)

    others = tuple(
        tuple(a for a in each if not banned & a.cost.kernels) if banned & own.cost.kernels else (own,)
        for own, each in zip(selection, alternatives, strict=True)
    )
    if all(others):
        yield tuple(min(each, key=lambda a: (not a.cost.kernels <= rest, a.instructions)) for each in others)
        yield tuple(min(each, key=lambda a: (size(a), a.instructions)) for each in others)
