"""The tables of a .tflite file (schema version 3) as plain values; fields go by their schema numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite

from tinyc.errors import ModelError
from tinyc.frontends.tflite.flatbuffer import FileBytes, Table
from tinyc.plain import printable

#: Most tensors and operators of a subgraph, and operands of all operators together.
MAX_TENSORS, MAX_OPERATORS, MAX_OPERANDS = 100_000, 5_000, 1_000_000


@dataclass(frozen=True, eq=False)
class FileQuant:
    """quantized_dimension: as stored, not checked."""

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    quantized_dimension: int


@dataclass(frozen=True, eq=False)
class FileTensor:
    """data: bytes of a constant, None for an activation; type: name of the element type, as "INT8".

    is_external: its data lie behind the flatbuffer; open_dims: dimensions that the file leaves open; `shape` has a
    stand-in there, mostly 1;
    table: of the file, for what edits it.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    type: str
    data: memoryview | None
    quant: FileQuant | None
    is_variable: bool
    is_sparse: bool
    is_external: bool
    open_dims: tuple[int, ...]
    table: Table

    @property
    def is_open(self) -> bool:
        return bool(self.open_dims)


@dataclass(frozen=True, eq=False)
class FileOp:
    """kind: name of the builtin operator, or "CUSTOM (name)"; version: of the operator's definition.

    options: None where there are none; options_kind: name of their table, "NONE" where there are none.
    """

    index: int
    kind: str
    version: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: Table | None
    options_kind: str


