"""A model of half precision as one of float32: what an optimizer computes of its constants is then rounded less."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinyc.frontends.onnx.order import graphs_of

#: TensorProto.FLOAT and FLOAT16.
_FLOAT, _HALF = 1, 10
#: Attributes that name an element type.
_TYPES = ("dtype", "output_datatype", "output_dtype", "precision", "to")


def in_single_precision(model: Any) -> None:
    """Change a model in place: constants, casts and the types of values."""
    graphs = list(graphs_of(model.graph))
    nodes = [node for graph in graphs for node in graph.node]
    nodes += [node for function in model.functions for node in function.node]
    attributes = [one for node in nodes for one in node.attribute]
    for tensor in (
        *(one for graph in graphs for one in graph.initializer),
        *(t for one in attributes for t in (*((one.t,) if one.HasField("t") else ()), *one.tensors)),
    ):
        if tensor.data_type == _HALF:
            _widen(tensor)
    for one in attributes:
        if one.name in _TYPES and one.i == _HALF:
            one.i = _FLOAT
    for graph in graphs:
        for port in (*graph.input, *graph.output, *graph.value_info):
            if port.type.tensor_type.elem_type == _HALF:
                port.type.tensor_type.elem_type = _FLOAT


def _widen(tensor: Any) -> None:
    from onnx import numpy_helper  # noqa: PLC0415 - optional

    data = np.asarray(numpy_helper.to_array(tensor)).astype(np.float32)
    tensor.CopyFrom(numpy_helper.from_array(data, tensor.name))
