"""A graph with some channels left out: smaller tensors, weights, biases and attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinyc.ir import Array, Graph, Op, Quant, Tensor, TensorType
from tinyc.ir.types import IntArray
from tinyc.ops.concat import Concat
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.pad import Pad
from tinyc.ops.reshape import Reshape
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.weighted import Weighted
from tinyc.passes.channels.live import Live, is_run
from tinyc.passes.channels.reads import Mask


def without_dead(graph: Graph, live: Live) -> Graph:
    """Ops that write nothing any more are left out, and operands of CONCATENATION that are empty."""
    tensors = dict(graph.tensors)
    for name, keep in live.keep.items():
        if not keep.all():
            tensors[name] = _narrowed(graph.tensors[name], keep)
    ops: list[Op] = []
    for index, op in enumerate(graph.ops):
        if not any(live.keep[n].any() for n in op.outputs):
            continue
        if isinstance(op, Weighted):
            new, constants = _weighted(graph, index, op, live)
            tensors.update((t.name, t) for t in constants)
            ops.append(new)
        else:
            ops.append(_adapted(op, live.keep))
    return graph.with_ops(ops, tensors)


def _narrowed(tensor: Tensor, keep: Mask) -> Tensor:
    shape = (*tensor.type.shape[:-1], int(keep.sum()))
    data = None if tensor.data is None else tensor.data[..., keep]
    return Tensor(tensor.name, replace(tensor.type, shape=shape), data)


def _adapted(op: Op, keep: Mapping[str, Mask]) -> Op:
    """The op's attributes for fewer channels; most have none that count them."""
    y = keep[op.outputs[0]]
    if isinstance(op, Concat):
        return replace(op, inputs=tuple(n for n in op.inputs if keep[n].any()))
    x = keep[op.inputs[0]]
    match op:
        case Reshape() if not y.all():
            return replace(op, shape=(*op.shape[:-1], int(y.sum())))
        case Pad() if not y.all():
            before = op.pads[-1][0]
            ends = int(y[:before].sum()), int(y[before + len(x) :].sum())
            return replace(op, pads=(*op.pads[:-1], ends))
        case StridedSlice() if is_run(op) and not (x.all() and y.all()):
            count = int(y.sum())
            return replace(
                op,
                begin=(*op.begin[:-1], int(x[: op.begin[-1]].sum())),
                strides=(*op.strides[:-1], 1),
                sliced_shape=(*op.sliced_shape[:-1], count),
                shape=(*op.shape[:-1], count),
            )
        case _:
            return op


def _weighted(graph: Graph, index: int, op: Weighted, live: Live) -> tuple[Op, list[Tensor]]:
    """The op and its new constants: weights and bias without the rows and columns that went."""
    outs = live.keep[op.outputs[0]]
    ins = live.keep[op.x]
    if outs.all() and ins.all():
        return op, []
    tensor = graph.tensors[op.weights]
    assert tensor.data is not None
    match op:
        case DepthwiseConv2D():
            data = tensor.data[..., outs]
        case _:
            ins = np.resize(ins, tensor.type.shape[-1])
            data = tensor.data[outs][..., ins]
    quant = _thinned(tensor.type.quant, outs)
    weights = Tensor(_name(graph, op.weights, op), TensorType(data.shape, tensor.type.dtype, quant), data)
    bias = _bias(graph, op, outs, live.folded.get(index), ins)
    inputs = (op.x, weights.name, bias.name if bias else "")
    return replace(op, inputs=inputs), [weights, *([bias] if bias else [])]


def _bias(graph: Graph, op: Weighted, outs: Mask, folded: IntArray | None, ins: Mask) -> Tensor | None:
    """The bias of the channels that stay, with the constants that went; None where there is nothing to add."""
    old = graph.tensors[op.bias] if op.bias else None
    data: Array | None = None if old is None or old.data is None else old.data.reshape(-1)[outs]
    if folded is not None:
        extra = folded[outs][:, ~ins].sum(axis=1)
        if extra.any():
            data = (extra if data is None else data + extra).astype(np.int32)
    if data is None:
        return None
    name = _name(graph, op.bias, op) if old else graph.fresh(f"{op.outputs[0]}:bias")
    return Tensor(
        name, TensorType(data.shape, "int32", _thinned(old.type.quant, outs) if old else None), data
    )


def _thinned(quant: Quant | None, keep: Mask) -> Quant | None:
    """Scales and zero points, where there is one per channel, of the channels that stay.

    Nothing reads those of a bias: a file may give it any number of them.
    """
    if quant is None or len(quant.scales) != len(keep):
        return quant
    scales = tuple(s for s, k in zip(quant.scales, keep, strict=True) if k)
    zero_points = tuple(z for z, k in zip(quant.zero_points, keep, strict=True) if k)
    return replace(quant, scales=scales, zero_points=zero_points)


def _name(graph: Graph, constant: str, op: Op) -> str:
    """The constant's own name, or a new one where other ops read it too."""
    if len(graph.consumers[constant]) == 1:
        return constant
    return graph.fresh(f"{constant}:{op.outputs[0]}")
