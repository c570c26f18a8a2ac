"""The memory map against the plan it is of: nothing overlaps, every read finds its rows, the peak is the plan's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.schedule.networks import network, sequence
from tests.schedule.policies import all_plans
from tinyc.costs.memory_map import memory_map
from tinyc.frontends import load_tflite
from tinyc.passes import optimize
from tinyc.report.memory import Kept, MemoryMap, Span
from tinyc.schedule import Plan, pareto_plans, plan_smallest
from tinyc.schedule.replay import events

ISAS = ("dsp", "ref")


def grid(memory: MemoryMap, pieces: tuple[Span, ...] | tuple[Kept, ...]) -> np.ndarray:
    """[steps, arena]: how many pieces cover each byte at each step."""
    found = np.zeros((len(memory.steps), memory.arena), np.int16)
    for piece in pieces:
        found[piece.start : piece.stop, piece.offset : piece.offset + piece.bytes] += 1
    return found


def check(plan: Plan) -> MemoryMap:
    memory = memory_map(plan)
    for span in memory.spans:
        assert 0 <= span.start < span.stop <= len(memory.steps)
        assert 0 <= span.offset < span.offset + span.bytes <= memory.arena
        assert 0 <= span.first < span.last <= memory.tenants[span.tenant].rows
    data, kept = grid(memory, memory.spans), grid(memory, memory.kept)
    assert data.max() == 1, "two tenants in one byte"
    assert memory.live() == data.sum(axis=1).tolist()
    assert memory.held() == ((data > 0) | (kept > 0)).sum(axis=1).tolist()
    assert max(memory.held()) <= max(s.peak for s in plan.stages) <= plan.arena
    for number, (step, event) in enumerate(zip(memory.steps, events(plan), strict=True)):
        assert step.number == number
        touched = np.zeros(memory.arena, bool)
        for access in (*event.reads, *event.writes):
            touched[access.start : access.stop] = True
        assert not (touched & (data[number] == 0)).any(), f"step {number} touches bytes that hold nothing"
        for rows in (*step.reads, *step.writes):
            assert 0 <= rows.first < rows.last <= memory.tenants[rows.tenant].rows
    return memory


@pytest.mark.parametrize("seed", range(8))
def test_every_plan_of_random_graphs(seed: int) -> None:
    graph = sequence(seed) if seed % 2 else network(seed)
    for name, plan in all_plans(graph):
        memory = check(plan)
        named = {t.name for t in memory.tenants if t.is_tensor}
        assert {p.tensor for p in graph.outputs} <= named <= set(plan.buffers), name


def test_what_the_example_says(digits: Path) -> None:
    graph = optimize(load_tflite(digits.read_bytes(), digits.name, "litert"))
    plan = plan_smallest(graph, ISAS)
    memory = check(plan)
    first, last = memory.steps[0], memory.steps[-1]
    assert [memory.tenants[r.tenant].kind for r in first.writes] == ["input"]
    assert [memory.tenants[r.tenant].kind for r in last.reads] == ["output"]
    assert {s.op for s in memory.steps[1:-1]} == {
        t.op for s in plan.stages for t in plan.tasks[slice(*s.tasks)]
    }
    assert any(t.slots < t.rows for t in memory.tenants), "no rings"
    assert max(memory.held()) == plan.arena


def test_rows_of_a_ring_take_turns(digits: Path) -> None:
    graph = optimize(load_tflite(digits.read_bytes(), digits.name, "litert"))
    memory = check(plan_smallest(graph, ISAS, rows_in=True))
    number, tenant = next((i, t) for i, t in enumerate(memory.tenants) if t.slots < t.rows)
    rows = {row for s in memory.spans if s.tenant == number for row in range(s.first, s.last)}
    assert rows == set(range(tenant.rows))
    low = min(s.offset for s in memory.spans if s.tenant == number)
    high = max(s.offset + s.bytes for s in memory.spans if s.tenant == number)
    assert (low, high) == (tenant.offset, tenant.offset + tenant.bytes)


def test_a_thinned_map_is_the_map_at_some_steps() -> None:
    memory = memory_map(pareto_plans(network(3), ISAS)[-1])
    assert memory.thinned(len(memory.steps)) is memory
    thin = memory.thinned(10)
    assert len(thin.steps) <= 10
    assert thin.total == len(memory.steps)
    assert max(thin.held()) == max(memory.held())
    numbers = [step.number for step in thin.steps]
    assert thin.live() == [memory.live()[n] for n in numbers]
    assert thin.held() == [memory.held()[n] for n in numbers]
