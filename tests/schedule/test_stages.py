"""What a stage needs, from arrays over all its rows, against the blocks that its order gives."""

from __future__ import annotations

import pytest

from tests.schedule.exhaustive import make_search
from tests.schedule.networks import network, sequence
from tinyc.memory import live_peak
from tinyc.schedule.lines import Blocks
from tinyc.schedule.order import Streams, layer_order
from tinyc.schedule.peaks import StagePeaks
from tinyc.schedule.timeline import timeline

RUNS = 8


@pytest.mark.parametrize("shard", range(RUNS))
def test_peaks_and_rings_are_those_of_the_blocks(shard: int) -> None:
    for seed in range(shard, 6 * RUNS, RUNS):
        graph = sequence(seed) if seed % 3 == 1 else network(seed)
        search = make_search(graph, rows_in=bool(seed % 2))
        costs = search.costs if seed % 2 else search.costs_of(Blocks(3, 2))
        tasks, views = costs.tasks, search.views
        last_use = {n: k for k, task in enumerate(tasks) for n in task.inputs}
        last_use |= dict.fromkeys(graph.kept_tensors, len(tasks))
        peaks = StagePeaks(graph, views, tasks, last_use)
        for first in range(len(tasks)):
            for last in range(first + 1, len(tasks) + 1):
                whole, after = costs.held_whole(first, last)
                for slowest_first in (True, False):
                    order = Streams(tasks).order(first, last, slowest_first=slowest_first)
                    if last == first + 1:
                        assert order == layer_order(tasks, first, last)
                    lives = timeline(views, tasks, order, whole, after, [range(first, last)])
                    found = peaks.stage(first, last, slowest_first=slowest_first)
                    inner = {
                        n: ring.bytes for n, ring in lives.rings.items() if whole.isdisjoint(ring.tensors)
                    }
                    place = f"network {seed}, tasks [{first}, {last})"
                    assert found.peak == live_peak(lives.blocks), place
                    assert dict(found.inner) == inner, place
