"""Arenas of every model layer by layer and row by row: the table of docs/scheduling.md.

    python -m benchmarks.plans [MODEL ...]

MODEL: .tflite files; without any, all INT8 models of ../shared/models and the digits example, and the page is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers import put_into
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.passes import optimize
from tinyc.schedule import Plan, pareto_plans, plan_layers

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/scheduling.md"
MARKS = "<!-- plans: written by benchmarks/plans.py -->\n", "<!-- end of plans -->"
KERNELS = {"ref": ("ref",), "dsp": ("dsp", "scalar", "ref")}

HEAD = (
    "| model | kernels | layers | resident | ratio | stages | rows | ratio | stages | in strips |",
    "|---|---|--:|--:|--:|--:|--:|--:|--:|---|",
)


def main() -> int:
    models = [Path(name) for name in sys.argv[1:]]
    known = sorted((ROOT.parent / "shared/models").glob("*.tflite"))
    lines = table(models or [ROOT / "examples/digits/digits.tflite", *known])
    if models:
        print("\n".join(lines))
    else:
        put_into(PAGE, lines, MARKS)
    return 0


def table(models: Iterable[Path]) -> list[str]:
    lines = list(HEAD)
    for model in models:
        print(model.stem, file=sys.stderr)
        try:
            graph = optimize(load_tflite(model.read_bytes(), model.name, "litert"))
        except ModelError as error:
            print(error, file=sys.stderr)
            continue
        lines += [row(model.stem, graph, kernels) for kernels in KERNELS]
    return lines


def row(name: str, graph: Graph, kernels: str) -> str:
    """One row of the table. kernels: a key of KERNELS."""
    isas = KERNELS[kernels]
    layers = plan_layers(graph, isas).arena
    resident, rows = (pareto_plans(graph, isas, rows_in=rows_in) for rows_in in (False, True))
    strips = ", ".join(f"{p.arena:,}: {p.macs_executed / max(graph.macs(), 1):.2f}" for p in rows[1:])
    cells = (f"{arena(p)} | {p.arena / layers:.2f} | {len(p.stages)}" for p in (resident[0], rows[0]))
    return f"| {name} | {kernels} | {layers:,} | {' | '.join(cells)} | {strips} |"


def arena(plan: Plan) -> str:
    """The plan's arena, with the bound where it is not reached."""
    bound = f" (bound {plan.lower_bound:,})" if plan.lower_bound < plan.arena else ""
    return f"{plan.arena:,}{bound}"


if __name__ == "__main__":
    sys.exit(main())
