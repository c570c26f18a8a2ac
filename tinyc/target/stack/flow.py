"""How deep one function's own stack is at each of its instructions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinyc.target.stack.disassembly import Function, Instruction
from tinyc.target.stack.effect import Effect

_LIMIT = 1 << 20
"""A function deeper than this pushes in a loop."""


@dataclass(frozen=True)
class Flow:
    """depth: bytes at the deepest point. calls: (depth there, address) of calls and jumps to other functions.

    pointers: depth at each call through a pointer. problem: why all this is not known, or "".
    """

    depth: int
    calls: tuple[tuple[int, int], ...]
    pointers: tuple[int, ...]
    problem: str


def analyse(
    function: Function,
    effect_of: Callable[[Instruction], Effect],
    is_switch: Callable[[tuple[Instruction, ...], int], bool],
    *,
    calls_no_pointer: bool = False,
) -> Flow:
    """Follows every path. is_switch: whether a jump through a register stays within this function.

    calls_no_pointer: the compiler says that the function calls through no pointer, so that jumps and calls through a
    register stay within it: switches, hand-written assembly, and returns through a register. Where their targets are
    not known, all that no other path reaches is taken to be reached from them.
    """
    body = function.body
    index = {instruction.address: i for i, instruction in enumerate(body)}
    effects = [Effect(falls=False) if item.is_data else effect_of(item) for item in body]
    entry: dict[int, int] = {}
    deepest = 0
    calls: set[tuple[int, int]] = set()
    pointers: set[int] = set()
    switched: int | None = None
    problem = ""
    todo = [(0, 0)]
    while todo:
        at, depth = todo.pop()
        if entry.get(at, -1) < depth:
            entry[at] = depth
            effect = effects[at]
            behind = depth + effect.deeper
            kept = max(depth, behind) if effect.conditional else behind
            if effect.unknown or not 0 <= kept <= _LIMIT:
                problem = f"{body[at].mnemonic} {body[at].operands} at {body[at].address:#x}"
                kept = depth
            deepest = max(deepest, kept)
            if effect.call in index and effect.call != function.start:
                todo.append((index[effect.call], depth))  # a subroutine within hand-written assembly
            elif effect.call is not None:
                calls.add((depth, effect.call))
            is_table = effect.table and (not effect.pointer or is_switch(body, at))
            if is_table or (effect.pointer and calls_no_pointer):
                switched = max(depth, switched or 0)
            elif effect.pointer:
                pointers.add(depth)
            if effect.jump in index:
                todo.append((index[effect.jump], kept))
            elif effect.jump is not None:
                calls.add((kept, effect.jump))
            if (effect.falls or effect.conditional) and at + 1 < len(body):
                todo.append((at + 1, kept))
            elif (effect.falls or effect.conditional) and effect.call is None:
                calls.add((kept, function.end))
        if not todo and switched is not None:
            rest = [
                i for i in range(len(body)) if i not in entry and not (body[i].is_data or body[i].is_padding)
            ]
            todo.extend((i, switched) for i in rest[:1])
    return Flow(deepest, tuple(sorted(calls)), tuple(sorted(pointers)), problem)
