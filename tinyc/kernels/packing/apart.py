"""Convolutions of uint8 by fast kernels, which hold weights in bytes: channels with wider ones are computed apart.

Weights of uint8 minus their zero point spread over at most 256 numbers around 0, mostly beyond a byte on one side. Few
weights lie there, often one alone, which the range was taken from: their channels are left to a portable kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph, Tensor
from tinyc.kernels.access import RowWindow
from tinyc.kernels.base import Call, Constant, Lowering, Ref, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.packing.dots import weights_of
from tinyc.kernels.ref.unsigned import FOLDER
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

OpT = TypeVar("OpT", Conv2D, DepthwiseConv2D)
Lower = Callable[[OpT, Graph], Lowering | Refusal]

#: Magnitude of the weights that every fast kernel holds.
_MOST = 127


def wide_apart(lower: Lower[OpT]) -> Lower[OpT]:
    """Return a lowering by a fast kernel that leaves channels with wide weights to a call of their own."""

    def lowered(op: OpT, graph: Graph) -> Lowering | Refusal:
        if not graph.type(op.weights).is_unsigned:
            return lower(op, graph)
        rows = _by_channel(op, weights_of(op, graph))
        wide = np.flatnonzero((np.abs(rows.astype(np.int32)) > _MOST).any(axis=(1, 2, 3)))
        if not len(wide):
            return lower(op, graph)
        if 2 * len(wide) > len(rows):
            return Refusal("most channels have weights beyond a byte")
        found = lower(op, _without(op, graph, wide))
        return found if isinstance(found, Refusal) else _with_call(found, op, graph, wide)

    return lowered


def _by_channel(op: Conv2D | DepthwiseConv2D, weights: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """[O, KH, KW, depth]: the weights of each output channel."""
    return weights if isinstance(op, Conv2D) else weights[0].transpose(2, 0, 1)[..., None]


def _without(op: Conv2D | DepthwiseConv2D, graph: Graph, wide: npt.NDArray[np.intp]) -> Graph:
    """Return the graph with the weights of these channels at their zero point."""
    tensor = graph.tensors[op.weights]
    assert tensor.data is not None
    data = tensor.data.copy()
    data[(wide,) if isinstance(op, Conv2D) else (..., wide)] = tensor.type.q.zero_point
    return replace(graph, tensors={**graph.tensors, op.weights: Tensor(tensor.name, tensor.type, data)})


def _with_call(
    found: Lowering, op: Conv2D | DepthwiseConv2D, graph: Graph, wide: npt.NDArray[np.intp]
) -> Lowering:
    """Return a lowering with a second call, of these channels."""
    (call,) = found.calls
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    weights, bias = _by_channel(op, weights_of(op, graph)), graph.tensors[op.bias].data if op.bias else None
    depth, requant = weights.shape[3], op.requant(graph.types(op), out)
    per_input = op.multiplier if isinstance(op, DepthwiseConv2D) else out.shape[3] * depth // x.shape[3]
    arrays = (
        Constant("some_channels", "int16_t", wide.astype(np.int16)),
        Constant("some_inputs", "int16_t", (wide // per_input * depth).astype(np.int16)),
        Constant("some_multipliers", "int32_t", np.array(requant.multipliers, np.int32)[wide]),
        Constant("some_shifts", "int8_t", np.array(requant.shifts, np.int8)[wide]),
        Constant("some_weights", "int16_t", weights[wide].astype(np.int16)),
        Constant("some_bias", "int32_t", np.zeros(len(wide), np.int32) if bias is None else bias[wide]),
    )
    params = Struct(
        "tc_some_channels_params",
        (
            ("count", len(wide)),
            ("depth", depth),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            ("out_c", out.shape[3]),
            *kernel_fields(op.window),
            ("in_zp", x.q.zero_point),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            *((name, Ref(f"some_{name}")) for name in ("channels", "inputs", "multipliers", "shifts")),
        ),
    )
    by_window = isinstance(call.reads[0].access, RowWindow)
    symbol = "tc_some_channels_s8_ref" if by_window else "tc_some_channels_1x1_s8_ref"
    share = len(wide) / len(weights)
    second = Call(
        symbol,
        FOLDER,
        (params,),
        call.reads,
        (Ref("some_weights"), Ref("some_bias")),
        call.writes,
        share=share,
    )
    why = f"{found.why or 'first choice'}, {len(wide)} of {len(weights)} channels apart"
    return replace(found, calls=(call, second), constants=(*found.constants, *arrays), why=why)
