"""TRANSPOSE_CONV of float32."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.floats.constants import data_of, float_bias, float_constant, in_fours, limits
from tinyc.kernels.ref.transpose_conv import source_rows, window_fields
from tinyc.ops.transpose_conv import TransposeConv


def lower(op: TransposeConv, graph: Graph) -> Lowering:
    x, weights = graph.type(op.x), data_of(graph, op.weights)
    params = Struct(
        "tc_transpose_conv_f32_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("out_c", len(weights)),
            *window_fields(op),
            *limits(op.activation),
        ),
    )
    bias = float_bias(graph, op.bias)
    rows, first = source_rows(op)
    call = Call(
        "tc_transpose_conv_f32_ref",
        "transpose_conv_f32",
        (params,),
        (Argument(0, rows),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(RowSegment()),),
    )
    packed = in_fours(weights.reshape(len(weights), -1))
    return Lowering((call,), (first, float_constant("weights", packed), *bias))
