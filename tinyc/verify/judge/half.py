"""An ONNX file of half precision as one of float32: runtimes round each of its values to 16 bits, firmware none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

#: TensorProto.FLOAT and FLOAT16.
_FLOAT, _HALF = 1, 10
#: Attributes that name an element type.
_TYPES = ("dtype", "output_datatype", "output_dtype", "precision", "to")


def in_single_precision(path: str) -> bytes | None:
    """Return a file with float32 in the place of float16; None for one without float16."""
    import onnx  # noqa: PLC0415 - optional

    model = onnx.load(path)
    graphs = list(_graphs(model.graph))
    nodes = [node for graph in graphs for node in graph.node]
    nodes += [node for function in model.functions for node in function.node]
    attributes = [one for node in nodes for one in node.attribute]
    tensors = [one for graph in graphs for one in graph.initializer]
    tensors += [t for one in attributes for t in (*((one.t,) if one.HasField("t") else ()), *one.tensors)]
    types = [one for one in attributes if one.name in _TYPES and one.i == _HALF]
    ports = [one for graph in graphs for one in (*graph.input, *graph.output, *graph.value_info)]
    halves = [t for t in tensors if t.data_type == _HALF]
    found = [one.type.tensor_type for one in ports if one.type.tensor_type.elem_type == _HALF]
    if not (halves or found or types):
        return None
    for tensor in halves:
        data = np.asarray(onnx.numpy_helper.to_array(tensor)).astype(np.float32)
        tensor.CopyFrom(onnx.numpy_helper.from_array(data, tensor.name))
    for kind in found:
        kind.elem_type = _FLOAT
    for one in types:
        one.i = _FLOAT
    return bytes(model.SerializeToString())


def _graphs(graph: Any) -> Iterator[Any]:
    yield graph
    for node in graph.node:
        for one in node.attribute:
            for inner in (*((one.g,) if one.HasField("g") else ()), *one.graphs):
                yield from _graphs(inner)
