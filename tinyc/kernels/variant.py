"""The variants of a kernel: which of them take an op, in order of preference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Generic, TypeVar

from tinyc.errors import InternalError
from tinyc.ir import Graph, Op
from tinyc.kernels.base import Lowering

OpT = TypeVar("OpT", bound=Op)
#: The instruction set of portable C.
PORTABLE = "ref"


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
    #: Why it comes behind the others, for where flash counts more than time; None where it never does.
    too_slow: Slowness[OpT] | None = None


def only(lower: Callable[[OpT, Graph], Lowering]) -> tuple[Variant[OpT]]:
    """Return the variants of an op that has a single portable one."""
    return (Variant("the only kernel", PORTABLE, lower),)


def fast(lower: Lower[OpT], too_slow: Slowness[OpT]) -> Lower[OpT]:
    """Return a lowering that refuses, as `too_slow` says, where another variant takes less time."""

    def lowered(op: OpT, graph: Graph) -> Lowering | Refusal:
        made = lower(op, graph)
        return made if isinstance(made, Refusal) else too_slow(op, graph) or made

    return lowered


def alternatives(
    variants: tuple[Variant[OpT], ...], op: OpT, graph: Graph, isas: tuple[str, ...]
) -> Iterator[Lowering]:
    """Yield the op by each variant that takes it, the preferred one first; at least one.

    variants: in order of preference within an instruction set; isas: the board's, in order of preference. What is
    too slow comes behind all others but portable C. `why` of each says whether it is the preferred one, and which
    variants before it refuse the op or are too slow.
    """
    refused: dict[str, list[str]] = {}
    slow: list[Lowering] = []

    def taken(sets: Iterable[str]) -> Iterator[Lowering]:
        for variant in (v for isa in sets for v in variants if v.isa == isa):
            made = variant.lower(op, graph)
            reason = made if isinstance(made, Refusal) else variant.too_slow and variant.too_slow(op, graph)
            if reason:
                refused.setdefault(reason.reason, []).append(variant.symbol)
            if not isinstance(made, Refusal):
                if reason:
                    slow.append(made)
                else:
                    yield made

    own, portable = (isa for isa in isas if isa != PORTABLE), (isa for isa in isas if isa == PORTABLE)
    place = -1
    for place, made in enumerate(chain(taken(own), slow, taken(portable))):
        choice = made.why or ("" if place else "first choice")
        yield replace(made, why="; ".join(filter(None, (choice, *_each(refused)))))
    if place < 0:
        raise InternalError(f"{op.origin}: no kernel variant takes it: " + "; ".join(_each(refused)))


def _each(refused: dict[str, list[str]]) -> Iterator[str]:
    """Yield each reason once, behind the variants that it refuses."""
    for reason, symbols in refused.items():
        yield f"{', '.join(dict.fromkeys(symbols))}: {reason}"
