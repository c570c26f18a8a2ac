"""Products and sums per channel in float, as a batch normalization between bytes has them, as one layer.

What is scaled and shifted without rounding in between is a depthwise convolution of one pixel: its weights are the
factors, exact as bytes of a scale each.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Graph, Op, Tensor, TensorType
from tinyc.ops.add import Add
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.mul import Mul
from tinyc.ops.window import Window

_IMAGE = 4
Float64 = npt.NDArray[np.float64]


def with_scaling_layers(graph: Graph) -> Graph:
    """Return the graph where a product by a constant per channel, and the sum behind it, are one layer."""
    while True:
        found = next(filter(None, (_layer(graph, op) for op in graph.ops)), None)
        if found is None:
            return graph
        graph = found


def _layer(graph: Graph, op: Op) -> Graph | None:
    factor = _per_channel(graph, op) if isinstance(op, Mul) else None
    (out,) = op.outputs
    readers = graph.consumers[out]
    if factor is None or not isinstance(op, Mul) or op.activation is not Activation.NONE:
        return None
    after = graph.ops[readers[0]] if len(readers) == 1 and out not in graph.kept_tensors else None
    shift = _per_channel(graph, after) if isinstance(after, Add) else None
    x, data = factor
    if shift is None or not isinstance(after, Add):
        return None
    tensors = dict(graph.tensors)
    weights, bias = (graph.fresh(f"{after.outputs[0]}_{what}") for what in ("weights", "bias"))
    shape = (1, 1, 1, len(data))
    tensors[weights] = Tensor(weights, TensorType(shape, "float32"), data.reshape(shape).astype(np.float32))
    tensors[bias] = Tensor(bias, TensorType((len(data),), "float32"), shift[1].astype(np.float32))
    made = DepthwiseConv2D(
        (x, weights, bias),
        after.outputs,
        after.origin,
        Window((1, 1)),
        multiplier=1,
        activation=after.activation,
    )
    ops = [made if other is after else other for other in graph.ops if other is not op]
    return graph.with_ops(ops, tensors)


def _per_channel(graph: Graph, op: Op) -> tuple[str, Float64] | None:
    """Return the image that an op of two operands reads, and the constant, one value per channel."""
    at = next((i for i, name in enumerate(op.inputs) if not graph.is_constant(name)), None)
    if at is None or len(op.inputs) != 2 or not graph.is_constant(op.inputs[1 - at]):
        return None
    kind, data = graph.type(op.inputs[at]), graph.tensors[op.inputs[1 - at]].data
    assert data is not None
    channels = kind.shape[-1] if kind.shape else 0
    fits = (
        len(kind.shape) == _IMAGE
        and data.size in (1, channels)
        and (data.size == 1 or data.shape[-1] == channels)
    )
    if not fits or graph.type(op.outputs[0]).shape != kind.shape:
        return None
    return op.inputs[at], np.broadcast_to(data.reshape(-1).astype(np.float64), (channels,))
