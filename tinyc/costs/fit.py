"""Whether a firmware fits its board; where it does not, what takes the room, what would help, and who has more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tinyc.errors import FitError
from tinyc.ir import Graph
from tinyc.options import Options
from tinyc.schedule import Plan
from tinyc.target.boards import Board, board_names, load_board
from tinyc.target.build import RegionOverflowError


@dataclass(frozen=True)
class Way:
    """Options that ask for less RAM, and the plan that they give."""

    options: str
    plan: Plan


#: A network whose constants are so much larger than the flash has too many, whatever is optimised away.
_HOPELESS = 4


def check_possible(source: Graph, board: Board, *, rows_in: bool) -> None:
    """Raise FitError for a model that no plan brings onto the board, before any work is spent on it.

    source: as its file has it; rows_in: the first input does not lie in RAM.
    """
    if board.ram_bytes is None or board.flash_bytes is None:
        return
    resident = {p.tensor for p in (source.inputs[1:] if rows_in else source.inputs)}
    sides = (sum(source.type(n).bytes for n in names) for names in (resident, source.output_tensors))
    needed, constants = max(sides), sum(t.type.bytes for t in source.tensors.values() if t.data is not None)
    if needed > board.ram_bytes * _HOPELESS:
        raise FitError(
            f"{source.name} cannot fit {board.name}: its inputs or outputs alone have {needed:,} bytes, "
            f"the RAM {board.ram_bytes:,}",
            "choose a smaller input, or a board with more memory (tinyc boards)",
        )
    if constants > board.flash_bytes * _HOPELESS:
        raise FitError(
            f"{source.name} cannot fit {board.name}: its constants have {constants:,} bytes, "
            f"the flash {board.flash_bytes:,}",
            "choose a smaller model, or a board with more memory (tinyc boards)",
        )


def largest_bank(board: Board) -> int | None:
    """Return the bytes of RAM that an arena may have; None where memory is not limited."""
    return max((region.size for region in board.ram), default=None)


def check_arena(plan: Plan, board: Board) -> None:
    """Raises FitError where the arena alone is larger than any RAM bank: nothing needs to be built to know."""
    largest = largest_bank(board)
    if largest is not None and plan.arena > largest:
        raise FitError(
            f"{plan.graph.name} does not fit {board.name}: the arena of {plan.arena:,} bytes is larger than the "
            f"largest RAM bank, {largest:,} bytes.\n{_where(plan)}"
        )


def explain_overflow(problem: RegionOverflowError, plan: Plan, board: Board) -> FitError:
    """The linker's message with what takes most of the memory that it ran out of."""
    if set(problem.regions) <= {region.name for region in board.flash}:
        return FitError(f"{problem.message}\n{_constants(plan)}\n{_where(plan)}", _flash_advice(plan))
    return FitError(f"{problem.message}\n{_where(plan)}")


def check_fit(
    report: dict[str, Any], plan: Plan, options: Options, least: tuple[int, int] | None = None
) -> None:
    """Raises FitError where ram.total or flash.total exceed the budget, or else the board.

    least: the least RAM and the least flash of any firmware, each for itself, where two budgets cannot be met.
    """
    reach = (
        f"\nEach for itself, RAM goes down to about {least[0]:,} bytes and flash to about {least[1]:,}."
        if least
        else ""
    )
    board = options.board
    limits = (("ram", "RAM", board.ram_bytes), ("flash", "flash", board.flash_bytes))
    for key, label, size in limits:
        total, budget = report[key]["total"], report[key]["budget"]
        if total is None:
            continue
        if budget is not None and total > budget:
            limit, what = budget, "the budget"
        elif size is not None and total > size:
            limit, what = size, f"the {label} of {board.name}"
        else:
            continue
        raise FitError(
            f"{report['model']['file']} needs {total:,} bytes of {label}; {what} is {limit:,} bytes "
            f"({total - limit:,} too many).\n{'' if key == 'ram' else _constants(plan) + chr(10)}{_where(plan)}{reach}",
            "" if key == "ram" else _flash_advice(plan, small=options.optimize == "flash"),
        )


def advice(plan: Plan, nearest: Plan, ways: Iterable[Way], board: Board, budget: int | None) -> str:
    """What would bring the RAM down to the budget or else the board, the first way that does; and who has more.

    plan: where nothing is asked for; nearest: the best that was found.
    """
    more_room = "a larger budget" if budget is not None and _has_room(board, plan.arena) else "another board"
    known = f"Known boards with room for it: {holders(plan)}"
    least = min(plan, nearest, key=lambda p: p.arena)
    for way in ways:
        if _has_room(board, way.plan.arena) and (budget is None or way.plan.arena + _LEAST_STACK <= budget):
            more = (
                f", for {way.plan.macs_executed / plan.macs_executed:.2f} times the MACs"
                if way.plan.extra_macs
                else ""
            )
            return f"try {way.options}: an arena of {way.plan.arena:,} bytes{more}; or {more_room}. {known}"
        least = min(least, way.plan, key=lambda p: p.arena)
    return (
        f"the smallest arena that tinyc finds for it takes {least.arena:,} bytes: use a smaller input image or "
        f"network, or {more_room}. {known}"
    )


def _flash_advice(plan: Plan, *, small: bool = False) -> str:
    """small: nothing has less code already."""
    ways = (
        "use a network with fewer weights" if small else "try --optimize flash, a network with fewer weights"
    )
    return f"{ways}, or another board. Known boards with room for it: {holders(plan)}"


def _where(plan: Plan) -> str:
    """The peak op and the largest buffers."""
    peak = max(plan.stages, key=lambda s: s.peak)
    op = plan.graph.ops[plan.ops_of(peak)[-1]]
    return (
        f"Peak: {peak.peak:,} bytes of live data at {op.origin}.\n"
        f"Largest buffers: {_largest((b.bytes, name) for name, b in plan.buffers.items())} (they may overlap)."
    )


def _constants(plan: Plan) -> str:
    """The layers with most bytes of constants."""
    outputs = (op.outputs[0] for op in plan.graph.ops)
    sizes = ((low.weights_bytes, name) for low, name in zip(plan.lowerings, outputs, strict=True))
    return f"Largest constants: {_largest(sizes)}."


def _largest(sizes: Iterable[tuple[int, str]]) -> str:
    """The three largest; converters join names with semicolons."""
    first = sorted(sizes, reverse=True)[:3]
    return ", ".join(f"'{name.partition(';')[0]}' {size:,}" for size, name in first)


#: Stack that any inference takes.
_LEAST_STACK = 256

#: Beyond what the plan says: variables and stack of the demo, and its code.
_OTHER_RAM = 2560
_OTHER_FLASH = 32768


def holders(plan: Plan) -> str:
    """The known boards that have room for the plan, those with the least RAM first."""
    weights = sum(low.weights_bytes for low in plan.lowerings)
    runnable = [b for b in map(load_board, board_names()) if not (b.is_host or b.is_library)]
    boards = [b for b in runnable if _has_room(b, plan.arena, weights)]
    return ", ".join(b.name for b in sorted(boards, key=lambda b: b.ram_bytes or 0)) or "none"


def _has_room(board: Board, arena: int, weights: int = 0) -> bool:
    main, bank = board.banks(arena, _OTHER_RAM)
    ram = bank.size >= arena + (_OTHER_RAM if main is bank else 0)
    return ram and (board.flash_bytes or 0) >= weights + _OTHER_FLASH
