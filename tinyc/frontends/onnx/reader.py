"""The ONNX front end: a float model as a Graph, channels last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.batches import split_batches
from tinyc.frontends.limits import check_elements, check_limits
from tinyc.frontends.onnx.dynamic import is_dynamic
from tinyc.frontends.onnx.grids import Grid
from tinyc.frontends.onnx.integers import borders_of
from tinyc.frontends.onnx.nodes import Reading
from tinyc.frontends.onnx.prepare import prepared
from tinyc.frontends.onnx.values import Draft, Known, Lazy, Value, channels_last
from tinyc.frontends.onnx.views import Outside
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Graph, Origin, Port, Tensor, TensorType, fresh_name, verify
from tinyc.ops.copy import Copy
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.quantize import Quantize
from tinyc.plain import printable

_IMAGE = 4
#: Element types of inputs by TensorProto's numbers: FLOAT, FLOAT16 and DOUBLE, and those that only a few take.
_TYPES = {1: "float32", 10: "float32", 11: "float32", 6: "int32", 7: "int64", 9: "bool"}
#: What computes each element by itself, in front of the Transpose of an input that has its channels last.
_ALONG = frozenset((
    "Add", "Cast", "Clip", "DequantizeLinear", "Div", "Identity", "Max", "Min", "Mul", "QuantizeLinear", "Relu", "Sub",
))  # fmt: skip
#: The same and what leaves elements out or adds some, in front of what sees sequences as [N, C, T].
_AHEAD = _ALONG | {"Pad", "Slice", "Split"}
#: Opset of a file that names none.
_NEWEST = 28
#: What sees sequences as [N, C, T].
_WINDOWED = frozenset(
    (
        "AveragePool",
        "BatchNormalization",
        "Conv",
        "ConvTranspose",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "MaxPool",
    )
)


@dataclass(frozen=True, eq=False)
class Loaded:
    """moved: inputs and outputs, by tensor, whose channels are second in the file and last in the graph.

    grids: of constants that the file has as bytes; borders: element types of ports that it has as bytes, by name.
    """

    graph: Graph
    moved: frozenset[str]
    grids: tuple[Grid, ...] = ()
    borders: Mapping[str, str] = field(default_factory=dict)
    #: What of the file's values tensors of the graph hold, by tensor.
    values: Mapping[str, Outside] = field(default_factory=dict)
    #: Whether runtimes round its activations on the way.
    is_dynamic: bool = False

    @property
    def is_quantized(self) -> bool:
        """Whether the file says which activations are bytes."""
        return any(isinstance(op, Quantize) for op in self.graph.ops)


@np.errstate(all="ignore")  # of damaged constants
def load_onnx(path: Path, shapes: Sequence[NamedShape] = ()) -> Loaded:
    """Return the graph of a float ONNX file. shapes: of inputs that the model leaves open.

    Images have their channels last: [N, C, H, W] of the file is [N, H, W, C] of the graph, inside and at its inputs
    and outputs; so have sequences [N, C, T] that a window reads or makes.

    Raises ModelError, UsageError, or ToolError where the package `onnx` is missing.
    """
    file = prepared(path, shapes)
    model = file.graph
    draft = Draft()
    opset = max((o.version for o in file.opset_import if o.domain in ("", "ai.onnx")), default=_NEWEST)
    reading = Reading(draft, path.name, opset)
    reading.constants(model.initializer)
    found, inputs = reading.found, []
    for one in model.input:
        if one.name in found:
            continue
        try:
            ahead = _readers(model.node, one.name, _AHEAD)
            found[one.name] = _input(draft, one, path.name, ahead, _readers(model.node, one.name, _ALONG))
            inputs.append(found[one.name])
        except ModelError as problem:
            reading.missing.add(one.name)
            if any(one.name in node.input for node in model.node) or one.name in [
                o.name for o in model.output
            ]:
                reading.problems.append(problem.message)
    reading.nodes(model.node)
    if reading.problems:
        raise ModelError("\n".join(reading.problems[:40]))
    moved = {v.name for v in inputs if isinstance(v, Value) and v.perm != tuple(range(len(v.perm)))}
    fixed = {v.name for v in inputs if isinstance(v, Value)} - moved
    outputs = [_output(draft, found, one, path.name, moved, fixed) for one in model.output]
    ports = [Port(v.name, v.name, draft.tensors[v.name].type) for v in inputs if isinstance(v, Value)]
    graph = Graph(path.stem, draft.tensors, (), tuple(ports), tuple(outputs))
    made = verify(graph.with_ops(draft.ops))
    check_limits(made, path.name, (Quantize, Dequantize))
    made = verify(split_batches(made))
    return Loaded(
        made, frozenset(moved), tuple(draft.grids), borders_of(file), _values(draft, found), is_dynamic(file)
    )


def _values(draft: Draft, found: Mapping[str, Lazy | Known]) -> dict[str, Outside]:
    """Return what the tensors hold; of several values that are views of one, the first."""
    made: dict[str, Outside] = {}
    for name, value in found.items():
        if not isinstance(value, Known) and value.name not in made:
            made[value.name] = draft.view(value).outside(name)
    return made


def _readers(nodes: Sequence[Any], name: str, along: frozenset[str]) -> list[Any]:
    """Return the operators that read a value, in order, and those behind others of some kinds; these are left out."""
    names, found = {name}, []
    for node in nodes:
        if names.isdisjoint(node.input):
            continue
        if node.op_type in along:
            names.update(node.output)
        else:
            found.append(node)
    return found


def _input(draft: Draft, one: Any, file: str, ahead: Sequence[Any], behind: Sequence[Any]) -> Value:
    """ahead: the first operators that read it, behind those of _AHEAD; behind: the same of _ALONG."""
    kind = one.type.tensor_type
    shape = [d.dim_value for d in kind.shape.dim]
    name = printable(one.name) or "input"
    dtype = _TYPES.get(kind.elem_type)
    if dtype is None:
        raise ModelError(
            f"{file}: input '{name}' holds {_type_name(kind.elem_type)}; floats, bool and integers are supported"
        )
    rank = len(shape)
    check_elements(shape, f"{file}: input '{name}'")
    slides = any(node.op_type in _WINDOWED for node in ahead)
    second = rank >= _IMAGE or (slides and rank > 1)
    perm = channels_last(rank) if second and not _turned(behind, rank) else tuple(range(rank))
    return Value(draft.tensor(name, [shape[i] for i in perm], dtype), perm)


def _type_name(number: int) -> str:
    from onnx import TensorProto  # noqa: PLC0415 - optional

    return next((name.lower() for name, n in TensorProto.DataType.items() if n == number), "no numbers")


def _turned(readers: Sequence[Any], rank: int) -> bool:
    """Whether an input has its channels last, as converters from TensorFlow write it: they are turned to be second."""
    to_second = [0, rank - 1, *range(1, rank - 1)]
    perms = [list(a.ints) for node in readers if node.op_type == "Transpose" for a in node.attribute]
    return len(perms) == len(readers) > 0 and all(perm == to_second for perm in perms)


def _constant(draft: Draft, known: Known, name: str, file: str) -> Port:
    """Return an output that no input has a part in: a copy, since it lies where outputs do, in the file's order."""
    kind = str(known.data.dtype)
    if kind not in _TYPES.values():
        raise ModelError(f"{file}: output '{name}' holds {kind}; floats, bool and integers are supported")
    check_elements(list(known.data.shape), f"{file}: output '{name}'")
    kept = fresh_name(f"{name}:value", draft.tensors)
    draft.tensors[kept] = Tensor(kept, TensorType(known.data.shape, kind), known.data)
    out = draft.tensor(name, known.data.shape, kind)
    draft.ops.append(Copy((kept,), (out,), Origin(file, -1, "constant", name)))
    return Port(name, out, draft.tensors[out].type)


def _output(
    draft: Draft,
    found: dict[str, Lazy | Known],
    one: Any,
    file: str,
    moved: set[str],
    fixed: set[str],
) -> Port:
    """moved: tensors of ports whose channels are last here; fixed: inputs that lie as in the file."""
    lazy = found.get(one.name)
    if lazy is None:
        raise ModelError(f"{file}: output '{printable(one.name)}' is made by no operator")
    if isinstance(lazy, Known):
        return _constant(draft, lazy, printable(one.name) or "output", file)
    origin = draft.ops[-1].origin if draft.ops else Origin(file, 0, "output", printable(one.name))
    value = draft.settled(lazy, origin)
    rank = len(draft.stored(value))
    kept = value.perm == tuple(range(rank)) and value.name not in moved
    last = not kept and (rank >= _IMAGE or value.perm == channels_last(rank))
    perm = channels_last(rank) if last else tuple(range(rank))
    name = draft.ordered(value, perm, origin)
    if last and name in fixed:
        name = draft.plain(value, origin)
    elif last:
        moved.add(name)
    return Port(printable(one.name) or name, name, draft.tensors[name].type)
