"""Running a graph of float32 in numpy, many samples at once: a row per op class.

Sums are taken in another order than the interpreters take them; docs/numerics.md says how far results may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import DTYPES, Activation, Array, Graph, Op, Operands, TensorType
from tinyc.numerics import floats
from tinyc.numerics.erf import erf
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.cast import Cast
from tinyc.ops.compare import Compare
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.dense import Dense
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.div import Div
from tinyc.ops.float_binary import FUNCTIONS, FloatBinary
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.fully_connected_computed import FullyConnectedComputed
from tinyc.ops.function import Function
from tinyc.ops.gelu import Gelu
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.l2_norm import L2Norm
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logical import Logical, LogicalNot
from tinyc.ops.logistic import Logistic
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.pad import Pad
from tinyc.ops.prelu import Prelu
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.reduce_prod import ReduceProd
from tinyc.ops.reduction import Reduction
from tinyc.ops.relu import Relu
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.select import Select
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Window

#: Computes the output of one op. Values have an axis of samples before those of their type, [N, *shape], constants
#: one of 1; but for weights and biases.
Compute = Callable[[Any, Operands[Array], TensorType], Array]
#: Ops that take types as they are.
_BY_SAMPLE = (Cast, Compare, Logical, LogicalNot, Select)
#: May change a tensor that was computed, before anything reads it.
Watch = Callable[[str, Array], Array]


def evaluate_floats(
    graph: Graph, inputs: Mapping[str, Array], watch: Watch = lambda name, value: value
) -> dict[str, Array]:
    """Return every activation of the graph. inputs: by tensor, [N, *shape] float32; watch sees them as well."""
    values: dict[str, Array] = {p.tensor: watch(p.tensor, inputs[p.tensor]) for p in graph.inputs}
    for op in graph.ops:
        (name,) = op.outputs
        values[name] = watch(name, compute_floats(graph, op, operands_of(graph, op, values)))
    return values


def operands_of(graph: Graph, op: Op, values: Mapping[str, Array]) -> Operands[Array]:
    """Return what an op reads. values: of the activations."""
    return op.named(_value(graph, op, n, values) if n else None for n in op.inputs)


def _value(graph: Graph, op: Op, name: str, values: Mapping[str, Array]) -> Array:
    data = graph.tensors[name].data
    if data is None:
        return values[name]
    return data if name in op.trained else data[None]


@np.errstate(all="ignore")  # what overflows is seen in what it makes
def compute_floats(graph: Graph, op: Op, values: Operands[Array]) -> Array:
    """Return what one op makes of its inputs. Raises ModelError for an op without a float form."""
    out = graph.type(op.outputs[0])
    compute = COMPUTE.get(type(op))
    if compute is not None:
        made = compute(op, values, out)
    elif isinstance(op, Function):
        made = _function(op, values, out)
    elif op.only_moves or isinstance(op, _BY_SAMPLE):
        made = _by_sample(graph, op, values)
    else:
        raise ModelError(f"{op.origin}: '{op.kind}' is not supported in float32")
    return np.asarray(made, DTYPES[out.dtype])


def one_float(graph: Graph, op: Op, values: Operands[Array]) -> Array:
    """Return what one op makes of one sample. values: of their own shapes."""
    trained = {o.index for o in op.operands if o.trained}
    samples = op.named(v if v is None or i in trained else v[None] for i, v in enumerate(values.values))
    return np.asarray(compute_floats(graph, op, samples)[0])


def _by_sample(graph: Graph, op: Op, values: Operands[Array]) -> Array:
    """Compute each sample by itself."""
    rows = []
    for i in range(max(map(len, values.all))):
        each = op.named(v[i % len(v)] for v in values.all)
        rows.append(op.compute(each, graph.types(op), graph.outs(op), graph.reference)[0])
    return np.stack(rows)


def activated(x: Array, activation: Activation) -> Array:
    """Return x between the bounds of a fused activation."""
    low, high = activation.value
    return x if low is None and high is None else np.clip(x, low, high)


def _images(x: Array) -> Any:
    """[N, 1, H, W, C] as [N, H, W, C]."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _shaped(x: Array, like: Array, out: TensorType) -> Array:
    return x.reshape(len(like), *out.shape)


def _pads(window: Window) -> floats.Pads:
    top, left, bottom, right = window.padding
    return (top, bottom), (left, right)


def _conv2d(op: Conv2D | DepthwiseConv2D, v: Operands[Any], out: TensorType) -> Array:
    compute = floats.conv2d if isinstance(op, Conv2D) else floats.depthwise_conv2d
    window = op.window
    made = compute(_images(v.x), v.weights, v.get("bias"), window.stride, window.dilation, _pads(window))
    return _shaped(activated(made, op.activation), v.x, out)


def _transpose_conv(op: TransposeConv, v: Operands[Any], out: TensorType) -> Array:
    corner = op.window.padding[0], op.window.padding[1]
    made = floats.transpose_conv(_images(v.x), v.weights, v.get("bias"), op.window.stride, corner, op.size)
    return _shaped(activated(made, op.activation), v.x, out)


def _average_pool(op: AveragePool2D, v: Operands[Any], out: TensorType) -> Array:
    made = floats.average_pool2d(_images(v.x), op.window.kernel, op.window.stride, _pads(op.window))
    return _shaped(activated(made, op.activation), v.x, out)


def _max_pool(op: MaxPool2D, v: Operands[Any], out: TensorType) -> Array:
    made = floats.pooled(_images(v.x), op.window.kernel, op.window.stride, _pads(op.window), np.max, -np.inf)
    return _shaped(activated(made, op.activation), v.x, out)


