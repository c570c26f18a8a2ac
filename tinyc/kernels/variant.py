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


@dataclass(frozen=True)
class Variant(Generic[OpT]):
    """One implementation of an op."""

    #: What tables and refusals call it, mostly its C function.
    symbol: str
    #: The instruction set it needs; "ref" is portable C.
    isa: str
    #: The op as calls of it.
    lower: Callable[[OpT, Graph], Lowering | Refusal]


def only(lower: Callable[[OpT, Graph], Lowering]) -> tuple[Variant[OpT]]:
    """Return the variants of an op that has a single portable one."""
    return (Variant("the only kernel", "ref", lower),)


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
