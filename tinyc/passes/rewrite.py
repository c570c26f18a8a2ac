"""What passes share: reading another tensor in place of one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tinyc.ir import Graph, Op, TensorType


def renamed(op: Op, names: Mapping[str, str]) -> Op:
    """The op reading names[n] in place of each input n that is a key."""
    inputs = tuple(names.get(n, n) for n in op.inputs)
    return op if inputs == op.inputs else replace(op, inputs=inputs)


def bypass(graph: Graph, copies: Callable[[Op, TensorType], bool]) -> Graph:
    """The graph without the ops that copy their first input, whose readers read that input instead.

    copies: whether an op of one output does so, given that its input and output are of one type. An output
    of the model, or what a state becomes, stays a tensor of its own that an op computes.
    """
    names: dict[str, str] = {}
    kept_tensors = graph.kept_tensors
    taken = set(kept_tensors)
    written = {n for op in graph.ops for n in op.outputs}
    kept: list[Op] = []
    for old in graph.ops:
        op = renamed(old, names)
        source, result = op.inputs[0], op.outputs[0]
        alike = len(op.outputs) == 1 and source != "" and graph.type(source) == graph.type(result)
        free = result not in kept_tensors or (source in written and source not in taken)
        if alike and free and copies(op, graph.type(source)):
            names[result] = source
            if result in kept_tensors:
                taken.add(source)
        else:
            kept.append(op)
    outputs = tuple(replace(p, tensor=names.get(p.tensor, p.tensor)) for p in graph.outputs)
    states = tuple(replace(s, next=names.get(s.next, s.next)) for s in graph.states)
    return replace(graph, outputs=outputs, states=states).with_ops(kept)
