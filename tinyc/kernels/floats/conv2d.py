"""CONV_2D of float32."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.floats.constants import Float32, float_bias, float_constant, in_fours, limits
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D


def lower(op: Conv2D, graph: Graph) -> Lowering:
    x, w, out = graph.type(op.x), graph.type(op.weights), graph.type(op.outputs[0])
    params = Struct(
        "tc_conv2d_f32_params",
        (
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("group_c", w.shape[3]),
            ("out_c", out.shape[3]),
            *kernel_fields(op.window),
            *limits(op.activation),
        ),
    )
    bias = float_bias(graph, op.bias)
    weights = float_constant("weights", packed(graph, op))
    call = Call(
        "tc_conv2d_f32_ref",
        "conv2d_f32",
        (params,),
        (Argument(0, window_rows(op.window)),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(RowSegment()),),
    )
    return Lowering((call,), (weights, *bias))


def packed(graph: Graph, op: Conv2D) -> Float32:
    """Return the weights as runtime/include/tinyc/conv2d_f32.h wants them."""
    data = graph.tensors[op.weights].data
    assert data is not None
    groups = op.groups(graph.types(op))
    each = np.asarray(data, np.float32).reshape(groups, len(data) // groups, -1)
    return np.concatenate([in_fours(group) for group in each])
