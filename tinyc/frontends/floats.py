"""Float models of every format, told by content: as a graph of float32."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tinyc.errors import ModelError, UsageError
from tinyc.frontends.keras import converted, is_keras
from tinyc.frontends.onnx import load_onnx
from tinyc.frontends.onnx.views import Outside
from tinyc.frontends.recognise import is_onnx
from tinyc.frontends.source import ModelFile, read_bytes, read_model
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.frontends.tflite.kinds import not_int8
from tinyc.frontends.tflite.schema import read_model as read_tables
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Graph
from tinyc.passes.floats import simplify_floats

#: What is said of a model that is no float one.
_IS_QUANTIZED = "this model is quantized already"


@dataclass(frozen=True, eq=False)
class FloatModel:
    """moved: inputs, by tensor, that have [N, C, H, W] in the file and [N, H, W, C] in the graph."""

    file: ModelFile
    graph: Graph
    moved: frozenset[str]
    #: What of an ONNX file's values tensors of the graph hold, by tensor.
    values: Mapping[str, Outside] = field(default_factory=dict)
    #: Of an ONNX file: whether the runtimes round its activations on the way.
    is_dynamic: bool = False


def load_float_model(
    path: Path, signature: str | None = None, shapes: Sequence[NamedShape] = ()
) -> FloatModel:
    """Return a float model. Raises ModelError where it is none, UsageError, or ToolError for a missing package."""
    if is_keras(path):
        return float_tflite(converted(path, signature, shapes))
    data = read_bytes(path)
    if is_onnx(data):
        if signature is not None:
            raise UsageError(f"--signature: {path.name} is an ONNX model, which has none")
        found = load_onnx(path, shapes)
        if found.is_quantized:
            raise ModelError(f"{path.name}: {_IS_QUANTIZED}", "compile it without --quantize")
        file = ModelFile(path, data, hashlib.sha256(data).hexdigest())
        return FloatModel(file, simplify_floats(found.graph), found.moved, found.values, found.is_dynamic)
    file = read_model(path, signature, shapes)
    if not_int8(read_tables(file.data, file.name).graphs[0]) is None:
        raise ModelError(f"{file.name}: {_IS_QUANTIZED}", "compile it without --quantize")
    return float_tflite(file)


def float_tflite(file: ModelFile) -> FloatModel:
    """Return the model of a .tflite file in float."""
    return FloatModel(file, simplify_floats(load_float_tflite(file.data, file.name)), frozenset())
