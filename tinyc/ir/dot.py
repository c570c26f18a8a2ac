"""A graph as text in the DOT language, which Graphviz draws."""

from __future__ import annotations

from tinyc.ir.graph import Graph
from tinyc.ir.op import Op
from tinyc.plain import plain


def to_dot(graph: Graph) -> str:
    """Inputs, ops, states and outputs as nodes, and an edge for every tensor that is read, with its type."""
    lines = [f'digraph "{plain(graph.name)}" {{', "  node [shape=box];"]
    maker = {n: f"op{i}" for i, op in enumerate(graph.ops) for n in op.outputs}
    for number, port in enumerate(graph.inputs):
        lines.append(f'  in{number} [shape=ellipse, label="{plain(port.name)}"];')
        maker.setdefault(port.tensor, f"in{number}")
    for number, state in enumerate(graph.states):
        lines.append(f'  state{number} [shape=ellipse, label="{plain(state.tensor)}"];')
        maker[state.tensor] = f"state{number}"
    for number, op in enumerate(graph.ops):
        lines.append(f'  op{number} [label="{number} {op.kind}\\n{plain(_name(op))}"];')
        lines += [_edge(graph, maker[name], f"op{number}", name) for name in graph.activations(op)]
    for number, port in enumerate(graph.outputs):
        lines.append(f'  out{number} [shape=ellipse, label="{plain(port.name)}"];')
        if port.tensor in maker:
            lines.append(_edge(graph, maker[port.tensor], f"out{number}", port.tensor))
    for number, state in enumerate(graph.states):
        lines.append(_edge(graph, maker[state.next], f"state{number}", state.next))
    return "\n".join([*lines, "}"]) + "\n"


def _name(op: Op) -> str:
    return op.origin.name.partition(";")[0]


def _edge(graph: Graph, source: str, target: str, tensor: str) -> str:
    kind = graph.type(tensor)
    return f'  {source} -> {target} [label="{kind.dtype}{list(kind.shape)}"];'
