"""Batch normalization folded into the convolution or dense layer before it: the same function, two ops less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Graph, Op, Tensor, TensorType
from tinyc.ops.add import Add
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.mul import Mul
from tinyc.ops.transpose_conv import TransposeConv

_Weighted = Conv2D | DepthwiseConv2D | FullyConnected | TransposeConv


def fold_factors(graph: Graph) -> Graph:
    """Return the graph without products and sums per channel that alone read what a layer computes."""
    while True:
        found = next(filter(None, (_folded(graph, i) for i in range(len(graph.ops)))), None)
        if found is None:
            return graph
        graph = found


def _folded(graph: Graph, index: int) -> Graph | None:
    """Return the graph with one op less, None where op `index` is not such a product or sum."""
    op = graph.ops[index]
    if not isinstance(op, Mul | Add):
        return None
    at = next((i for i, name in enumerate(op.inputs) if not graph.is_constant(name)), None)
    if at is None or not graph.is_constant(op.inputs[1 - at]):
        return None
    x, data = op.inputs[at], graph.tensors[op.inputs[1 - at]].data
    source = graph.producer.get(x)
    assert data is not None
    if source is None or len(graph.consumers[x]) != 1 or x in graph.kept_tensors:
        return None
    layer = graph.ops[source]
    if not _can_take(graph, layer):
        return None
    assert isinstance(layer, _Weighted)
    outs = graph.type(op.outputs[0]).shape[-1]
    fits = data.size in (1, outs) and data.size == (data.shape[-1] if data.ndim else 1)
    same = graph.type(x).shape == graph.type(op.outputs[0]).shape
    if not (fits and same):
        return None
    values = np.broadcast_to(data.reshape(-1).astype(np.float64), (outs,))
    return _with(graph, source, index, layer, op, values)


def _can_take(graph: Graph, layer: Op) -> bool:
    """Whether a layer has constant weights, and nothing between its sums and its output."""
    if not isinstance(layer, _Weighted) or layer.activation is not Activation.NONE:
        return False
    return graph.is_constant(layer.weights) and (not layer.bias or graph.is_constant(layer.bias))


def _with(
    graph: Graph, source: int, index: int, layer: _Weighted, op: Mul | Add, values: npt.NDArray[np.float64]
) -> Graph:
    """Return the graph whose layer scales or shifts its own outputs."""
    weights, bias = graph.tensors[layer.weights], graph.tensors[layer.bias].data if layer.bias else None
    assert weights.data is not None
    shift = np.zeros(len(values)) if bias is None else bias.astype(np.float64)
    data = weights.data.astype(np.float64)
    if isinstance(op, Mul):
        axis = 3 if isinstance(layer, DepthwiseConv2D) else 0
        shape = [1] * data.ndim
        shape[axis] = -1
        data, shift = data * values.reshape(shape), shift * values
    else:
        shift = shift + values
    tensors = dict(graph.tensors)
    names = [graph.fresh(f"{op.outputs[0]}_{what}") for what in ("weights", "bias")]
    for name, value in zip(names, (data, shift), strict=True):
        kind = TensorType(value.shape, "float32")
        tensors[name] = Tensor(name, kind, value.astype(np.float32))
    made: Op = replace(layer, inputs=(layer.inputs[0], *names), outputs=op.outputs, activation=op.activation)
    ops = [made if i == source else other for i, other in enumerate(graph.ops) if i != index]
    return graph.with_ops(ops, tensors)
