"""The ONNX front end: a float model as a Graph, channels last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tinyc.errors import ModelError
from tinyc.frontends.onnx.grids import Grid
from tinyc.frontends.onnx.integers import borders_of
from tinyc.frontends.onnx.operators import READERS
from tinyc.frontends.onnx.prepare import constant, prepared
from tinyc.frontends.onnx.values import Draft, Known, Lazy, Node, Value, channels_last
from tinyc.frontends.onnx.views import View
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Graph, Origin, Port, verify
from tinyc.ops.quantize import Quantize
from tinyc.plain import printable

_IMAGE = 4
#: TensorProto.FLOAT, FLOAT16 and DOUBLE.
_FLOATS = (1, 10, 11)
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

    @property
    def is_quantized(self) -> bool:
        """Whether the file says which activations are bytes."""
        return any(isinstance(op, Quantize) for op in self.graph.ops)


def load_onnx(path: Path, shapes: Sequence[NamedShape] = ()) -> Loaded:
    """Return the graph of a float ONNX file. shapes: of inputs that the model leaves open.

    Images have their channels last: [N, C, H, W] of the file is [N, H, W, C] of the graph, inside and at its inputs
    and outputs; so have sequences [N, C, T] that a window reads or makes.

    Raises ModelError, UsageError, or ToolError where the package `onnx` is missing.
    """
    file = prepared(path, shapes)
    model = file.graph
    draft = Draft()
    found: dict[str, Lazy | Known] = {i.name: Known(constant(i)) for i in model.initializer}
    inputs = []
    for one in model.input:
        if one.name not in found:
            readers = [node for node in model.node if one.name in node.input]
            found[one.name] = _input(draft, one, path.name, readers)
            inputs.append(found[one.name])
    problems: list[str] = []
    missing: set[str] = set()
    for index, proto in enumerate(model.node):
        try:
            _read(draft, index, proto, found, missing, path.name)
        except ModelError as problem:
            missing.update(proto.output)
            problems.append(problem.message)
    if problems:
        raise ModelError("\n".join(problems[:40]))
    moved = {v.name for v in inputs if isinstance(v, Value) and v.perm != tuple(range(len(v.perm)))}
    outputs = [_output(draft, found, one, path.name, moved) for one in model.output]
    ports = [Port(v.name, v.name, draft.tensors[v.name].type) for v in inputs if isinstance(v, Value)]
    graph = Graph(path.stem, draft.tensors, (), tuple(ports), tuple(outputs))
    made = verify(graph.with_ops(draft.ops))
    return Loaded(made, frozenset(moved), tuple(draft.grids), borders_of(file))


def _input(draft: Draft, one: Any, file: str, readers: Sequence[Any]) -> Value:
    """readers: the operators that read it."""
    kind = one.type.tensor_type
    shape = [d.dim_value for d in kind.shape.dim]
    name = printable(one.name) or "input"
    if kind.elem_type not in _FLOATS:
        raise ModelError(f"{file}: input '{name}' is no float tensor")
    rank = len(shape)
    slides = any(node.op_type in _WINDOWED for node in readers)
    second = rank >= _IMAGE or (slides and rank > 1)
    perm = channels_last(rank) if second and not _turned(readers, rank) else tuple(range(rank))
    return Value(draft.tensor(name, [shape[i] for i in perm]), perm)


def _turned(readers: Sequence[Any], rank: int) -> bool:
    """Whether an input has its channels last, as converters from TensorFlow write it: they are turned to be second."""
    to_second = [0, rank - 1, *range(1, rank - 1)]
    perms = [list(a.ints) for node in readers if node.op_type == "Transpose" for a in node.attribute]
    return len(perms) == len(readers) > 0 and all(perm == to_second for perm in perms)


def _output(draft: Draft, found: dict[str, Lazy | Known], one: Any, file: str, moved: set[str]) -> Port:
    lazy = found.get(one.name)
    if lazy is None or isinstance(lazy, Known):
        raise ModelError(f"{file}: output '{printable(one.name)}' does not depend on an input")
    origin = draft.ops[-1].origin if draft.ops else Origin(file, 0, "output", printable(one.name))
    value = draft.settled(lazy, origin)
    rank = len(draft.stored(value))
    kept = value.perm == tuple(range(rank)) and value.name not in moved
    last = not kept and (rank >= _IMAGE or value.perm == channels_last(rank))
    perm = channels_last(rank) if last else tuple(range(rank))
    name = draft.ordered(value, perm, origin)
    if last:
        moved.add(name)
    return Port(printable(one.name) or name, name, draft.tensors[name].type)


def _read(
    draft: Draft, index: int, proto: Any, found: dict[str, Lazy | Known], missing: set[str], file: str
) -> None:
    from onnx import helper  # noqa: PLC0415 - optional

    if missing.intersection(proto.input):
        missing.update(proto.output)  # refused for what came before: not worth a line
        return
    label = printable(proto.output[0]) if proto.output else ""
    origin = Origin(file, index, printable(proto.op_type), label)
    reader = READERS.get(proto.op_type) if proto.domain in ("", "ai.onnx") else None
    if reader is None:
        raise ModelError(f"{origin}: this operator is not supported")
    attributes = {a.name: helper.get_attribute_value(a) for a in proto.attribute}
    inputs = tuple(found.get(name) if name else None for name in proto.input)
    node = Node(draft, origin, proto.op_type, inputs, tuple(map(printable, proto.output)), attributes)
    _check_bytes(node)
    found.update(zip(proto.output, reader(node), strict=False))


def _check_bytes(node: Node) -> None:
    """Bytes are read by DequantizeLinear alone: what moves bytes was made to move real numbers."""
    kinds = {node.draft.tensors[v.name].type.dtype for v in node.inputs if isinstance(v, Value | View)}
    node.need(
        "int8" not in kinds or node.kind == "DequantizeLinear", "it computes on bytes without their scale"
    )
