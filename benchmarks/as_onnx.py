"""A float graph as an ONNX model, images as [N, C, H, W]: for the quantizers that read nothing else.

Written for the networks of the benchmark: convolutions, sums and products, averages, dense layers, and the functions
of one element that they have.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tinyc.errors import ModelError
from tinyc.ir import Activation, Graph, Op
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.logistic import Logistic
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.reshape import Reshape
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import SoftmaxOfFloats

_UNARY: dict[type[Op], str] = {HardSwish: "HardSwish", Logistic: "Sigmoid"}
_RANK = 4


def as_onnx(graph: Graph) -> onnx.ModelProto:
    """Return the model; its input is [N, C, H, W]. Raises ModelError for an op that is not written."""
    return _Writer(graph).model()


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> onnx.ModelProto:
        for op in self._graph.ops:
            self._op(op)
        (given,), (made,) = self._graph.inputs, self._graph.outputs
        _, h, w, c = given.type.shape
        x = helper.make_tensor_value_info(given.tensor, TensorProto.FLOAT, ["n", c, h, w])
        y = helper.make_tensor_value_info(made.tensor, TensorProto.FLOAT, ["n", *made.type.shape[1:]])
        graph = helper.make_graph(self._nodes, "network", [x], [y], self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def _op(self, op: Op) -> None:
        out = op.outputs[0]
        match op:
            case Conv2D() | DepthwiseConv2D():
                self._conv(op)
            case Add() | Mul():
                inputs = [self._operand(name) for name in op.inputs]
                self._add(type(op).__name__, inputs, out, op.activation)
            case Mean() if op.axes == (1, 2):
                pooled = f"{out}/pooled"
                self._add("GlobalAveragePool", [op.x], pooled if len(self._shape(out)) < _RANK else out)
                if len(self._shape(out)) < _RANK:
                    self._add("Flatten", [pooled], out)
            case AveragePool2D() if op.window.kernel == self._shape(op.x)[1:3]:
                self._add("GlobalAveragePool", [op.x], out)
            case FullyConnected():
                data = self._graph.tensors[op.weights].data
                weights = self._constant(out + "/weights", data)
                bias = [self._constant(out + "/bias", self._graph.tensors[op.bias].data)] if op.bias else []
                self._add("Gemm", [op.x, weights, *bias], out, op.activation, transB=1)
            case Reshape() if self._shape(op.x)[1:3] == (1, 1) or len(self._shape(op.x)) < _RANK:
                self._add("Flatten", [op.x], out)
            case Softmax() | SoftmaxOfFloats():
                self._add("Softmax", [op.inputs[0]], out, axis=-1)
            case _ if type(op) in _UNARY:
                self._add(_UNARY[type(op)], [op.inputs[0]], out)
            case _:
                raise ModelError(f"{op.origin}: not written as ONNX")

    def _conv(self, op: Conv2D | DepthwiseConv2D) -> None:
        data = self._graph.tensors[op.weights].data
        assert data is not None
        is_deep = isinstance(op, DepthwiseConv2D)
        weights = data.transpose(3, 0, 1, 2) if is_deep else data.transpose(0, 3, 1, 2)
        groups = self._shape(op.x)[3] // weights.shape[1]
        inputs = [op.x, self._constant(f"{op.outputs[0]}/weights", weights)]
        if op.bias:
            inputs.append(self._constant(f"{op.outputs[0]}/bias", self._graph.tensors[op.bias].data))
        window = op.window
        fields = {"pads": list(window.padding), "strides": list(window.stride), "group": groups}
        self._add("Conv", inputs, op.outputs[0], op.activation, **fields)

    def _operand(self, name: str) -> str:
        """Return an activation, or a constant per channel."""
        data = self._graph.tensors[name].data
        return name if data is None else self._constant(f"{name}/constant", data.reshape(-1, 1, 1))

    def _add(
        self, kind: str, inputs: list[str], out: str, activation: Activation = Activation.NONE, **fields: Any
    ) -> None:
        low, high = activation.value
        inner = out if low is None and high is None else f"{out}/linear"
        self._nodes.append(helper.make_node(kind, inputs, [inner], name=inner, **fields))
        if inner == out:
            return
        if high is None:
            self._nodes.append(helper.make_node("Relu", [inner], [out], name=out))
            return
        ends = [self._constant(f"{out}/{i}", np.float32(end)) for i, end in enumerate((low, high))]
        self._nodes.append(helper.make_node("Clip", [inner, *ends], [out], name=out))

    def _shape(self, name: str) -> tuple[int, ...]:
        return self._graph.type(name).shape

    def _constant(self, name: str, data: Any) -> str:
        if all(c.name != name for c in self._constants):
            array = np.ascontiguousarray(data, np.float32)
            self._constants.append(numpy_helper.from_array(array, name))
        return name
