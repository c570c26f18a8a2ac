"""The float graph as it quantizes best: what int8 keeps apart is apart, what it computes at once is fused.

Every step leaves the real numbers as they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tinyc.ir import Activation, Graph, Op, Tensor, fresh_name
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.dense import Dense
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.ops.sub import Sub
from tinyc.passes.floats.fold_factors import fold_factors
from tinyc.passes.floats.fuse_relus import fuse_relus
from tinyc.quantize.weights import is_weighted
from tinyc.quantize.windows import usual_windows

#: Ops that clamp what they computed before it becomes a byte.
_Clamping = Conv2D | DepthwiseConv2D | Dense | Add


def prepared(graph: Graph) -> Graph:
    """Return a graph of the same float function."""
    graph = _with_own_weights(usual_windows(fold_factors(_with_factors(graph))))
    graph = graph.with_ops(_int8_form(graph, op) for op in graph.ops)
    return fuse_relus(graph, lambda op: isinstance(op, _Clamping))


def _int8_form(graph: Graph, op: Op) -> Op:
    """Return the op whose int8 form loses least.

    AVERAGE_POOL_2D has its input's scale. Over a whole image it is a MEAN, which has a scale of its own: as fine as
    the averages need it, which are far smaller than the largest pixel.
    """
    if isinstance(op, SoftmaxOfFloats):
        return Softmax(op.inputs, op.outputs, op.origin, op.beta)
    if isinstance(op, LogSoftmaxOfFloats):
        return LogSoftmax(op.inputs, op.outputs, op.origin)
    if isinstance(op, AveragePool2D):
        whole = graph.type(op.x).shape[1:3] == op.window.kernel and not any(op.window.padding)
        if whole and op.activation is Activation.NONE:
            return Mean(op.inputs, op.outputs, op.origin, (1, 2), keep_dims=True)
    return op


def _with_factors(graph: Graph) -> Graph:
    """Return the graph with products in place of divisions by constants, and sums in place of their subtraction."""
    tensors: dict[str, Tensor] = dict(graph.tensors)

    def by_other(op: Op, kind: type[Add | Mul], data: Any) -> Op:
        name = fresh_name(f"{op.outputs[0]}_operand", tensors)
        tensors[name] = Tensor(name, tensors[op.inputs[1]].type, np.asarray(data, np.float32))
        activation = op.activation if isinstance(op, FloatBinary | Sub) else Activation.NONE
        return kind((op.inputs[0], name), op.outputs, op.origin, activation)

    def changed(op: Op) -> Op:
        divides = isinstance(op, FloatBinary) and op.function == "DIV"
        second = tensors[op.inputs[1]] if divides or isinstance(op, Sub) else None
        if second is None or second.data is None or second.type.dtype != "float32":
            return op
        data = second.data.astype(np.float64)
        return by_other(op, Mul, 1 / data) if divides else by_other(op, Add, -data)

    return graph.with_ops([changed(op) for op in graph.ops], tensors)


def _with_own_weights(graph: Graph) -> Graph:
    """Return the graph with weights of their own for layers that share them, but not the bias that goes with them.

    Unrolled recurrent layers do: the first step has a bias, the others add to it first. Layers that share both are
    rounded alike.
    """
    tensors: dict[str, Tensor] = dict(graph.tensors)
    names: dict[tuple[type[Op], str, str], str] = {}

    def changed(op: Op) -> Op:
        if not is_weighted(op, graph):
            return op
        key = (type(op), op.weights, op.bias)
        if key not in names:
            is_taken = op.weights in names.values()
            name = fresh_name(f"{op.weights}_other", tensors) if is_taken else op.weights
            tensors[name] = replace(tensors[op.weights], name=name)
            names[key] = name
        inputs = (op.inputs[0], names[key], *op.inputs[2:])
        return op if inputs == op.inputs else replace(op, inputs=inputs)

    return graph.with_ops([changed(op) for op in graph.ops], tensors)
