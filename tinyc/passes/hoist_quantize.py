"""QUANTIZE goes above ops that only move elements, DEQUANTIZE below them: what is moved is then bytes.

Converters leave SPLIT, PACK, CONCATENATION and their like in float32 between DEQUANTIZE and QUANTIZE. These, and
functions between them, act on each element by itself, so they may trade places with an op that only moves elements; a
table is left.
"""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph, Op, Tensor
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.quantize import Quantize
from tinyc.passes.remove_dead import remove_dead


def hoist_quantize(graph: Graph) -> Graph:
    """Trade places as long as any two can."""
    while True:
        moved = next((found for op in graph.ops if (found := _sunk(graph, op) or _hoisted(graph, op))), None)
        if moved is None:
            return graph
        graph = remove_dead(moved)


def _hoisted(graph: Graph, op: Op) -> Graph | None:
    """The graph with what acts on each element behind `op` in front of it; None where other ops read it, too."""
    if not op.only_moves or not _is_float(graph, op.outputs[0]):
        return None
    readers = [graph.ops[i] for i in graph.consumers[op.outputs[0]]]
    if not readers or op.outputs[0] in graph.kept_tensors or not _act_alike(readers):
        return None
    kinds = {(graph.type(r.outputs[0]).dtype, graph.type(r.outputs[0]).quant) for r in readers}
    if len(kinds) != 1:
        return None
    ((dtype, quant),) = kinds
    tensors = dict(graph.tensors)
    made: list[Op] = []
    made_of: dict[str, str] = {}
    for name in dict.fromkeys(op.inputs):
        made_of[name] = _fresh(tensors, f"{name} before {op.kind}")
        kind = replace(graph.type(name), dtype=dtype, quant=quant)
        tensors[made_of[name]] = Tensor(made_of[name], kind)
        made.append(replace(readers[0], inputs=(name,), outputs=(made_of[name],)))
    inputs = tuple(made_of[n] for n in op.inputs)
    moves = [replace(op, inputs=inputs, outputs=reader.outputs) for reader in readers]
    ops: list[Op] = []
    for other in graph.ops:
        ops += [*made, *moves] if other is op else [] if other in readers else [other]
    return graph.with_ops(ops, tensors)


def _act_alike(readers: list[Op]) -> bool:
    """Whether all quantize, or there is one, a function of each element."""
    return all(isinstance(r, Quantize) for r in readers) or (len(readers) == 1 and readers[0].is_function)


def _sunk(graph: Graph, op: Op) -> Graph | None:
    """The graph with the DEQUANTIZE of all that `op` moves behind it; None where they differ in scale."""
    if not op.only_moves or not _is_float(graph, op.outputs[0]):
        return None
    sources = [graph.writer(n) for n in op.inputs]
    names = [s.x for s in sources if isinstance(s, Dequantize)]
    if len(names) < len(sources):
        return None
    kinds = {(graph.type(n).dtype, graph.type(n).quant) for n in names}
    if len(kinds) != 1:
        return None
    ((dtype, quant),) = kinds
    tensors = dict(graph.tensors)
    name = _fresh(tensors, f"{op.outputs[0]} before dequantize")
    tensors[name] = Tensor(name, replace(graph.type(op.outputs[0]), dtype=dtype, quant=quant))
    made = (
        replace(op, inputs=tuple(names), outputs=(name,)),
        Dequantize((name,), op.outputs, op.origin),
    )
    ops: list[Op] = []
    for other in graph.ops:
        ops += made if other is op else [other]
    return graph.with_ops(ops, tensors)


def _is_float(graph: Graph, name: str) -> bool:
    return graph.type(name).dtype == "float32"


def _fresh(tensors: dict[str, Tensor], name: str) -> str:
    while name in tensors:
        name += "'"
    return name
