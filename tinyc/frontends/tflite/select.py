"""The part of a .tflite file that is to be compiled: one signature, and the shapes that the file leaves open.

The result is a file again, as if it had been converted with this signature first and with these shapes, so that
the front end and the judges read the same thing.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from tinyc.errors import ModelError, UsageError
from tinyc.frontends.tflite.reader import inferred_shapes
from tinyc.frontends.tflite.schema import FileGraph, FileModel, FileSignature, read_model
from tinyc.frontends.tflite.tensors import MAX_RANK
from tinyc.plain import printable

#: What the command line says of one input: its name, "" where there is but one, and its dimensions.
NamedShape = tuple[str, tuple[int, ...]]

#: Numbers of a tensor table's fields.
_SHAPE, _SIGNATURE = 0, 7


def select(data: bytes, file: str, signature: str | None, shapes: Sequence[NamedShape]) -> bytes:
    """data: of the file; signature: None where the command line names none. Raises ModelError or UsageError."""
    model = read_model(data, file)
    chosen = _signature(model, file, signature)
    number = 0 if chosen is None else chosen.graph
    if number:
        data = _with_first(data, model.subgraph_slots, number)
    if not shapes:
        return data
    data = with_shapes(data, file, _inputs(model.graphs[number], chosen, file, shapes))
    return with_shapes(data, file, inferred_shapes(data, file))


def _signature(model: FileModel, file: str, wanted: str | None) -> FileSignature | None:
    """The signature that is meant; None where the file has none."""
    names = ", ".join(printable(s.name) for s in model.signatures) or "none"
    if wanted is not None:
        found = [s for s in model.signatures if s.name == wanted]
        if not found:
            raise UsageError(f"{file} has no signature '{wanted}'", f"its signatures: {names}")
        return found[0]
    if len({s.graph for s in model.signatures}) > 1:
        raise ModelError(
            f"{file}: the file has {len(model.signatures)} signatures: {names}",
            f"choose one, for instance --signature {printable(model.signatures[0].name)}",
        )
    return model.signatures[0] if model.signatures else None


def _with_first(data: bytes, slots: int, number: int) -> bytes:
    """The file with subgraph `number` in the place of the first. slots: byte position of the first one's offset."""
    edited = bytearray(data)
    here, there = slots, slots + 4 * number
    first, other = (at + struct.unpack_from("<I", data, at)[0] for at in (here, there))
    if first <= there:  # offsets point forward only
        raise ModelError("malformed flatbuffer: a subgraph lies inside the vector of subgraphs")
    struct.pack_into("<I", edited, here, other - here)
    struct.pack_into("<I", edited, there, first - there)
    return bytes(edited)


def _inputs(
    graph: FileGraph, signature: FileSignature | None, file: str, shapes: Sequence[NamedShape]
) -> dict[int, tuple[int, ...]]:
    """By number of the input tensor, its shape as the command line says it."""
    names = {printable(graph.tensors[at].name): at for at in graph.inputs}
    told = ", ".join(names)
    names |= {} if signature is None else dict(signature.inputs)
    if len(graph.inputs) == 1:
        names[""] = graph.inputs[0]
    found: dict[int, tuple[int, ...]] = {}
    for name, shape in shapes:
        at = names.get(name)
        if at is None:
            raise UsageError(
                f"--shape: {file} has no input '{name}'" if name else f"--shape: {file} has several inputs",
                f"its inputs: {told}",
            )
        _check_shape(graph, at, shape, file)
        found[at] = shape
    return found


def _check_shape(graph: FileGraph, at: int, shape: tuple[int, ...], file: str) -> None:
    """Refuse a shape that the input cannot have: of another rank, or another size where the file fixes it."""
    tensor = graph.tensors[at]
    told = [-1 if i in tensor.open_dims else size for i, size in enumerate(tensor.shape)]
    fits = len(shape) == len(told) <= MAX_RANK and all(
        b in (a, -1) or i == 0 for i, (a, b) in enumerate(zip(shape, told, strict=True))
    )
    if not fits or not all(0 < size < 2**31 for size in shape):
        raise UsageError(
            f"--shape: input '{printable(tensor.name)}' of {file} has shape {told}, which {list(shape)} does not fit",
            "only the first dimension and those that are -1 can be chosen",
        )


def with_shapes(data: bytes, file: str, shapes: Mapping[int, tuple[int, ...]]) -> bytes:
    """The file with other shapes of tensors of its first subgraph, none of which it leaves open then."""
    tensors = read_model(data, file).graphs[0].tensors
    edited = bytearray(data)
    for at, shape in shapes.items():
        tensor = tensors[at]
        if tensor.shape == shape and not tensor.open_dims:
            continue
        edited += bytes(-len(edited) % 4)
        end = len(edited)
        edited += struct.pack(f"<I{len(shape)}i", len(shape), *shape)
        for field in (_SHAPE, _SIGNATURE):
            offset = tensor.table.offset_at(field)
            if offset is not None:
                struct.pack_into("<I", edited, offset, end - offset)
    return bytes(edited)
