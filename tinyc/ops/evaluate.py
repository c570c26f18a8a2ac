"""Running a graph in numpy, op by op: the judge of last resort, and the oracle of the passes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from tinyc.errors import InternalError
from tinyc.ir import DTYPES, Array, Graph, Port
from tinyc.numerics.affine import dequantize, quantize
from tinyc.ops.check import is_float_form
from tinyc.ops.floats import one_float


def evaluate(graph: Graph, inputs: Mapping[str, Array]) -> dict[str, Array]:
    """Compute every tensor of the graph, constants included. inputs: by tensor name, in the tensor's own type."""
    values: dict[str, Array] = {n: t.data for n, t in graph.tensors.items() if t.data is not None}
    for port in graph.inputs:
        value, kind = inputs[port.tensor], graph.type(port.tensor)
        if value.shape != kind.shape or value.dtype != DTYPES[kind.dtype]:
            raise InternalError(f"input '{port.name}' is {value.dtype}{list(value.shape)}, not {kind}")
        values[port.tensor] = value
    for op in graph.ops:
        outs = graph.outs(op)
        given = op.named(values[n] if n else None for n in op.inputs)
        if is_float_form(op, graph.types(op), outs):
            found: tuple[Array, ...] = (one_float(graph, op, given),)
        else:
            found = op.compute(given, graph.types(op), outs, graph.reference)
        for name, kind, value in zip(op.outputs, outs, found, strict=True):
            if value.shape != kind.shape or value.dtype != DTYPES[kind.dtype]:
                raise InternalError(f"{op.origin}: computed {value.dtype}{list(value.shape)}, not {kind}")
            values[name] = value
    return values


def to_port(port: Port, graph: Graph, value: Array) -> Array:
    """Return an input at the model's outside as the graph's tensor: quantized where a QUANTIZE was folded away.

    value: one sample, or samples along an axis before its own.
    """
    kind = graph.type(port.tensor)
    if port.channels_second:
        value = np.moveaxis(value, 1 - len(kind.shape), -1)
    return quantize(value, kind) if port.type.dtype == "float32" and kind.dtype == "int8" else value


def from_port(port: Port, graph: Graph, value: Array) -> Array:
    """Return an output of the graph as seen from outside: dequantized where a DEQUANTIZE was folded away."""
    kind = graph.type(port.tensor)
    if port.channels_second:
        value = np.moveaxis(value, -1, 1 - len(kind.shape))
    return dequantize(value, kind) if port.type.dtype == "float32" and kind.dtype == "int8" else value
