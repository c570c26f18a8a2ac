"""Choice among the variants of a kernel: the first instruction set of the board whose variant takes the op."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tinyc.errors import InternalError

ShapeT = TypeVar("ShapeT")


@dataclass(frozen=True)
class Variant(Generic[ShapeT]):
    """One implementation. symbol: C function; isa: what it needs; refuses: why it does not take an op, or None."""

    symbol: str
    isa: str
    refuses: Callable[[ShapeT], str | None] = lambda _: None


@dataclass(frozen=True)
class Choice(Generic[ShapeT]):
    variant: Variant[ShapeT]
    why: str


def choose(variants: tuple[Variant[ShapeT], ...], op: ShapeT, isas: tuple[str, ...]) -> Choice[ShapeT]:
    """The preferred variant and a sentence that says why the ones before it were passed over.

    variants: in order of preference within an isa; isas: the board's, in order of preference.
    """
    refusals = []
    for isa in isas:
        for variant in (v for v in variants if v.isa == isa):
            reason = variant.refuses(op)
            if reason is None:
                return Choice(variant, "; ".join(refusals) or "first choice")
            refusals.append(f"{variant.symbol}: {reason}")
    raise InternalError(f"no kernel variant takes {op}: " + "; ".join(refusals))
