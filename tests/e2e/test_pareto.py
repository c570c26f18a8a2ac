"""Every plan that the report offers for a well-known model computes what the judge computes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.batch import Case, wrong
from tests.e2e.known import MODELS
from tests.e2e.tool import FULL
from tinyc.frontends import load_tflite
from tinyc.passes import optimize
from tinyc.schedule import pareto_plans, plan_layers
from tinyc.target.boards import load_board
from tinyc.verify.expected import judged_vectors
from tinyc.verify.vectors import Samples

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("model", MODELS)
def test_every_plan_of_the_pareto_set(model: str, shared: Path, tmp_path: Path) -> None:
    """Resident and rows in, and layer by layer, in one sanitised program."""
    pytest.importorskip("tflite_micro")
    path = shared / "models" / f"{model}.tflite"
    data = path.read_bytes()
    source = load_tflite(data, path.name, "litert")
    vectors = judged_vectors(data, source, Samples(5 if FULL else 2, seed=1))
    graph, isas = optimize(source), load_board("host").isa
    plans = {"layers": plan_layers(graph, isas)}
    for mode in ("resident", "rows"):
        for number, plan in enumerate(pareto_plans(graph, isas, rows_in=mode == "rows")):
            plans[f"{mode}{number}"] = plan
    cases = [
        Case(f"m_{name}", f"{model}: {name}, arena {plan.arena}", graph, plan, vectors)
        for name, plan in plans.items()
    ]
    assert wrong(cases, tmp_path) == []
