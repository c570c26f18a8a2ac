"""Ops that compute each byte from one byte of one tensor become a table of 256 entries.

Swish is LOGISTIC and MUL, hard swish often ADD, RELU6, MUL and MUL: what converters write as several ops, with single
numbers among the operands and floats in between, is one function of a byte. The table is what the ops themselves
compute for each of the 256 bytes, so that no byte changes; where LiteRT computes them in float32, a last bit may. A
tensor that other ops or an output read as well stays, and what follows starts from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tinyc.ir import Array, Graph, Op
from tinyc.numerics.fixed_point import BYTES
from tinyc.ops.byte_table import ByteTable
from tinyc.ops.cast import Cast
from tinyc.ops.check import is_float_form
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.floats import compute_floats
from tinyc.ops.word_table import WordTable
from tinyc.passes.remove_dead import remove_dead


@dataclass(frozen=True, eq=False)
class _Function:
    """Values of a tensor's element for each byte of the root's. values: [256]."""

    root: str
    values: Array


def fold_tables(graph: Graph) -> Graph:
    return _with_tables(graph, set(graph.kept_tensors))


def fold_float_tables(graph: Graph) -> Graph:
    """Make tables of functions in float between DEQUANTIZE and QUANTIZE alone: every int8 tensor stays."""
    return _with_tables(graph, {n for n, t in graph.tensors.items() if t.type.dtype == "int8"})


def _with_tables(graph: Graph, kept: set[str]) -> Graph:
    """kept: tensors that have to be computed."""
    functions = _functions(graph, kept)
    return remove_dead(graph.with_ops([_folded(graph, op, functions) for op in graph.ops]))


def _folded(graph: Graph, op: Op, functions: Mapping[str, _Function]) -> Op:
    """The op as a table, or as it is where it is no function of a byte or a simple one."""
    function, dtype = functions.get(op.outputs[0]), graph.type(op.outputs[0]).dtype
    if function is None or dtype not in _TABLES:
        return op
    if (op.is_function and op.inputs[0] == function.root) or _is_float(graph, op):
        return op
    return _TABLES[dtype]((function.root,), op.outputs, op.origin, function.values.tobytes())


#: The table of each element type that may be one.
_TABLES: dict[str, type[ByteTable] | type[WordTable]] = {
    "int8": ByteTable,
    "bool": ByteTable,
    "float32": WordTable,
}


def _functions(graph: Graph, kept: set[str]) -> dict[str, _Function]:
    """By tensor, of those that are functions of another's bytes; the other is one that has to be computed anyway."""
    kept = kept | set(graph.kept_tensors)
    while True:
        found: dict[str, _Function] = {}
        for op in graph.ops:
            function = _function(graph, op, found, kept)
            if function is not None:
                found[op.outputs[0]] = function
        needed = {name for name in found if not _goes(graph, name, found, kept)} - kept
        if not needed:
            return found
        kept |= needed


def _goes(graph: Graph, name: str, functions: Mapping[str, _Function], kept: set[str]) -> bool:
    """Whether everything that reads a tensor computes its bytes from the same root instead."""
    for reader in graph.consumers[name]:
        out = graph.ops[reader].outputs[0]
        function = functions.get(out)
        if function is None or function.root != functions[name].root:
            return False
        if out in kept and _stays(graph, graph.ops[reader]):
            return False
    return True


def _stays(graph: Graph, op: Op) -> bool:
    """Whether an op is better computed from what it reads than from a table of words."""
    dtype = graph.type(op.outputs[0]).dtype
    plain = isinstance(op, Dequantize | Cast) or _is_float(graph, op)
    return dtype not in _TABLES or (dtype == "float32" and plain)


def _is_float(graph: Graph, op: Op) -> bool:
    return is_float_form(op, graph.types(op), graph.outs(op))


def _function(graph: Graph, op: Op, known: Mapping[str, _Function], kept: set[str]) -> _Function | None:
    """What `op` makes of the bytes of one tensor; None where it reads more than that."""
    if not op.is_elementwise:
        return None
    roots: set[str] = set()
    values: list[Array] = []
    for name in op.inputs:
        tensor = graph.tensors[name]
        function = known.get(name)
        if tensor.data is not None:
            number = tensor.data.reshape(-1)[:1]
            if not number.size or bool((tensor.data != number).any()):
                return None
            values.append(number)
        elif function is not None and not (name in kept and tensor.type.dtype == "int8"):
            roots.add(function.root)
            values.append(function.values)
        elif tensor.type.dtype in ("int8", "uint8"):
            roots.add(name)
            values.append(BYTES.astype("int8").view(tensor.type.dtype))
        else:
            return None
    if len(roots) != 1:
        return None
    (root,) = roots
    if graph.type(root).shape != graph.type(op.outputs[0]).shape:
        return None
    return _Function(root, _values(graph, op, values))


def _values(graph: Graph, op: Op, values: list[Array]) -> Array:
    """Return what an op makes of each byte. values: [256] or [1] of each input."""
    if _is_float(graph, op):
        return compute_floats(graph, op, op.named(v[None] for v in values)).reshape(-1)
    types = op.named(replace(graph.type(n), shape=v.shape) for n, v in zip(op.inputs, values, strict=True))
    out = replace(graph.type(op.outputs[0]), shape=BYTES.shape)
    (made,) = op.compute(op.named(values), types, [out], graph.reference)
    return made
