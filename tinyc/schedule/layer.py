"""The layer-by-layer schedule: every op runs whole, in the model's order."""

from __future__ import annotations

from collections.abc import Iterator

from tinyc import memory
from tinyc.ir import Graph
from tinyc.kernels import lower
from tinyc.kernels.base import Lowering
from tinyc.memory import Access, Block, Event
from tinyc.schedule.plan import Buffer, Plan, Stage


def plan_layers(graph: Graph, isas: tuple[str, ...]) -> Plan:
    """Place every activation tensor for layer-by-layer execution, in place where that is safe, and check it."""
    lowerings = tuple(lower(op, graph, isas) for op in graph.ops)
    home = _homes(graph, lowerings)
    lives = _lives(graph, home)
    blocks = [
        Block.whole(name, max(graph.type(t).bytes for t, h in home.items() if h == name), *life)
        for name, life in lives.items()
    ]
    blocks += [
        Block.whole(f"scratch {i}", low.scratch_bytes, i, i + 1, align=8)
        for i, low in enumerate(lowerings)
        if low.scratch_bytes
    ]
    placed = memory.plan(blocks)
    buffers = {}
    for name in home:
        height, _, _ = graph.type(name).hwc
        buffers[name] = Buffer(placed.offsets[home[name]], height, graph.type(name).row_bytes)
    scratch = {i: placed.offsets[f"scratch {i}"] for i, low in enumerate(lowerings) if low.scratch_bytes}
    stages = tuple(
        Stage("layer", (i,), sum(b.size for b in blocks if b.spans[0].start <= i < b.spans[0].stop))
        for i, low in enumerate(lowerings)
        if not low.is_view
    )
    plan = Plan(graph, lowerings, stages, buffers, scratch, placed.size, placed.lower_bound)
    memory.check(events(plan), plan.arena)
    return plan


def _homes(graph: Graph, lowerings: tuple[Lowering, ...]) -> dict[str, str]:
    """For every activation tensor, the tensor whose buffer it lives in: its own, or the one it takes over."""
    home = {p.tensor: p.tensor for p in graph.inputs}
    keep = graph.output_tensors
    for i, (op, low) in enumerate(zip(graph.ops, lowerings, strict=True)):
        for name in op.outputs:
            home[name] = name
        candidates = (0,) if low.is_view else low.in_place
        for position in candidates:
            source = op.inputs[position]
            if not source or graph.is_constant(source):
                continue
            same_home = [t for t, h in home.items() if h == home[source]]
            last_use = max((c for t in same_home for c in graph.consumers[t]), default=-1)
            free = last_use <= i and not keep.intersection(same_home)
            if low.is_view or (free and graph.type(op.outputs[0]).bytes <= graph.type(home[source]).bytes):
                home[op.outputs[0]] = home[source]
                break
    return home


def _lives(graph: Graph, home: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Times [start, stop) during which each buffer holds data; time i is the execution of op i."""
    end = len(graph.ops)
    lives: dict[str, tuple[int, int]] = {}
    for name, owner in home.items():
        start = graph.producer.get(name, -1)
        stop = max(graph.consumers[name], default=start) + 1
        if name in graph.output_tensors:
            stop = end + 1
        low, high = lives.get(owner, (start, stop))
        lives[owner] = (min(low, start), max(high, stop))
    return lives


def events(plan: Plan) -> Iterator[Event]:
    """The plan as reads and writes of arena bytes, for the independent checker."""
    graph = plan.graph

    def span(name: str, tag: str) -> Access:
        buffer = plan.buffers[name]
        return Access((tag, 0), buffer.offset, buffer.offset + graph.type(name).bytes)

    content: dict[str, str] = {p.tensor: p.tensor for p in graph.inputs}
    yield Event("input", (), tuple(span(p.tensor, p.tensor) for p in graph.inputs))
    for i, (op, low) in enumerate(zip(graph.ops, plan.lowerings, strict=True)):
        if low.is_view:
            content[op.outputs[0]] = content[op.inputs[0]]
            continue
        for name in op.outputs:
            content[name] = name
        start = plan.scratch.get(i, 0)
        yield Event(
            f"op {op.origin.index} {op.kind}",
            tuple(span(n, content[n]) for n in graph.activations(op)),
            tuple(span(n, n) for n in op.outputs),
            (start, start + low.scratch_bytes),
            frozenset((content[op.inputs[p]], 0) for p in low.in_place if op.inputs[p] in content),
        )
    outputs = tuple(span(p.tensor, content[p.tensor]) for p in graph.outputs)
    yield Event("output", outputs, ())
