"""What is fuzzed: a reader of something that strangers write."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import numpy as np

from tinyc.codegen import generate
from tinyc.errors import ModelError
from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.frontends.onnx import load_onnx
from tinyc.frontends.recognise import is_onnx
from tinyc.ir import Graph
from tinyc.passes import optimize
from tinyc.quantize import quantize_graph
from tinyc.quantize.stated.file import model_file as model_of
from tinyc.schedule import plan_smallest
from tinyc.target.boards import load_board

#: Of large models, one in so many goes on from the optimised graph to generated sources.
_GENERATED = 50


def model_file(data: bytes) -> None:
    """A .tflite file, up to the generated sources."""
    _generated(_read(data))


def large_model_file(data: bytes) -> None:
    """A .tflite file whose planning takes long: up to the optimised graph, and for one in fifty to the sources."""
    graph = _read(data)
    if crc32(data) % _GENERATED == 0:
        _generated(graph)


def _read(data: bytes) -> Graph:
    try:
        return optimize(load_tflite(data, "hostile.tflite", "litert"))
    except ModelError as problem:
        if not all(line.startswith(("hostile.tflite", "... and")) for line in problem.message.splitlines()):
            raise ValueError(f"a message that does not name the file: {problem.message}") from problem
        raise


def _generated(graph: Graph) -> None:
    generate(plan_smallest(graph, ("scalar", "ref")), load_board("host"), "m", "resident", ("A test.",))


def board_file(data: bytes) -> None:
    """A board.toml."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "board.toml")
        file.write_bytes(data)
        load_board(str(file))


def onnx_file(data: bytes) -> None:
    """An ONNX file: as a float graph, quantized by one sample, or by its own scales, up to the optimised graph."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "hostile.onnx")
        file.write_bytes(data)
        if not is_onnx(data):
            model_of(file)
        if not load_onnx(file).is_quantized:
            found = load_float_model(file)
            rng = np.random.default_rng(0)
            samples = {
                p.tensor: rng.normal(size=(1, *p.type.shape)).astype(np.float32) for p in found.graph.inputs
            }
            export_tflite(quantize_graph(found.graph, samples, "fast"))
            return
        made = model_of(file)
        optimize(load_tflite(made.data, made.name, "litert"))
