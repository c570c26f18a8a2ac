"""What a generated firmware costs once it is built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tinyc.costs.fit import explain_overflow
from tinyc.schedule import Plan
from tinyc.target.boards import Board
from tinyc.target.build import Program, RegionOverflowError, Variant, build
from tinyc.target.elf import Footprint, Symbol, function_symbols, read_footprint
from tinyc.target.encodings import check_encodings
from tinyc.target.stack import worst_case_stack

#: What the names of runtime functions begin with.
_KERNEL = "tc_"

#: Stack that the demo's main needs around the inference.
_MAIN_STACK = 1024


@dataclass(frozen=True)
class Costs:
    """What the firmware takes."""

    #: of the model and its runtime
    footprint: Footprint
    #: bytes the inference call takes at most, None on the host
    stack: int | None
    #: bytes of code by kernel
    kernels: Mapping[str, int] = field(default_factory=dict)


def costs(place: Path, board: Board, name: str, plan: Plan) -> Costs:
    """Link the model alone, from its API, in the firmware folder at `place`, and read what it takes.

    With rows as input, the demo's row callback is part of the inference and its stack is counted; a library has no
    demo, and its user's callback is not counted.
    """
    built = _built(place, board, name, plan, "footprint")
    footprint = read_footprint(built.elf, name)
    kernels = kernel_sizes(function_symbols(built.elf))
    if board.is_host:
        return Costs(footprint, None, kernels)
    if not plan.rows_in:
        return Costs(
            footprint, worst_case_stack(built.elf, f"{name}_run", board, built.call_graphs).bytes, kernels
        )
    callback = 0
    if not board.is_library:
        demo = _built(place, board, name, plan)
        callback = worst_case_stack(demo.elf, "read_row", board, demo.call_graphs).bytes
    root = f"{name}_run_rows"
    callers = dict.fromkeys((root, *(f"stage{i}" for i in range(len(plan.stages)))), callback)
    return Costs(
        footprint, worst_case_stack(built.elf, root, board, built.call_graphs, callers).bytes, kernels
    )


def kernel_sizes(symbols: Iterable[Symbol]) -> dict[str, int]:
    """Bytes of code by runtime function; parts and copies that the compiler made of one count with it."""
    sizes: dict[str, int] = {}
    for symbol in symbols:
        name = symbol.name.partition(".")[0]
        if name.startswith(_KERNEL):
            sizes[name] = sizes.get(name, 0) + symbol.end - symbol.start
    return sizes


def reserved_stack(stack: int) -> int:
    """Bytes of stack that the linker is told to keep free for an inference that takes `stack`."""
    return stack + _MAIN_STACK


def check_link(place: Path, board: Board, name: str, plan: Plan) -> None:
    """Link the demo too, or the library's functions alone where there is none.

    Raises FitError where it does not fit the board, BoardError where it holds instructions that the core does not have.
    """
    variant: Variant = "footprint" if board.is_library else "demo"
    check_encodings(_built(place, board, name, plan, variant).elf, board)


def _built(place: Path, board: Board, name: str, plan: Plan, variant: Variant = "demo") -> Program:
    """Build it; where the linker runs out of memory, the error names what takes most of it."""
    try:
        return build(place, board, name=name, variant=variant)
    except RegionOverflowError as problem:
        raise explain_overflow(problem, plan, board) from problem
