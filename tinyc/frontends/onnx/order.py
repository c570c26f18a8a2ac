"""Operators in an order in which each comes after what it reads; runtimes put them so, the format asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def in_order(graph: Any) -> None:
    """Reorder a graph in place, and the graphs inside it. What is in order stays, and what depends on itself."""
    for node in graph.node:
        for inner in inside(node):
            in_order(inner)
    makers = {name: i for i, node in enumerate(graph.node) for name in node.output if name}
    needs = [
        sorted({makers[name] for name in _read(node) if name in makers} - {i})
        for i, node in enumerate(graph.node)
    ]
    if all(other < i for i, others in enumerate(needs) for other in others):
        return
    order = _sorted(needs)
    if order is not None:
        replace_nodes(graph, [graph.node[i] for i in order])


def replace_nodes(graph: Any, nodes: Sequence[Any]) -> None:
    """Put other operators in the place of a graph's; some may be its own, which would not outlive the list."""
    copies = [copied(node) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def copied(message: Any) -> Any:
    """Return a copy of a part of a model, which outlives the list that it is in."""
    return type(message).FromString(message.SerializeToString())


def graphs_of(graph: Any) -> Iterator[Any]:
    """Yield a graph and all inside it."""
    yield graph
    for node in graph.node:
        for inner in inside(node):
            yield from graphs_of(inner)


def inside(node: Any) -> Iterator[Any]:
    """Yield the graphs that an operator has as attributes."""
    for one in node.attribute:
        yield from (*((one.g,) if one.HasField("g") else ()), *one.graphs)


def _read(node: Any) -> Iterator[str]:
    """Yield the names of what an operator reads, and of what the graphs inside it take from around them."""
    yield from node.input
    for inner in inside(node):
        own = {one.name for one in (*inner.input, *inner.initializer)}
        own |= {name for each in inner.node for name in each.output}
        yield from (name for each in inner.node for name in _read(each) if name not in own)
        yield from (one.name for one in inner.output if one.name not in own)


def _sorted(needs: list[list[int]]) -> list[int] | None:
    """Return the numbers so that each follows what it needs, else as they are; None where there is a circle."""
    order: list[int] = []
    placed, open_ = [False] * len(needs), [False] * len(needs)
    for first in range(len(needs)):
        waiting = [first]
        while waiting:
            one = waiting[-1]
            missing = [other for other in needs[one] if not placed[other]]
            if placed[one] or not missing:
                if not placed[one]:
                    placed[one] = True
                    order.append(one)
                waiting.pop()
            elif open_[one]:
                return None
            else:
                open_[one] = True
                waiting += missing[::-1]
    return order