def _dense(op: Dense, v: Operands[Any], out: TensorType) -> Array:
    weights = v.weights[None] if isinstance(op, FullyConnected) else v.weights
    rows = v.x.reshape(len(v.x), -1, weights.shape[-1])
    made = rows @ weights.transpose(0, 2, 1)
    bias = v.get("bias")
    return _shaped(activated(made if bias is None else made + bias, op.activation), v.x, out)


def _batch_matmul(op: BatchMatMul, v: Operands[Any], out: TensorType) -> Array:
    a: Any = _aligned(v.a, len(out.shape))
    b: Any = _aligned(v.b, len(out.shape))
    a = np.swapaxes(a, -1, -2) if op.adj_x else a
    b = np.swapaxes(b, -1, -2) if op.adj_y else b
    return np.asarray(a @ b)


def _binary(combine: Callable[[Any, Any], Any]) -> Compute:
    """Return an op of two operands that are repeated as numpy does, behind the axis of samples."""

    def compute(op: Any, v: Operands[Any], out: TensorType) -> Array:
        a, b = (_aligned(x, len(out.shape)) for x in (v.at(0), v.at(1)))
        made = combine(a, b)
        return activated(made, getattr(op, "activation", Activation.NONE))

    return compute


def _aligned(x: Array, rank: int) -> Array:
    """Return x with as many dimensions behind its samples as the output has."""
    return x.reshape(len(x), *(1,) * (rank + 1 - x.ndim), *x.shape[1:])


def _float_binary(op: FloatBinary, v: Operands[Any], out: TensorType) -> Array:
    return _binary(FUNCTIONS[op.function])(op, v, out)


def _gelu(op: Gelu, v: Operands[Any], out: TensorType) -> Array:
    if op.approximate:
        return op.real(v.x)
    return np.asarray(v.x * (0.5 * (1 + erf(v.x * np.sqrt(0.5)))))


def _prelu(a: Any, alpha: Any) -> Any:
    return np.where(a < 0, a * alpha, a)


def _reduction(reduce: Callable[..., Any]) -> Compute:
    def compute(op: Reduction, v: Operands[Any], out: TensorType) -> Array:
        return _shaped(reduce(v.x, axis=tuple(a + 1 for a in op.axes)), v.x, out)

    return compute


def _arg_max(op: ArgMax, v: Operands[Any], out: TensorType) -> Array:
    x = np.flip(v.x, op.axis + 1) if op.last else v.x
    found = np.asarray((np.argmax if op.largest else np.argmin)(x, axis=op.axis + 1))
    return v.x.shape[op.axis + 1] - 1 - found if op.last else found


def _pad(op: Pad, v: Operands[Any], out: TensorType) -> Array:
    return np.pad(v.x, ((0, 0), *op.pads), constant_values=op.value)


def _function(op: Function, v: Operands[Any], out: TensorType) -> Array:
    return np.asarray(op.real(v.x))


def _of_x(function: Callable[[Any], Any]) -> Compute:
    return lambda op, v, out: np.asarray(function(v.at(0)))


def _softmax(op: Softmax | SoftmaxOfFloats, v: Operands[Any], out: TensorType) -> Array:
    return floats.softmax(v.x, op.beta)


def _leaky_relu(op: LeakyRelu, v: Operands[Any], out: TensorType) -> Array:
    return np.asarray(np.where(v.x > 0, v.x, v.x * np.float32(op.alpha)))


def _resize_bilinear(op: ResizeBilinear, v: Operands[Any], out: TensorType) -> Array:
    made = floats.resized_bilinear(
        _images(v.x), op.size, align_corners=op.align_corners, half_pixel=op.half_pixel
    )
    return _shaped(made, v.x, out)


#: By class, in the order of names. Functions of one element, and ops that only move elements, need no row.
COMPUTE: Mapping[type[Op], Compute] = {
    Abs: _of_x(np.abs),
    Add: _binary(np.add),
    ArgMax: _arg_max,
    AveragePool2D: _average_pool,
    BatchMatMul: _batch_matmul,
    Conv2D: _conv2d,
    DepthwiseConv2D: _conv2d,
    Div: _binary(np.divide),
    FloatBinary: _float_binary,
    FullyConnected: _dense,
    FullyConnectedComputed: _dense,
    Gelu: _gelu,
    HardSwish: _of_x(floats.hard_swish),
    L2Norm: _of_x(floats.l2_normalized),
    LeakyRelu: _leaky_relu,
    LogSoftmax: _of_x(floats.log_softmax),
    LogSoftmaxOfFloats: _of_x(floats.log_softmax),
    Logistic: _of_x(floats.sigmoid),
    MaxPool2D: _max_pool,
    Maximum: _binary(np.maximum),
    Mean: _reduction(np.mean),
    Minimum: _binary(np.minimum),
    Mul: _binary(np.multiply),
    Neg: _of_x(np.negative),
    Pad: _pad,
    Prelu: _binary(_prelu),
    ReduceMax: _reduction(np.max),
    ReduceMin: _reduction(np.min),
    ReduceProd: _reduction(np.prod),
    Relu: lambda op, v, out: activated(v.x, op.activation),
    Reshape: lambda op, v, out: v.x.reshape(len(v.x), *out.shape),
    ResizeBilinear: _resize_bilinear,
    Softmax: _softmax,
    SoftmaxOfFloats: _softmax,
    SquaredDifference: _binary(lambda a, b: (a - b) * (a - b)),
    Sub: _binary(np.subtract),
    Sum: _reduction(np.sum),
    Tanh: _of_x(np.tanh),
    Transpose: lambda op, v, out: v.x.transpose(0, *(p + 1 for p in op.perm)),
    TransposeConv: _transpose_conv,
}
