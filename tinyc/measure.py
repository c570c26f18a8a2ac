"""What a generated firmware costs once it is built, and whether it fits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinyc.boards import Board, board_names, load_board
from tinyc.build import Built, Variant, build
from tinyc.elf import Footprint, read_footprint
from tinyc.encodings import check_encodings
from tinyc.errors import FitError
from tinyc.schedule import Plan
from tinyc.stack import worst_case_stack

#: Stack that the demo's main needs around the inference.
_MAIN_STACK = 1024


@dataclass(frozen=True)
class Costs:
    """footprint: of the model and its runtime; stack: bytes the inference call takes at most, None on the host."""

    footprint: Footprint
    stack: int | None


def costs(place: Path, board: Board, name: str, plan: Plan) -> Costs:
    """Link the model alone, from its API, in the firmware folder at `place`, and read what it takes.

    With rows as input, the demo's row callback is part of the inference and its stack is counted.
    """
    built = _built(place, board, name, plan, "footprint")
    footprint = read_footprint(built.elf, name)
    if board.is_host:
        return Costs(footprint, None)
    if not plan.rows_in:
        return Costs(footprint, worst_case_stack(built.elf, f"{name}_run", board, built.call_graphs).bytes)
    demo = _built(place, board, name, plan)
    callback = worst_case_stack(demo.elf, "read_row", board, demo.call_graphs).bytes
    root = f"{name}_run_rows"
    callers = dict.fromkeys((root, *(f"stage{i}" for i in range(len(plan.stages)))), callback)
    return Costs(footprint, worst_case_stack(built.elf, root, board, built.call_graphs, callers).bytes)


def reserved_stack(stack: int) -> int:
    """Bytes of stack that the linker is told to keep free for an inference that takes `stack`."""
    return stack + _MAIN_STACK


def check_arena(plan: Plan, board: Board) -> None:
    """Raises FitError where the arena alone is larger than any RAM bank: nothing needs to be built to know."""
    if board.is_host:
        return
    largest = max(r.size for r in board.ram)
    if plan.arena > largest:
        raise FitError(
            f"{plan.graph.name} does not fit {board.name}: the arena of {plan.arena:,} bytes is larger than the "
            f"largest RAM bank, {largest:,} bytes.\n{_where(plan)}",
            _advice(plan),
        )


def check_link(place: Path, board: Board, name: str, plan: Plan) -> None:
    """Link the demo too. Raises FitError where it does not fit the board, and BoardError where it holds instructions

    that the board's core does not have.
    """
    check_encodings(_built(place, board, name, plan).elf, board)


def _built(place: Path, board: Board, name: str, plan: Plan, variant: Variant = "demo") -> Built:
    """Built; where the linker runs out of memory, with what takes most of it."""
    try:
        return build(place, board, name=name, variant=variant)
    except FitError as problem:
        raise FitError(f"{problem.message}\n{_where(plan)}", _advice(plan)) from problem


def check_fit(report: dict[str, Any], plan: Plan, board: Board) -> None:
    """Raises FitError where ram.total or flash.total exceed the budget, or else the board."""
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
            f"({total - limit:,} too many).\n{_where(plan) if key == 'ram' else _heaviest(report)}",
            _advice(plan) if key == "ram" else f"try --optimize flash, or another board. {_holders(plan)}",
        )


def _where(plan: Plan) -> str:
    """The peak op and the largest buffers."""
    peak = max(plan.stages, key=lambda s: s.peak)
    op = plan.graph.ops[plan.ops_of(peak)[-1]]
    sizes = sorted(((b.bytes, name) for name, b in plan.buffers.items()), reverse=True)[:3]
    largest = ", ".join(f"'{name}' {size:,}" for size, name in sizes)
    return f"Peak: {peak.peak:,} bytes of live data at {op.origin}.\nLargest buffers: {largest}."


def _heaviest(report: dict[str, Any]) -> str:
    layers = sorted(report["layers"], key=lambda layer: -int(layer["weights_bytes"]))[:3]
    named = ", ".join(f"'{layer['name']}' {layer['weights_bytes']:,}" for layer in layers)
    return f"Largest constants: {named}."


def _advice(plan: Plan) -> str:
    return f"try --input rows, a smaller input image, or another board. {_holders(plan)}"


#: Beyond what the plan says: variables and stack of the demo, and its code.
_OTHER_RAM = 4096
_OTHER_FLASH = 32768


def _holders(plan: Plan) -> str:
    """The known boards that have room for the plan, those with the least RAM first."""
    weights = sum(low.weights_bytes for low in plan.lowerings)
    boards = [board for board in map(load_board, board_names()) if _holds(board, plan.arena, weights)]
    names = [board.name for board in sorted(boards, key=lambda board: board.ram_bytes or 0)]
    return f"Known boards with room for it: {', '.join(names)}" if names else "No known board has room for it"


def _holds(board: Board, arena: int, weights: int) -> bool:
    if board.is_host:
        return False
    main, bank = board.banks(arena, _OTHER_RAM)
    ram = bank.size >= arena + (_OTHER_RAM if main is bank else 0)
    return ram and (board.flash_bytes or 0) >= weights + _OTHER_FLASH
