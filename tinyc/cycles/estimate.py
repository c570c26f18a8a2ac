"""Cycles of executed blocks: each block's instructions issue in order; what ends a block costs by where it went."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tinyc.cycles.cores import Core
from tinyc.cycles.kind import FLOW, LOADS, VECTORS, Kind, Timed
from tinyc.cycles.trace import Trace
from tinyc.target.stack.disassembly import Instruction

_PIPELINED = frozenset({Kind.LOAD, Kind.LOAD_NARROW})
_STORES = frozenset({Kind.STORE})


@dataclass(frozen=True)
class Estimate:
    """classes: instructions executed by class, branches apart by whether they were taken."""

    cycles: int
    instructions: int
    classes: Mapping[str, int]


def estimate(
    trace: Trace,
    code: Sequence[Instruction],
    timed: Callable[[Instruction], Timed],
    core: Core,
) -> Estimate:
    """code: the ELF's instructions in order; timed: of its instruction set."""
    cycles = 0
    classes: Counter[str] = Counter()
    starts = [item.address for item in code]
    directions: dict[int, list[int]] = {}
    for (block, successor), count in trace.edges.items():
        start, end = trace.blocks[block]
        executed = code[bisect_left(starts, start) : bisect_left(starts, end)]
        body, last, taken = [timed(item) for item in executed], executed[-1], successor != end
        ending = body[-1] if body[-1].kind in FLOW or body[-1].to_pc else None
        plain = body if ending is None or ending.kind not in FLOW else body[:-1]
        cycles += count * (straight(plain, core) + (_ending(ending, taken, last, core) if ending else 0))
        for item in plain:
            classes[item.kind.value] += count
        if ending is not None and ending.kind in FLOW:
            conditional = ending.kind is Kind.BRANCH and _is_conditional(last)
            how = f" {'taken' if taken else 'passed'}" if conditional else ""
            classes[ending.kind.value + how] += count
            if conditional:
                directions.setdefault(last.address, [0, 0])[taken] += count
    cycles += sum(min(pair) for pair in directions.values()) * core.mispredicted
    return Estimate(cycles, sum(classes.values()), dict(sorted(classes.items())))


def straight(body: Sequence[Timed], core: Core) -> int:
    """Cycles from the first instruction's issue to the one behind the last, all operands being ready at first."""
    time = 0
    ready: dict[str, int] = {}
    busy: dict[Kind, int] = {}
    before: Timed | None = None
    paired = True
    for item in body:
        earliest = max([time, *(ready.get(r, 0) for r in item.reads)])
        if item.kind in core.busy:
            earliest = max(earliest, busy.get(item.kind, 0))
        length = _length(item, before, core)
        if before is not None and not paired and _pairs(before, item, core) and earliest <= time:
            issued, paired = time - 1, True
        else:
            issued, paired = earliest, False
        time = issued + max(length, 0)
        latency = max(core.latency.get(item.kind, length), length)
        for register in item.writes:
            ready[register] = issued + (length if register in item.address else latency)
        busy[item.kind] = issued + latency
        before = item
    return time


def _length(item: Timed, before: Timed | None, core: Core) -> int:
    """Cycles until the next instruction may issue."""
    length = core.issue.get(item.kind, 1)
    if item.kind in {Kind.LOAD_MULTIPLE, Kind.STORE_MULTIPLE}:
        length += core.each * -(-item.count // core.wide)
    if core.pipelined and item.kind in _STORES:
        length = 2 if item.offset_register else 1
    if before is None:
        return length
    if core.pipelined and before.kind in _PIPELINED and item.kind in _PIPELINED | _STORES and length > 1:
        length -= not before.writes & item.address
    if core.address_wait and before.kind not in LOADS and before.writes & item.address:
        length += core.address_wait
    if core.overlap and {item.kind, before.kind} <= VECTORS and _unit(item.kind) != _unit(before.kind):
        length -= 1
    return length


def _unit(kind: Kind) -> str:
    return "memory" if kind in {Kind.VECTOR_LOAD, Kind.VECTOR_STORE} else kind.value


def _pairs(first: Timed, second: Timed, core: Core) -> bool:
    """Whether both may issue in one cycle."""
    if core.units is None or first.writes & (second.reads | second.writes):
        return False
    if {first.kind, second.kind} & core.alone:
        return False
    none: frozenset[str] = frozenset()
    return not core.units.get(first.kind, none) & core.units.get(second.kind, none)


def _ending(item: Timed, taken: bool, instruction: Instruction, core: Core) -> int:
    """What the last instruction of a block takes, or adds where it is a load."""
    if item.to_pc and item.kind not in FLOW:
        return core.refill if taken else 0
    if item.kind is Kind.CALL:
        return core.call
    if item.kind is Kind.LOOP:
        return core.loop if taken else 1
    if not taken:
        return core.passed
    if item.kind is Kind.INDIRECT:
        return core.indirect
    return core.taken if _is_conditional(instruction) else core.jump


def _is_conditional(instruction: Instruction) -> bool:
    return instruction.mnemonic.removeprefix("c.").split(".")[0] not in {"b", "j", "tail"}
