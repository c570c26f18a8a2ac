"""Ops whose inputs are all constants are computed now and become constants.

Where one writes an output of the model, a copy of the constant takes its place. The arithmetic is the op's own
reference, so no byte changes. Raises ModelError where that would be large.
"""

from __future__ import annotations

from dataclasses import replace

from tinyc.errors import ModelError
from tinyc.ir import Array, Graph, Op, Operands, Tensor
from tinyc.ops.check import is_float_form
from tinyc.ops.copy import Copy
from tinyc.ops.floats import one_float

#: Most elements of all constants that are computed, and most multiply-accumulates spent on them.
MAX_ELEMENTS, MAX_MACS = 2**22, 2**27


def fold_constants(graph: Graph) -> Graph:
    tensors = dict(graph.tensors)
    kept: list[Op] = []
    size = macs = 0
    becomes_state = {s.next for s in graph.states}
    for op in graph.ops:
        values = op.named(tensors[n].data if n else None for n in op.inputs)
        known = all(v is not None for n, v in zip(op.inputs, values.values, strict=True) if n)
        if not known or isinstance(op, Copy) or becomes_state.intersection(op.outputs):
            kept.append(op)
            continue
        size += sum(t.elements for t in graph.outs(op))
        macs += op.macs(graph.types(op), graph.outs(op))
        if size > MAX_ELEMENTS or macs > MAX_MACS:
            raise ModelError(
                f"{op.origin}: the constants computed so far have {size} elements; that is too much"
            )
        for name, data in zip(op.outputs, _computed(graph, op, values), strict=True):
            constant = name
            if name in graph.output_tensors:
                constant = graph.fresh(f"{name}:value")
                kept.append(Copy((constant,), (name,), op.origin))
            tensors[constant] = Tensor(constant, tensors[name].type, data)
    return replace(graph, tensors=tensors).with_ops(kept)


def _computed(graph: Graph, op: Op, values: Operands[Array]) -> tuple[Array, ...]:
    """Return the outputs of an op. values: all that it reads."""
    if not graph.is_float and not is_float_form(op, graph.types(op), graph.outs(op)):
        return op.compute(values, graph.types(op), graph.outs(op), graph.reference)
    return (one_float(graph, op, values),)
