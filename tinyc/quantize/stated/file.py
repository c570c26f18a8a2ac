"""A model file that needs no calibration, as the int8 file that the rest of the compiler and the judges read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from tinyc.errors import ModelError, UsageError
from tinyc.export import export_tflite
from tinyc.frontends.onnx import load_onnx
from tinyc.frontends.onnx.qonnx import DOMAINS
from tinyc.frontends.recognise import is_onnx
from tinyc.frontends.source import ModelFile, read_bytes, read_model
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ops.gelu import Gelu
from tinyc.passes.floats.recognise_functions import recognise_functions
from tinyc.plain import plain
from tinyc.quantize.stated.build import stated_graph

#: In the names of operators that scales are given to, and of their domains.
_STATED = (b"DequantizeLinear", b"QLinear", *(domain.encode() for domain in DOMAINS))


def model_file(path: Path, signature: str | None = None, shapes: Sequence[NamedShape] = ()) -> ModelFile:
    """Return a .tflite file, or an ONNX file that has its scales as one.

    Raises ModelError, UsageError or ToolError.
    """
    data = b"" if path.is_dir() else read_bytes(path)
    if not is_onnx(data):
        return read_model(path, signature, shapes)
    made = _stated(path, data, signature, shapes)
    if made is None:
        raise ModelError(
            f"{path.name}: this is a float ONNX model",
            "quantize it: --quantize int8 --calibration DATA; docs/quantize.md has other ways",
        )
    return made


def stated_file(
    path: Path, signature: str | None = None, shapes: Sequence[NamedShape] = ()
) -> ModelFile | None:
    """Return an ONNX file that has its scales as a .tflite file; None for any other, also with scales of weights alone.

    Raises ModelError, UsageError or ToolError.
    """
    data = b"" if path.is_dir() else read_bytes(path)
    if not is_onnx(data) or not any(name in data for name in _STATED):
        return None
    return _stated(path, data, signature, shapes)


def _stated(path: Path, data: bytes, signature: str | None, shapes: Sequence[NamedShape]) -> ModelFile | None:
    if signature is not None:
        raise UsageError(f"--signature: {path.name} is an ONNX model, which has none")
    found = load_onnx(path, shapes)
    if not found.is_quantized:
        return None
    # the format has no ERF; other functions between two scales are computed in float, more exactly than by int8 ops
    made = stated_graph(recognise_functions(found.graph, Gelu), found.grids, found.borders)
    content = export_tflite(made, f"written by tinyc from {plain(path.name)}")
    return ModelFile(path, content, hashlib.sha256(data).hexdigest())
