"""Why a layer has another kernel than the first choice: for which options, and what that saves and costs."""

from __future__ import annotations

from collections.abc import Iterator

from tinyc.kernels.base import Lowering
from tinyc.kernels.cost import Cost, Level, Work, cost_table
from tinyc.options import Options


def goal_of(options: Options) -> str:
    """Return the options that may overrule the order of preference among kernels; "" where none is given."""
    goals = [f"--optimize {options.optimize}"] if options.optimize != "balanced" else []
    budgets = (("--ram-budget", options.ram_budget), ("--flash-budget", options.flash_budget))
    return " ".join((*goals, *(f"{name} {size}" for name, size in budgets if size is not None)))


def why(low: Lowering, first: Lowering, work: Work, options: Options, level: Level) -> str:
    """Return a sentence on the kernel of an op of so much work; first: the op by the first choice."""
    if low.symbols == first.symbols:
        return low.why
    differences = ", ".join(_differences(low, first, work, options, level)) or "nothing that is estimated"
    return f"for {goal_of(options)}, in place of {first.symbols}: {differences}"


def _differences(low: Lowering, first: Lowering, work: Work, options: Options, level: Level) -> Iterator[str]:
    """Yield what the one takes more or less than the other, as the cost table estimates it."""
    table = cost_table(options.board.cpu)
    own, other = table.cost(low, work), table.cost(first, work)

    def sizes(cost: Cost) -> tuple[tuple[str, int], ...]:
        return (
            ("scratch", cost.scratch_bytes),
            ("stack", table.stack_bytes(cost.kernels, level)),
            ("code", table.code_bytes(cost.kernels, level)),
            ("constants", cost.constant_bytes),
        )

    for (name, size), (_, before) in zip(sizes(own), sizes(other), strict=True):
        if size != before:
            yield f"{abs(size - before):,} bytes {'less' if size < before else 'more'} {name}"
    if own.measured and other.measured and other.instructions:
        yield f"about {own.instructions / other.instructions:.2g} times the instructions"
