"""Every kind of plan that a graph can get."""

from __future__ import annotations

from collections.abc import Iterator

from tinyc.ir import Graph
from tinyc.schedule import Plan, pareto_plans, plan_layers
from tinyc.schedule.lines import Blocks
from tinyc.schedule.planner import Search, preferred
from tinyc.schedule.stages import StageChoice

ISAS = ("ref",)
#: Numbers of strips that are forced.
STRIPS = (2, 3, 5, 8)
#: In which lines are computed.
BLOCKS = (Blocks(1, 1), Blocks(3, 2), Blocks(5, 5))


def all_plans(graph: Graph) -> Iterator[tuple[str, Plan]]:
    """(name, plan): layer by layer and the Pareto set, each resident and rows in; one stage; forced patch stages."""
    for rows_in in (False, True):
        mode = "rows" if rows_in else "resident"
        yield f"{mode} layers", plan_layers(graph, ISAS, rows_in=rows_in)
        for number, plan in enumerate(pareto_plans(graph, ISAS, rows_in=rows_in)):
            yield f"{mode} pareto {number}", plan
        search = Search(graph, preferred(graph, ISAS), rows_in=rows_in)
        count = len(search.costs.tasks)
        if count:
            yield f"{mode} one stage", search.plan([search.costs.stage(0, count)])
        for blocks in BLOCKS if any(view.side_by_side for view in search.views.values()) else ():
            stage = search.costs_of(blocks).stage(0, count)
            yield f"{mode} one stage in {blocks}", search.plan([stage])
        for cut in forced_patches(search):
            name = f"{mode} tasks [{cut.first}, {cut.last}) in {cut.strips} strips"
            yield name, search.plan(around(search, cut))


def forced_patches(search: Search) -> Iterator[StageChoice]:
    """For every number of strips the longest run of tasks that can be cut so, and the shortest."""
    count = len(search.costs.tasks)
    runs = sorted(((a, b) for a in range(count) for b in range(a + 2, count + 1)), key=lambda r: r[0] - r[1])
    for strips in STRIPS:
        cuts = [cut for a, b in runs if (cut := search.costs.patch(a, b, strips)) is not None]
        if cuts:
            yield cuts[0]
            if cuts[-1] is not cuts[0]:
                yield cuts[-1]


def around(search: Search, middle: StageChoice) -> list[StageChoice]:
    """All tasks: layer by layer before and after one stage."""
    stage = search.costs.stage
    before = [stage(k, k + 1) for k in range(middle.first)]
    return [*before, middle, *(stage(k, k + 1) for k in range(middle.last, len(search.costs.tasks)))]
