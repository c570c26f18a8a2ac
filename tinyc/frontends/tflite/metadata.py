"""What the metadata of a .tflite file say of its input: https://ai.google.dev/edge/litert/conversion/tensorflow/metadata."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.errors import ModelError
from tinyc.frontends.recognise import IDENTIFIER
from tinyc.frontends.tflite.flatbuffer import FileBytes, Table

#: Of the flatbuffer inside the flatbuffer.
_IDENTIFIER = b"M001"
_ENTRY = "TFLITE_METADATA"
#: Of the union of process units.
_NORMALIZATION = 1


@dataclass(frozen=True)
class Normalization:
    """(value - mean) / std, of pixels 0 to 255: a number each, or one per channel."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


def normalization(data: bytes, file: str) -> Normalization | None:
    """Return how the first input of a model is normalized; None where the file does not say, or says nonsense."""
    try:
        metadata = _metadata(data, file)
        if metadata is None:
            return None
        graph = next(metadata.tables(3), None)
        tensor = next(graph.tables(2), None) if graph else None
        units = tuple(tensor.tables(4)) if tensor else ()
        options = next((u.table(1) for u in units if u.integer(0, "B") == _NORMALIZATION), None)
        if options is None:
            return None
        mean, std = (_floats(options, field) for field in (0, 1))
    except ModelError:
        return None
    return Normalization(mean, std) if mean and std and all(value > 0 for value in std) else None


def _metadata(data: bytes, file: str) -> Table | None:
    """Return the root of the metadata; None where there are none."""
    if data[4:8] != IDENTIFIER:
        return None
    root = FileBytes(data, file).root(IDENTIFIER)
    number = next((entry.integer(1, "I") for entry in root.tables(6) if entry.string(0) == _ENTRY), None)
    if number is None:
        return None
    for i, buffer in enumerate(root.tables(4)):
        if i == number:
            content = buffer.data(0)
            return None if content is None else FileBytes(bytes(content), file).root(_IDENTIFIER)
    return None


def _floats(options: Table, field: int) -> tuple[float, ...]:
    found = options.array(field, "f4")
    return () if found is None else tuple(float(value) for value in found)
