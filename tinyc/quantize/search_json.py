"""What a search for float32 or ternary layers found, as the JSON of `tinyc quantize`."""

from __future__ import annotations

from typing import Any

from tinyc.quantize.budget import Candidate
from tinyc.quantize.precision import layer_names
from tinyc.quantize.search import Searched
from tinyc.quantize.sensitivity import decibels
from tinyc.quantize.ternarize import Ternarized


def search_json(found: Searched, board: str) -> dict[str, Any]:
    """Return the budgets, the candidates that no other beats, and the one that was taken."""
    names = layer_names(found.made.source.graph, found.made.choice.graph)
    ops = found.made.choice.graph.ops

    def candidate(one: Candidate) -> dict[str, Any]:
        return {
            "float32": [names[op.outputs[0]][0] for op in ops if op.outputs[0] in one.floats],
            "sqnr_db": decibels(one.noise),
            "accuracy": one.accuracy,
            **one.costs,
            "cost": found.cost(one),
        }

    wanted = found.wanted
    budgets = {**dict.fromkeys(found.int8.costs), **wanted.limits}
    return {
        "board": board,
        "samples": found.samples,
        "tried": found.tried,
        "stopped": found.is_stopped,
        "budgets": {**budgets, "min_sqnr": wanted.min_sqnr, "max_drop": wanted.max_drop},
        "int8": candidate(found.int8),
        "pareto": [candidate(one) for one in found.front],
        "chosen": candidate(found.best),
    }


def ternary_json(found: Ternarized, board: str) -> dict[str, Any]:
    """Return the budgets, the curve from all-int8 on, and the point that was taken."""
    choice = found.made.choice
    names = {out: known[0] for out, known in layer_names(found.made.source.graph, choice.graph).items()}
    order = [op.outputs[0] for op in choice.graph.ops]

    def point(one: Candidate) -> dict[str, Any]:
        return {
            "ternary": [names[out] for out in order if out in one.ternary],
            "sqnr_db": decibels(one.noise),
            "accuracy": one.accuracy,
            **one.costs,
        }

    wanted = found.wanted
    return {
        "board": board,
        "samples": found.samples,
        "stopped": found.is_stopped,
        "budgets": {
            "flash": wanted.limits.get("flash"),
            "min_sqnr": wanted.min_sqnr,
            "max_drop": wanted.max_drop,
        },
        "order": [names[out] for out in found.order],
        "curve": [point(one) for one in found.curve],
        "chosen": point(found.best),
    }
