"""All ONNX operators that are read; each row stands beside its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tinyc.frontends.onnx import elementwise, linear, move, norms, windowed
from tinyc.frontends.onnx.elementwise import binary, reduction, unary
from tinyc.frontends.onnx.values import Known, Lazy, Node
from tinyc.ir import Activation
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.erf import Erf
from tinyc.ops.exp import Exp
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.log import Log
from tinyc.ops.logistic import Logistic
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.relu import Relu
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh

#: By the format's name, in the order of names.
READERS: Mapping[str, Callable[[Node], Sequence[Lazy | Known]]] = {
    "Abs": unary(Abs),
    "Add": binary(Add),
    "ArgMax": elementwise.arg_max,
    "ArgMin": elementwise.arg_max,
    "AveragePool": windowed.average_pool,
    "BatchNormalization": windowed.batch_normalization,
    "Clip": elementwise.clip,
    "Concat": move.concat,
    "Conv": windowed.conv,
    "ConvTranspose": windowed.conv_transpose,
    "DepthToSpace": move.depth_to_space,
    "DequantizeLinear": linear.dequantize_linear,
    "Div": elementwise.div,
    "Dropout": move.identity,
    "Elu": elementwise.elu,
    "Erf": unary(Erf),
    "Exp": unary(Exp),
    "Flatten": move.flatten,
    "Gather": move.gather,
    "Gelu": elementwise.gelu,
    "Gemm": windowed.gemm,
    "GlobalAveragePool": elementwise.global_average_pool,
    "GlobalMaxPool": elementwise.global_max_pool,
    "GroupNormalization": norms.group_normalization,
    "HardSigmoid": elementwise.hard_sigmoid,
    "HardSwish": unary(HardSwish),
    "Identity": move.identity,
    "InstanceNormalization": norms.instance_normalization,
    "LayerNormalization": norms.layer_normalization,
    "LeakyRelu": elementwise.leaky_relu,
    "Log": unary(Log),
    "MatMul": windowed.matmul,
    "Max": binary(Maximum),
    "MaxPool": windowed.max_pool,
    "Min": binary(Minimum),
    "Mul": binary(Mul),
    "Neg": unary(Neg),
    "PRelu": elementwise.prelu,
    "Pad": move.pad,
    "Pow": elementwise.power,
    "QuantizeLinear": linear.quantize_linear,
    "RMSNormalization": norms.rms_normalization,
    "ReduceMax": reduction(ReduceMax),
    "ReduceMean": reduction(Mean),
    "ReduceMin": reduction(ReduceMin),
    "ReduceSum": reduction(Sum),
    "Relu": unary(Relu, Activation.RELU),
    "Reshape": move.reshape,
    "Resize": move.resize,
    "Sigmoid": unary(Logistic),
    "Slice": move.slice_,
    "Softmax": elementwise.softmax,
    "SpaceToDepth": move.space_to_depth,
    "Split": move.split,
    "Sqrt": unary(Sqrt),
    "Squeeze": move.squeeze,
    "Sub": binary(Sub),
    "Tanh": unary(Tanh),
    "Transpose": move.transpose,
    "Unsqueeze": move.unsqueeze,
    "Upsample": move.resize,
}
