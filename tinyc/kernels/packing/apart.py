"""Convolutions and dense layers of uint8 by fast kernels, which hold weights in bytes: wider ones are computed apart.

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
from tinyc.kernels.packing.vectors import requant_of
from tinyc.kernels.ref.unsigned import FOLDER
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields
from tinyc.numerics.requant import Requant
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.window import Window

Weighted = Conv2D | DepthwiseConv2D | FullyConnected
OpT = TypeVar("OpT", Conv2D, DepthwiseConv2D, FullyConnected)
Lower = Callable[[OpT, Graph], Lowering | Refusal]

#: Magnitude of the weights that every fast kernel holds.
_MOST = 127
#: Most channels that a portable kernel can number.
_CHANNELS = 1 << 15


def wide_apart(lower: Lower[OpT]) -> Lower[OpT]:
    """Return a lowering by a fast kernel that leaves channels with wide weights to a call of their own."""

    def lowered(op: OpT, graph: Graph) -> Lowering | Refusal:
        if not graph.type(op.weights).is_unsigned:
            return lower(op, graph)
        rows = _by_channel(op, weights_of(op, graph))
        wide = np.flatnonzero((np.abs(rows.astype(np.int32)) > _MOST).any(axis=(1, 2, 3)))
        if not len(wide):
            return lower(op, graph)
        if 2 * len(wide) > len(rows) or len(rows) > _CHANNELS:
            return Refusal("most channels have weights beyond a byte, or there are too many")
        found = lower(op, _without(op, graph, wide))
        return found if isinstance(found, Refusal) else _with_call(found, op, graph, wide)

    return lowered


def _by_channel(op: Weighted, weights: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """[O, KH, KW, depth]: the weights of each output channel."""
    if isinstance(op, DepthwiseConv2D):
        return np.asarray(weights[0].transpose(2, 0, 1)[..., None])
    return np.asarray(weights[:, None, None, :]) if isinstance(op, FullyConnected) else weights


def _without(op: Weighted, graph: Graph, wide: npt.NDArray[np.intp]) -> Graph:
    """Return the graph with the weights of these channels at their zero point."""
    tensor = graph.tensors[op.weights]
    assert tensor.data is not None
    data = tensor.data.copy()
    data[(..., wide) if isinstance(op, DepthwiseConv2D) else (wide,)] = tensor.type.q.zero_point
    return replace(graph, tensors={**graph.tensors, op.weights: Tensor(tensor.name, tensor.type, data)})


def _with_call(found: Lowering, op: Weighted, graph: Graph, wide: npt.NDArray[np.intp]) -> Lowering:
    """Return a lowering with a second call, of these channels."""
    (call,) = found.calls
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    weights, bias = _by_channel(op, weights_of(op, graph)), graph.tensors[op.bias].data if op.bias else None
    depth, requant = weights.shape[3], _requant(op, graph)
    window = Window((1, 1)) if isinstance(op, FullyConnected) else op.window
    first = _first_inputs(op, graph, wide)
    arrays = (
        Constant("some_channels", "int16_t", wide.astype(np.int16)),
        Constant("some_inputs", "int16_t", first.astype(np.int16)),
        Constant("some_multipliers", "int32_t", np.array(requant.multipliers, np.int32)[wide]),
        Constant("some_shifts", "int8_t", np.array(requant.shifts, np.int8)[wide]),
        Constant("some_weights", "int16_t", weights[wide].astype(np.int16)),
        Constant("some_bias", "int32_t", np.zeros(len(wide), np.int32) if bias is None else bias[wide]),
    )
    by_window = isinstance(call.reads[0].access, RowWindow)
    params = Struct(
        "tc_some_channels_params",
        (
            ("count", len(wide)),
            ("depth", depth),
            ("in_w", x.shape[2] if by_window else 1),
            ("in_c", x.shape[3] if by_window else depth),
            ("out_c", len(weights)),
            *kernel_fields(window),
            ("in_zp", x.q.zero_point),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
            *((name, Ref(f"some_{name}")) for name in ("channels", "inputs", "multipliers", "shifts")),
        ),
    )
    kind = "" if by_window else "_once" if isinstance(op, FullyConnected) else "_1x1"
    share = len(wide) / len(weights)
    second = Call(
        f"tc_some_channels{kind}_s8_ref",
        FOLDER,
        (params,),
        call.reads,
        (Ref("some_weights"), Ref("some_bias")),
        call.writes,
        share=share,
    )
    why = f"{found.why or 'first choice'}, {len(wide)} of {len(weights)} channels apart"
    return replace(found, calls=(call, second), constants=(*found.constants, *arrays), why=why)


def _requant(op: Weighted, graph: Graph) -> Requant:
    """Return the multipliers and shifts of all channels, as the portable kernel takes them."""
    if not isinstance(op, FullyConnected):
        return op.requant(graph.types(op), graph.type(op.outputs[0]))
    found = requant_of(op, graph)
    assert not isinstance(found, Refusal)  # the fast kernel has them
    return found


def _first_inputs(op: Weighted, graph: Graph, channels: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return the first input channel that each of the channels reads."""
    if isinstance(op, DepthwiseConv2D):
        return np.asarray(channels // op.multiplier)
    if isinstance(op, FullyConnected):
        return np.zeros_like(channels)
    w = graph.type(op.weights)
    together = w.shape[0] // op.groups(graph.types(op))
    return np.asarray(channels // together * w.shape[3])
