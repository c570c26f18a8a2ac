"""The order in which the tasks of one stage fire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinyc.schedule.tasks import Task
from tinyc.schedule.timeline import Firing


def layer_order(tasks: Sequence[Task], first: int, last: int) -> list[Firing]:
    """Tasks [first, last) one after the other, each with all its firings."""
    return [(k, f, 0) for k in range(first, last) for f in range(tasks[k].firings)]


def in_strips(order: Sequence[Firing], strips: int) -> list[Firing]:
    """The whole order once per strip."""
    return [(k, f, strip) for strip in range(strips) for k, f, _ in order]


def stream_order(
    tasks: Sequence[Task], first: int, last: int, heights: Mapping[str, int], *, slowest_first: bool
) -> list[Firing]:
    """Tasks [first, last) interleaved: every row is made just before it is needed.

    heights: rows of every tensor. The last task fires as soon as it can, and asks its inputs for the rows that it
    lacks, which ask theirs. slowest_first: of several inputs that lack rows, the one with the longest chain of tasks
    behind it is served first; else the shortest. A task that nothing in the stage reads fires whenever it can.
    """
    stage = range(first, last)
    made_here = {name: k for k in stage for name in tasks[k].outputs}
    read_here = {name for k in stage for name in tasks[k].inputs}
    depth: dict[int, int] = {}
    for k in stage:
        depth[k] = 1 + max((depth[made_here[n]] for n in tasks[k].inputs if n in made_here), default=0)
    have = {name: heights[name] for name in read_here if name not in made_here}
    have |= dict.fromkeys(made_here, 0)
    sign = -1 if slowest_first else 1
    sources = {
        k: sorted(
            ((n, made_here[n], stops) for n, stops in tasks[k].read_stops.items() if n in made_here),
            key=lambda s: sign * depth[s[1]],
        )
        for k in stage
    }
    fired = dict.fromkeys(stage, 0)
    order: list[Firing] = []
    ends = [k for k in stage if read_here.isdisjoint(tasks[k].outputs)]
    side_ends = ends[:-1]

    def lacking(k: int) -> int | None:
        """The task whose rows task k waits for; None where it can fire."""
        firing = fired[k]
        for name, source, stops in sources[k]:
            if have[name] < stops[firing]:
                return source
        return None

    def fire(k: int) -> None:
        """Make what task k lacks, then let it fire once."""
        pending = [k]
        while pending:
            task = pending[-1]
            missing = lacking(task)
            if missing is not None:
                pending.append(missing)
                continue
            pending.pop()
            order.append((task, fired[task], 0))
            for output, (_, stop) in zip(tasks[task].outputs, tasks[task].writes[fired[task]], strict=True):
                have[output] = max(have[output], stop)
            fired[task] += 1
            for end in side_ends:
                while end != k and fired[end] < tasks[end].firings and lacking(end) is None:
                    order.append((end, fired[end], 0))
                    fired[end] += 1

    for end in reversed(ends):
        while fired[end] < tasks[end].firings:
            fire(end)
    for k in reversed(stage):
        while fired[k] < tasks[k].firings:
            fire(k)
    return order
