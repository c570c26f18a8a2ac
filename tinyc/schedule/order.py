"""The order in which the tasks of one stage fire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tinyc.schedule.tasks import Task


def layer_order(tasks: Sequence[Task], first: int, last: int) -> list[tuple[int, int]]:
    """Tasks [first, last) one after the other, each with all its firings."""
    return [(k, f) for k in range(first, last) for f in range(tasks[k].firings)]


def stream_order(
    tasks: Sequence[Task], first: int, last: int, heights: Mapping[str, int], *, patient: bool
) -> list[tuple[int, int]]:
    """Tasks [first, last) interleaved: whatever is nearest to the end fires as soon as it can.

    A task fires only when a consumer's next firing lacks its rows (or when nothing inside reads its output), so no
    row is made before it is needed. heights: rows of every tensor. patient: of several inputs that a consumer lacks,
    the one that takes longest to make comes first, and the others wait until it is there.
    """
    stage = range(first, last)
    made_here = {tasks[k].output: k for k in stage}
    readers: dict[str, list[int]] = {}
    for k in stage:
        for name in tasks[k].inputs:
            readers.setdefault(name, []).append(k)
    depth: dict[int, int] = {}
    for k in stage:
        depth[k] = 1 + max((depth[made_here[n]] for n in tasks[k].inputs if n in made_here), default=0)
    have = {name: 0 if name in made_here else heights[name] for k in stage for name in tasks[k].inputs}
    have |= {tasks[k].output: 0 for k in stage}
    fired = dict.fromkeys(stage, 0)

    def lacks(k: int) -> list[str]:
        """Inputs of task k that its next firing still waits for."""
        spans = tasks[k].reads[fired[k]]
        return [n for n, (_, stop) in zip(tasks[k].inputs, spans, strict=True) if have[n] < stop]

    def wanted(k: int) -> bool:
        """Whether a row of task k's output is needed now."""
        inside = [c for c in readers.get(tasks[k].output, []) if fired[c] < tasks[c].firings]
        if tasks[k].output not in readers:
            return True
        for c in inside:
            missing = lacks(c)
            if tasks[k].output not in missing:
                continue
            slowest = max(missing, key=lambda n: depth[made_here[n]])
            if not patient or slowest == tasks[k].output:
                return True
        return False

    order: list[tuple[int, int]] = []
    total = sum(tasks[k].firings for k in stage)
    backwards = list(reversed(stage))
    while len(order) < total:
        ready = [k for k in backwards if fired[k] < tasks[k].firings and not lacks(k)]
        chosen = next((k for k in ready if wanted(k)), None)
        if chosen is None:
            chosen = ready[0]
        order.append((chosen, fired[chosen]))
        _, stop = tasks[chosen].writes[fired[chosen]]
        have[tasks[chosen].output] = max(have[tasks[chosen].output], stop)
        fired[chosen] += 1
    return order
