"""Choice among the variants of a kernel: the first instruction set of the board whose variant takes the op."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from tinyc.errors import InternalError
from tinyc.ir import Graph, Op
from tinyc.kernels.base import Lowering

OpT = TypeVar("OpT", bound=Op)


def takes_all(op: Op, graph: Graph) -> str | None:
    """`refuses` of a variant that takes whatever the op can be."""
    del op, graph
    return None


@dataclass(frozen=True)
class Variant(Generic[OpT]):
    """One implementation. symbol: what tables and refusals call it, mostly its C function; isa: what it needs;

    refuses: why it does not take an op, or None; lower: the op as calls of it.
    """

    symbol: str
    isa: str
    lower: Callable[[OpT, Graph], Lowering]
    refuses: Callable[[OpT, Graph], str | None] = takes_all


def choose(variants: tuple[Variant[OpT], ...], op: OpT, graph: Graph, isas: tuple[str, ...]) -> Lowering:
    """The op by the preferred variant; `why` gets a sentence on why the ones before it were passed over.

    variants: in order of preference within an isa; isas: the board's, in order of preference.
    """
    refusals: list[str] = []
    for isa in isas:
        for variant in (v for v in variants if v.isa == isa):
            reason = variant.refuses(op, graph)
            if reason is None:
                lowering = variant.lower(op, graph)
                told = [lowering.why or "first choice", *refusals]
                return replace(lowering, why="; ".join(told))
            refusals.append(f"{variant.symbol}: {reason}")
    raise InternalError(f"{op.origin}: no kernel variant takes it: " + "; ".join(refusals))
