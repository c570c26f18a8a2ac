"""What strips compute, task by task as a stage gets longer, against the whole stage at once."""

from __future__ import annotations

import pytest

from tests.schedule.exhaustive import make_search
from tests.schedule.networks import chain, network
from tinyc.ir import Graph
from tinyc.schedule.planner import Search
from tinyc.schedule.stages import STRIPS
from tinyc.schedule.strips import strip_columns


@pytest.mark.parametrize("seed", range(12))
def test_a_longer_stage_adds_to_the_shorter(seed: int) -> None:
    cut = 0
    for graph in (network(seed), chain(seed)):
        search = make_search(graph, rows_in=bool(seed % 2))
        count = len(search.costs.tasks)
        runs = [(a, b) for b in range(1, count + 1) for a in reversed(range(b))]
        # from the longest stage on, too: then nothing can be added to
        for first, last in runs if seed % 3 else reversed(runs):
            for strips in STRIPS:
                cut += check_strips(graph, search, first, last, strips)
    assert cut >= 5


def check_strips(graph: Graph, search: Search, first: int, last: int, strips: int) -> bool:
    """Whether the stage can be cut so; what it then costs is counted anew from all columns."""
    costs, views = search.costs, search.views
    whole, after = costs.held_whole(first, last)
    stage = costs.tasks[first:last]
    columns = strip_columns(graph, views, stage, after, strips)
    found = costs.patch(first, last, strips)
    if columns is None or whole.issuperset(columns):
        assert found is None, f"tasks [{first}, {last}) in {strips}"
        return False
    assert found is not None, f"tasks [{first}, {last}) in {strips}"
    assert costs.columns(found) == columns
    extra = 0
    for task in stage:
        if task.op >= 0:
            op, width = graph.ops[task.op], views[task.outputs[0]].columns
            computed = sum(stop - start for start, stop in columns[task.outputs[0]])
            extra += op.macs(graph.types(op), graph.outs(op)) * (computed - width) // width
    assert found.extra_macs == extra
    assert found.peak == found.rings + found.beside
    return True
