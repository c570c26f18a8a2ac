"""The gate that every graph passes before it is compiled: what int8 arithmetic cannot do with its types."""

from __future__ import annotations

from collections.abc import Sequence

from tinyc.errors import ModelError
from tinyc.ir import Array, Graph, Op, Operands, Reference, TensorType
from tinyc.ops.guard import int8, need
from tinyc.ops.requantize import Requantize

#: Element types of indices, and of conditions.
_INDICES = frozenset(("int32", "int64", "bool"))


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


def is_float_form(op: Op, types: Operands[TensorType], outs: Sequence[TensorType]) -> bool:
    """Whether an op that int8 has computes in float32: all that it reads and writes beside weights and indices."""
    trained = {o.index for o in op.operands if o.trained}
    values = [t for i, t in enumerate(types.values) if t is not None and i not in trained]
    floats = [t.dtype == "float32" for t in (*values, *outs) if t.dtype not in _INDICES]
    return op.is_int8 and bool(floats) and all(floats)


def is_mixed(graph: Graph) -> bool:
    """Whether some of a graph's ops that int8 has compute in float32, and others do not."""
    return not graph.is_float and any(is_float_form(op, graph.types(op), graph.outs(op)) for op in graph.ops)


def check_op(
    op: Op,
    types: Operands[TensorType],
    constants: Operands[Array],
    outs: Sequence[TensorType],
    reference: Reference,
) -> None:
    """Check one op. Raises ModelError, or LitertRejectsError for what LiteRT alone refuses."""
    _check_unsigned(op, types, outs)
    if is_float_form(op, types, outs):
        return
    if op.is_int8:
        trained = {o.index for o in op.operands if o.trained}
        for i, t in enumerate(types.values):
            if t is not None and i not in trained:
                int8(op, t, f"input {i}")
        for i, t in enumerate(outs):
            int8(op, t, f"output {i}")
    op.check(types, constants, outs, reference)


def _check_unsigned(op: Op, types: Operands[TensorType], outs: Sequence[TensorType]) -> None:
    """Refuse what no reference has of uint8: some ops, and bytes of both kinds in one."""
    names = {o.index: o.name for o in op.operands}
    every = [(t, names.get(i, f"input {i}")) for i, t in enumerate(types.values) if t is not None]
    every += [(t, f"output {i}") for i, t in enumerate(outs)]
    unsigned = [what for t, what in every if t.is_unsigned]
    if not unsigned or isinstance(op, Requantize):
        return
    need(not op.is_signed_only, op, f"{unsigned[0]} is uint8; only int8 is supported")
    signed = [what for t, what in every if t.dtype == "int8" and not t.is_unsigned]
    need(not signed, op, f"{', '.join(unsigned)} is uint8, {', '.join(signed)} int8; they must be alike")
