"""The search against trying everything, and what a Pareto set promises."""

from __future__ import annotations

from itertools import chain as chain_of
from itertools import combinations

import numpy as np
import pytest

from tests.e2e.tool import FULL
from tests.schedule.exhaustive import every_path, make_search, splits, stage_peak, tiny_networks
from tests.schedule.networks import chain, network
from tests.schedule.policies import ISAS
from tinyc.schedule import pareto_plans, plan_layers, plan_smallest
from tinyc.schedule.search import best_split, pareto_splits
from tinyc.schedule.stages import StageCosts
from tinyc.schedule.timeline import least_ring

TINY = 120
#: Chains whose every path through patch stages is tried.
CHAINS = 30


@pytest.mark.slow
def test_the_split_is_the_best_of_all() -> None:
    found = 0
    for seed, graph, rows_in in tiny_networks(TINY, 8):
        search = make_search(graph, rows_in)
        count = len(search.costs.tasks)
        runs = [(a, b) for a in range(count) for b in range(a + 1, count + 1)]
        peak = {run: stage_peak(graph, search, *run) for run in runs}
        assert all(search.costs.stage(*run).peak == peak[run] for run in runs), f"network {seed}"
        every = {split: max(peak[run] for run in split) for split in splits(count)}
        best = best_split(search.costs)
        assert max(s.peak for s in best) == min(every.values()), f"network {seed}"
        found += 1
    assert found == TINY


@pytest.mark.slow
def test_each_pareto_point_has_the_least_work_of_all() -> None:
    found = 0
    for seed in range(CHAINS):
        search = make_search(chain(seed), rows_in=bool(seed % 2))
        start = best_split(search.costs)
        every = [(max(s.peak for s in path), sum(s.extra_macs for s in path)) for path in every_path(search)]
        for path in chain_of.from_iterable(pareto_splits(search.costs, start, 16)):
            peak, work = max(s.peak for s in path), sum(s.extra_macs for s in path)
            assert work == min(w for p, w in every if p <= peak), f"network {seed}"
            found += 1
    assert found >= CHAINS


@pytest.mark.slow
@pytest.mark.parametrize("rows_in", [False, True])
def test_pareto_sets_are_monotone_and_never_worse_than_layers(rows_in: bool) -> None:
    for seed in range(80 if FULL else 25):
        graph = network(seed)
        plans = pareto_plans(graph, ISAS, rows_in=rows_in)
        layers, smallest = (f(graph, ISAS, rows_in=rows_in) for f in (plan_layers, plan_smallest))
        assert plans[0].macs_executed <= layers.macs_executed == smallest.macs_executed == graph.macs()
        assert plans[0].arena <= smallest.arena <= layers.arena
        assert plans[0].reads_per_row == 1
        for a, b in combinations(plans, 2):
            more = b.macs_executed > a.macs_executed or b.reads_per_row > a.reads_per_row
            assert b.arena < a.arena and more, f"network {seed}"
        for plan in (*plans, layers):
            assert plan.lower_bound <= plan.arena
            assert plan.reads_per_row == 1 or plan.rows_in


def test_rings_in_closed_form_equal_trying_every_size() -> None:
    """Rows made in order, as most are, take another way than rows made in any order."""
    rng = np.random.default_rng(11)
    for trial in range(400):
        rows = int(rng.integers(1, 14))
        start = np.sort(rng.integers(0, 30, rows)) if trial % 4 else rng.integers(0, 30, rows)
        stop = start + rng.integers(1, 12, rows)
        fits = [
            all(start[b] >= stop[a] for a in range(rows) for b in range(a + slots, rows, slots))
            for slots in range(1, rows + 1)
        ]
        assert least_ring(start, stop) == 1 + fits.index(True)


def test_no_strips_are_tried_where_the_resident_input_alone_is_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No plan is smaller than what is whole at the start, so a large image costs no search."""
    search = make_search(chain(0), rows_in=False)
    start = best_split(search.costs)
    peak = max(s.peak for s in start)
    monkeypatch.setitem(vars(search.costs), "cuts", (peak,) * (len(search.costs.tasks) + 1))
    monkeypatch.setattr(StageCosts, "patch", lambda *_: pytest.fail("strips were tried"))
    assert not list(pareto_splits(search.costs, start, 16))
