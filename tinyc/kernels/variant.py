"""The variants of a kernel: which of them take an op, in order of preference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from tinyc.errors import InternalError
from tinyc.ir import Graph, Op
from tinyc.kernels.base import Lowering

OpT = TypeVar("OpT", bound=Op)


@dataclass(frozen=True)
class Refusal:
    """Why a variant does not take an op: half a sentence, for the report."""

    reason: str


Lower = Callable[[OpT, Graph], Lowering | Refusal]
#: Why another variant takes less time; None where none does.
Slowness = Callable[[OpT, Graph], Refusal | None]


@dataclass(frozen=True)
class Variant(Generic[OpT]):
    """One implementation of an op."""

    #: What tables and refusals call it, mostly its C function.
    symbol: str
    #: The instruction set it needs; "ref" is portable C.
    isa: str
    #: The op as calls of it.
    lower: Lower[OpT]


def only(lower: Callable[[OpT, Graph], Lowering]) -> tuple[Variant[OpT]]:
    """Return the variants of an op that has a single portable one."""
    return (Variant("the only kernel", "ref", lower),)


def fast(lower: Lower[OpT], too_slow: Slowness[OpT]) -> Lower[OpT]:
    """Return a lowering that refuses, as `too_slow` says, where another variant takes less time."""

    def lowered(op: OpT, graph: Graph) -> Lowering | Refusal:
        made = lower(op, graph)
        return made if isinstance(made, Refusal) else too_slow(op, graph) or made

    return lowered


def slow(lower: Lower[OpT], too_slow: Slowness[OpT]) -> Lower[OpT]:
    """Return a lowering for where flash counts more than time: it takes what `fast` refuses for its time alone."""

    def lowered(op: OpT, graph: Graph) -> Lowering | Refusal:
        return lower(op, graph) if too_slow(op, graph) else Refusal("rows have enough pixels")

    return lowered


def alternatives(
    variants: tuple[Variant[OpT], ...], op: OpT, graph: Graph, isas: tuple[str, ...]
) -> Iterator[Lowering]:
    """Yield the op by each variant that takes it, the preferred one first; at least one.

    variants: in order of preference within an instruction set; isas: the board's, in order of preference.
    `why` of each says whether it is the preferred one, and which variants before it refuse the op.
    """
    refusals: list[str] = []
    taken = False
    for isa in isas:
        for variant in (v for v in variants if v.isa == isa):
            found = variant.lower(op, graph)
            if isinstance(found, Refusal):
                refusals.append(f"{variant.symbol}: {found.reason}")
                continue
            reasons = (found.why or ("" if taken else "first choice"), *refusals)
            yield replace(found, why="; ".join(filter(None, reasons)))
            taken = True
    if not taken:
        raise InternalError(f"{op.origin}: no kernel variant takes it: " + "; ".join(refusals))
