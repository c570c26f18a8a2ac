"""Every plan of random networks computes what the reference computes, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.batch import Case, wrong
from tests.e2e.tool import FULL
from tests.schedule.execute import Executor, Memo
from tests.schedule.networks import inputs_of, network, sequence, vectors_of
from tests.schedule.policies import all_plans
from tinyc.ops.evaluate import evaluate

GRAPHS = 320 if FULL else 48
SHARDS = 16 if FULL else 8
#: Networks whose plans are also built as C, and in how many programs.
BUILT = 100 if FULL else 12
PROGRAMS = 10 if FULL else 2
#: Of a network's many plans, so many are built.
PLANS_EACH = 100 if FULL else 5


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_plan_on_an_arena_of_bytes(shard: int) -> None:
    for seed in range(shard, GRAPHS, SHARDS):
        graph = sequence(seed) if seed % 4 == 1 else network(seed)
        inputs = inputs_of(graph, seed)
        expected = evaluate(graph, inputs)
        memo: Memo = {}
        for name, plan in all_plans(graph):
            for tensor, value in Executor(plan, memo).run(inputs).items():
                assert value.tobytes() == expected[tensor].tobytes(), f"network {seed}, {name}: {tensor}"


@pytest.mark.slow
@pytest.mark.parametrize("program", range(PROGRAMS))
def test_plans_as_sanitised_c(program: int, tmp_path: Path) -> None:
    cases = []
    for seed in range(program, BUILT, PROGRAMS):
        graph = sequence(seed) if seed % 4 == 1 else network(seed)
        vectors = vectors_of(graph, seed)
        plans = list(all_plans(graph))
        for number in range(0, len(plans), max(1, len(plans) // PLANS_EACH)):
            name, plan = plans[number]
            cases.append(Case(f"n{seed}_{number}", name, graph, plan, vectors))
    assert len(cases) >= 2 * BUILT // PROGRAMS
    assert not wrong(cases, tmp_path)
