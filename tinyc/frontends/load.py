"""Any model file that is compiled, told by its content: int8 as bytes, float as float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tinyc.frontends.floats import FloatModel, float_tflite, load_float_model
from tinyc.frontends.keras import is_keras
from tinyc.frontends.onnx.views import Outside
from tinyc.frontends.recognise import is_onnx
from tinyc.frontends.source import ModelFile, read_bytes, read_model
from tinyc.frontends.tflite.kinds import not_int8
from tinyc.frontends.tflite.reader import load_tflite
from tinyc.frontends.tflite.schema import read_model as read_tables
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Graph, Port, Reference


@dataclass(frozen=True, eq=False)
class Source:
    """A model file and its graph, whose ports have the file's own shapes."""

    file: ModelFile
    graph: Graph
    is_onnx: bool = False
    #: Whether the runtimes compute something else than the graph: they quantize its activations on the way.
    is_dynamic: bool = False
    #: What of an ONNX file's values tensors of the graph hold, by tensor.
    values: Mapping[str, Outside] = field(default_factory=dict)


def load_source(
    path: Path, reference: Reference, signature: str | None = None, shapes: Sequence[NamedShape] = ()
) -> Source:
    """Return a model as it is compiled. Raises ModelError, UsageError, or ToolError for a missing package.

    reference: whose arithmetic an int8 graph follows; a float one follows none.
    """
    keras = is_keras(path)
    if keras or is_onnx(read_bytes(path)):
        model = load_float_model(path, signature, shapes)
        return Source(model.file, _with_ports(model), not keras, model.is_dynamic, model.values)
    file = read_model(path, signature, shapes)
    kind = not_int8(read_tables(file.data, file.name).graphs[0])
    if kind is None or not kind.is_float:
        return Source(file, load_tflite(file.data, file.name, reference))
    return Source(file, _with_ports(float_tflite(file)), is_dynamic=kind.is_dynamic)


def _with_ports(model: FloatModel) -> Graph:
    """Return the graph, its ports as the file has them."""
    return replace(
        model.graph,
        inputs=tuple(_outside(port, model.moved) for port in model.graph.inputs),
        outputs=tuple(_outside(port, model.moved) for port in model.graph.outputs),
    )


def as_float_model(source: Source) -> FloatModel:
    """Return a float source as the quantizer reads it."""
    moved = frozenset(p.tensor for p in source.graph.inputs if p.channels_second)
    return FloatModel(source.file, channels_last(source.graph), moved)


def channels_last(graph: Graph) -> Graph:
    """Return the graph with ports of the shapes that its own tensors have."""

    def inside(port: Port) -> Port:
        kind = graph.type(port.tensor) if port.channels_second else port.type
        return replace(port, type=kind, channels_second=False)

    return replace(graph, inputs=tuple(map(inside, graph.inputs)), outputs=tuple(map(inside, graph.outputs)))


def _outside(port: Port, moved: frozenset[str]) -> Port:
    """Return the port as the file has it."""
    if port.tensor not in moved:
        return port
    batch, *middle, channels = port.type.shape
    return replace(port, type=replace(port.type, shape=(batch, channels, *middle)), channels_second=True)
