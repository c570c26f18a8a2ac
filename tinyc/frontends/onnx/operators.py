"""All ONNX operators that are read; each row stands beside its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tinyc.frontends.onnx import (
    computed_weights,
    elementwise,
    functions,
    indexed,
    linear,
    logic,
    move,
    norms,
    pooling,
    repeat,
    resize,
    sums,
    windowed,
)
from tinyc.frontends.onnx.einsum import einsum
from tinyc.frontends.onnx.elementwise import binary, reduction, unary, vectors
from tinyc.frontends.onnx.values import Known, Lazy, Node
from tinyc.ir import Activation
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.erf import Erf
from tinyc.ops.exp import Exp
from tinyc.ops.float_function import Ceil, Cos, Floor, Round, Sign, Sin
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.log import Log
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logical import LogicalAnd, LogicalOr
from tinyc.ops.logistic import Logistic
from tinyc.ops.maximum import Maximum
from tinyc.ops.mean import Mean
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.reduce_prod import ReduceProd
from tinyc.ops.relu import Relu
from tinyc.ops.softmax import Softmax
from tinyc.ops.sqrt import Sqrt
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.tanh import Tanh

#: By the format's name, in the order of names.
READERS: Mapping[str, Callable[[Node], Sequence[Lazy | Known]]] = {
    "Abs": unary(Abs),
    "Add": binary(Add),
    "And": logic.logical(LogicalAnd),
    "ArgMax": elementwise.arg_max,
    "ArgMin": elementwise.arg_max,
    "AveragePool": pooling.average_pool,
    "BatchNormalization": windowed.batch_normalization,
    "Cast": logic.cast,
    "Ceil": unary(Ceil),
    "Celu": functions.celu,
    "Clip": elementwise.clip,
    "Concat": move.concat,
    "Conv": computed_weights.conv,
    "ConvTranspose": windowed.conv_transpose,
    "Cos": unary(Cos),
    "CumSum": sums.cumulative_sum,
    "DepthToSpace": move.depth_to_space,
    "DequantizeLinear": linear.dequantize_linear,
    "Div": elementwise.div,
    "Dropout": move.dropout,
    "Einsum": einsum,
    "Elu": functions.elu,
    "Equal": logic.compare("EQUAL"),
    "Erf": unary(Erf),
    "Exp": unary(Exp),
    "Expand": repeat.expand,
    "Flatten": move.flatten,
    "Floor": unary(Floor),
    "Gather": move.gather,
    "GatherElements": indexed.gather_elements,
    "GatherND": indexed.gather_nd,
    "Gelu": elementwise.gelu,
    "Gemm": windowed.gemm,
    "GlobalAveragePool": elementwise.global_average_pool,
    "GlobalLpPool": sums.global_lp_pool,
    "GlobalMaxPool": elementwise.global_max_pool,
    "Greater": logic.compare("GREATER"),
    "GreaterOrEqual": logic.compare("GREATER_EQUAL"),
    "GroupNormalization": norms.group_normalization,
    "HardSigmoid": elementwise.hard_sigmoid,
    "HardSwish": unary(HardSwish),
    "Identity": move.identity,
    "InstanceNormalization": norms.instance_normalization,
    "IsNaN": functions.is_nan,
    "LRN": sums.local_response,
    "LayerNormalization": norms.layer_normalization,
    "LeakyRelu": elementwise.leaky_relu,
    "Less": logic.compare("LESS"),
    "LessOrEqual": logic.compare("LESS_EQUAL"),
    "Log": unary(Log),
    "LogSoftmax": vectors(LogSoftmax),
    "LpNormalization": sums.lp_normalization,
    "LpPool": pooling.lp_pool,
    "MatMul": windowed.matmul,
    "Max": binary(Maximum),
    "MaxPool": pooling.max_pool,
    "Mean": sums.average,
    "MeanVarianceNormalization": sums.mean_variance_normalization,
    "Min": binary(Minimum),
    "Mish": functions.mish,
    "Mod": elementwise.modulo,
    "Mul": binary(Mul),
    "Neg": unary(Neg),
    "Not": logic.logical_not,
    "OneHot": logic.one_hot,
    "Or": logic.logical(LogicalOr),
    "PRelu": elementwise.prelu,
    "Pad": move.pad,
    "Pow": elementwise.power,
    "QuantizeLinear": linear.quantize_linear,
    "RMSNormalization": norms.rms_normalization,
    "Reciprocal": functions.reciprocal,
    "ReduceL1": sums.reduce_l1,
    "ReduceL2": sums.reduce_l2,
    "ReduceLogSum": sums.reduce_log_sum,
    "ReduceLogSumExp": sums.reduce_log_sum_exp,
    "ReduceMax": reduction(ReduceMax),
    "ReduceMean": reduction(Mean),
    "ReduceMin": reduction(ReduceMin),
    "ReduceProd": reduction(ReduceProd),
    "ReduceSum": reduction(Sum),
    "ReduceSumSquare": sums.reduce_sum_square,
    "Relu": unary(Relu, Activation.RELU),
    "Reshape": move.reshape,
    "Resize": resize.resize,
    "Round": unary(Round),
    "ScatterElements": indexed.scatter_elements,
    "ScatterND": indexed.scatter_nd,
    "Selu": functions.selu,
    "Shrink": functions.shrink,
    "Sigmoid": unary(Logistic),
    "Sign": unary(Sign),
    "Sin": unary(Sin),
    "Slice": move.slice_,
    "Softmax": vectors(Softmax, 1.0),
    "Softplus": functions.softplus,
    "Softsign": functions.softsign,
    "SpaceToDepth": move.space_to_depth,
    "Split": move.split,
    "Sqrt": unary(Sqrt),
    "Squeeze": move.squeeze,
    "Sub": binary(Sub),
    "Sum": sums.total,
    "Swish": functions.swish,
    "Tan": functions.tan,
    "Tanh": unary(Tanh),
    "ThresholdedRelu": functions.thresholded_relu,
    "Tile": repeat.tile,
    "Transpose": move.transpose,
    "Trilu": repeat.triangle,
    "Unsqueeze": move.unsqueeze,
    "Upsample": resize.resize,
    "Where": logic.where,
    "Xor": logic.exclusive_or,
}
