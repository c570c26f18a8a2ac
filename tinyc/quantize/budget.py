"""Budgets of accuracy and of what a board pays, and which choices of float layers keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tinyc.ir import Graph
from tinyc.quantize.sensitivity import decibels

_FLAGS = {"ram": "--ram-budget", "flash": "--flash-budget", "instructions": "--instruction-budget"}
_UNITS = {"ram": "bytes of RAM", "flash": "bytes of flash", "instructions": "instructions"}

Costs = Mapping[str, int]
#: What a board pays: bytes of RAM and flash, instructions. Estimates, by an int8 graph.
CostOf = Callable[[Graph], Costs]


@dataclass(frozen=True)
class Wanted:
    """Budgets of a search. limits: of "ram", "flash" and "instructions"; max_drop: points of accuracy."""

    limits: Costs
    min_sqnr: float | None = None
    max_drop: float | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether the accuracy has a bound: then the cheapest is taken, else the most accurate."""
        return self.min_sqnr is not None or self.max_drop is not None


@dataclass(frozen=True)
class Candidate:
    """Layers in float and ternary. noise: of the answers, as a share of their power; drop: points of accuracy."""

    floats: frozenset[str]
    noise: float
    accuracy: float | None
    drop: float | None
    costs: Costs
    ternary: frozenset[str] = frozenset()


def relative_cost(one: Candidate, int8: Candidate, wanted: Wanted) -> float:
    """Return how many times as much as all-int8 it takes: of what has a budget; of everything, where nothing has."""
    names = list(wanted.limits) or list(one.costs)
    return sum(one.costs[n] / max(1, int8.costs[n]) for n in names) / len(names)


def excess(one: Candidate, wanted: Wanted) -> float:
    """Return by which share a candidate exceeds the budget that it exceeds most; 0 or less within all."""
    shares = [one.costs[n] / max(1, limit) - 1 for n, limit in wanted.limits.items()]
    sqnr = decibels(one.noise)
    if wanted.min_sqnr is not None and sqnr is not None:
        shares.append((wanted.min_sqnr - sqnr) / max(1.0, abs(wanted.min_sqnr)))
    if wanted.max_drop is not None and one.drop is not None:
        shares.append((one.drop - wanted.max_drop) / max(1.0, wanted.max_drop))
    return max(shares, default=0.0)


def pareto(every: list[Candidate], cost: Callable[[Candidate], float]) -> tuple[Candidate, ...]:
    """Return those that no other beats in both noise and cost, the cheapest first."""
    found: list[Candidate] = []
    for one in sorted(every, key=lambda c: (cost(c), c.noise)):
        if not found or one.noise < found[-1].noise:
            found.append(one)
    return tuple(found)


def told_of(one: Candidate) -> str:
    """Return what a candidate loses and takes, in words."""
    sqnr = decibels(one.noise)
    parts = ["no noise" if sqnr is None else f"an SQNR of {sqnr:.1f} dB"]
    if one.drop is not None:
        parts.append(f"{one.drop:.2f} points of accuracy lost")
    return ", ".join([*parts, *(f"{value:,} {_UNITS[name]}" for name, value in one.costs.items())])


def budgets_told(wanted: Wanted) -> str:
    """Return the budgets as the command line has them."""
    found = [f"{_FLAGS[name]} {limit}" for name, limit in wanted.limits.items()]
    found += [f"--min-sqnr {wanted.min_sqnr:g}"] if wanted.min_sqnr is not None else []
    found += [f"--max-drop {wanted.max_drop:g}"] if wanted.max_drop is not None else []
    return " ".join(found)


def refusal(every: list[Candidate], wanted: Wanted) -> tuple[str, str]:
    """Return why none of the candidates will do, which comes nearest, and what to do."""
    nearest = min(every, key=lambda c: (excess(c, wanted), c.noise))
    layers = len(nearest.floats)
    return (
        f"none of {len(every)} choices of float32 layers meets {budgets_told(wanted)}: "
        f"the nearest has {layers} of them, {told_of(nearest)}",
        "a larger budget, more --trials, or --effort best",
    )