@dataclass(frozen=True, eq=False)
class FileGraph:
    """One subgraph of a file."""

    name: str
    tensors: tuple[FileTensor, ...]
    ops: tuple[FileOp, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class FileSignature:
    """A name for a subgraph's interface. inputs: (name in the signature, tensor)."""

    name: str
    graph: int
    inputs: tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class FileModel:
    """All subgraphs; the interpreters run the first. subgraph_slots: byte position of the first one's offset."""

    graphs: tuple[FileGraph, ...]
    signatures: tuple[FileSignature, ...]
    subgraph_slots: int


def read_model(data: bytes, file: str) -> FileModel:
    """Raises ModelError where the file is malformed."""
    buffer = FileBytes(data, file)
    root = buffer.root(b"TFL3")
    version = root.integer(0, "I")
    if version != 3:
        raise ModelError(f"{file}: schema version is {version}; only 3 is supported")
    _read_unused(root)
    codes = tuple((_operator_name(c), c.integer(2, "i", 1)) for c in root.tables(1))
    if not root.has(4):
        raise buffer.malformed("it has no vector of buffers")
    buffers = tuple(_constant(b, buffer) for b in root.tables(4))
    graphs: list[FileGraph] = []
    for table in root.tables(2):
        graphs.append(_graph(table, buffers, codes, buffer))
        if sum(len(g.tensors) for g in graphs) > MAX_TENSORS:
            raise buffer.malformed(f"more than {MAX_TENSORS} tensors")
    if not graphs:
        raise buffer.malformed("it has no subgraph")
    return FileModel(tuple(graphs), _signatures(root, graphs, buffer), root.slots(2)[0])


def _graph(
    graph: Table, buffers: tuple[_Constant, ...], codes: tuple[tuple[str, int], ...], buffer: FileBytes
) -> FileGraph:
    tensors = []
    for index, table in enumerate(graph.tables(0)):
        if index == MAX_TENSORS:
            raise buffer.malformed(f"more than {MAX_TENSORS} tensors")
        tensors.append(_tensor(index, table, buffers, buffer))
    ops: list[FileOp] = []
    operands = 0
    for index, table in enumerate(graph.tables(3)):
        if index == MAX_OPERATORS:
            raise ModelError(f"{buffer.name}: more than {MAX_OPERATORS} operators")
        ops.append(_operator(index, table, codes, buffer))
        operands += len(ops[-1].inputs) + len(ops[-1].outputs)
        if operands > MAX_OPERANDS:
            raise buffer.malformed(f"more than {MAX_OPERANDS} operands")
        for at in (*ops[-1].inputs, *ops[-1].outputs):
            if not -1 <= at < len(tensors):
                raise buffer.malformed(f"operator {index} names tensor {at} of {len(tensors)}")
    inputs, outputs = graph.integers(1), graph.integers(2)
    for at in (*inputs, *outputs):
        if not 0 <= at < len(tensors):
            raise buffer.malformed(f"the model's interface names tensor {at} of {len(tensors)}")
    return FileGraph(graph.string(4), tuple(tensors), tuple(ops), inputs, outputs)


def _signatures(root: Table, graphs: list[FileGraph], buffer: FileBytes) -> tuple[FileSignature, ...]:
    found = []
    for table in root.tables(7):
        graph = table.integer(4, "I")
        if graph >= len(graphs):
            raise buffer.malformed(f"a signature names subgraph {graph} of {len(graphs)}")
        inputs = tuple((entry.string(0), entry.integer(1, "I")) for entry in table.tables(0))
        for entry in table.tables(1):
            entry.string(0)
            entry.integer(1, "I")
        found.append(FileSignature(table.string(2), graph, inputs))
    return tuple(found)


def _names(enum: type) -> dict[int, str]:
    return {v: k for k, v in vars(enum).items() if isinstance(v, int) and not k.startswith("_")}


_OPERATORS: dict[int, str] = _names(tflite.BuiltinOperator)
#: The last one is younger than the package.
_TYPES: dict[int, str] = {**_names(tflite.TensorType), 19: "INT2"}
_OPTIONS: dict[int, str] = _names(tflite.BuiltinOptions)
ACTIVATIONS: dict[int, str] = _names(tflite.ActivationFunctionType)


def _read_unused(root: Table) -> None:
    """Walk what tinyc does not use, so that damage there is found as the interpreters find it."""
    root.string(3)
    root.integers(5)
    for metadata in root.tables(6):
        metadata.string(0)
        metadata.integer(1, "I")


def _operator_name(code: Table) -> str:
    """Old files keep the operator in one byte, new ones in a second field; the larger is right."""
    custom = code.string(1)
    builtin = max(code.integer(0, "b"), code.integer(3, "i"))
    name = _OPERATORS.get(builtin, f"operator {builtin}")
    return f"CUSTOM ({printable(str(custom))})" if name == "CUSTOM" else name


@dataclass(frozen=True, eq=False)
class _Constant:
    """data: None where there are none; is_external: behind the flatbuffer."""

    data: memoryview | None
    is_external: bool = False


def _constant(table: Table, buffer: FileBytes) -> _Constant:
    """Content of a buffer: inside the flatbuffer, or behind it, at an offset from the beginning of the file."""
    offset, size = table.integer(1, "Q"), table.integer(2, "Q")
    if offset <= 1:  # 1 stands for one that is written later
        return _Constant(table.data(0) or None)
    if offset + size > len(buffer.data):
        raise ModelError(
            f"{buffer.name}: a constant of {size} bytes at {offset} is behind the end of the file",
            "constants of this file lie behind the flatbuffer, and it is cut short: get the file again",
        )
    return _Constant(memoryview(buffer.data)[offset : offset + size] or None, is_external=True)


def _tensor(index: int, table: Table, buffers: tuple[_Constant, ...], buffer: FileBytes) -> FileTensor:
    at = table.integer(2, "I")
    if at >= len(buffers) and at > 0:
        raise buffer.malformed(f"tensor {index} names buffer {at} of {len(buffers)}")
    kind = table.integer(1, "b")
    quant = table.table(4)
    content = buffers[at] if at > 0 else _Constant(None)
    return FileTensor(
        index=index,
        name=table.string(3),
        shape=table.integers(0),
        type=_TYPES.get(kind, f"type {kind}"),
        data=content.data,
        quant=None if quant is None else _quantization(quant),
        is_variable=bool(table.integer(5, "?")),
        is_sparse=table.has(6),
        is_external=content.is_external,
        open_dims=tuple(i for i, size in enumerate(table.integers(7)) if size == -1),
        table=table,
    )


def _quantization(table: Table) -> FileQuant | None:
    for unused in (0, 1):
        table.array(unused, np.float32)
    scales: Any = table.array(2, np.float32)
    if scales is None or not len(scales):
        return None
    return FileQuant(tuple(float(s) for s in scales), table.integers(3, np.int64), table.integer(6, "i"))


def _operator(index: int, table: Table, codes: tuple[tuple[str, int], ...], buffer: FileBytes) -> FileOp:
    code = table.integer(0, "I")
    if code >= len(codes):
        raise buffer.malformed(f"operator {index} has code {code} of {len(codes)}")
    kind = table.integer(3, "B")
    table.data(5)
    table.data(7)
    table.array(8, np.int32)
    return FileOp(
        index=index,
        kind=codes[code][0],
        version=codes[code][1],
        inputs=table.integers(1),
        outputs=table.integers(2),
        options=table.table(4) if kind else None,
        options_kind=_OPTIONS.get(kind, f"options {kind}"),
    )
