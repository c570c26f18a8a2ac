"""The gate that every graph passes before it is compiled: what int8 arithmetic cannot do with its types."""

from __future__ import annotations

from collections.abc import Sequence

from tinyc.errors import ModelError
from tinyc.ir import Array, Graph, Op, Operands, Reference, TensorType
from tinyc.ops.guard import int8


def check_graph(graph: Graph) -> Graph:
    """Return the graph. Raises ModelError with a line for each op that is refused."""
    problems: list[str] = []
    for op in graph.ops:
        try:
            check_op(op, graph.types(op), graph.constants(op), graph.outs(op), graph.reference)
        except ModelError as problem:
            problems.append(problem.message)
    if problems:
        raise ModelError("\n".join(problems))
    return graph


def check_op(
    op: Op,
    types: Operands[TensorType],
    constants: Operands[Array],
    outs: Sequence[TensorType],
    reference: Reference,
) -> None:
    """Check one op. Raises ModelError, or LitertRejectsError for what LiteRT alone refuses."""
    if op.is_int8:
        trained = {o.index for o in op.operands if o.trained}
        for i, t in enumerate(types.values):
            if t is not None and i not in trained:
                int8(op, t, f"input {i}")
        for i, t in enumerate(outs):
            int8(op, t, f"output {i}")
    op.check(types, constants, outs, reference)
