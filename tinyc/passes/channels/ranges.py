"""Which bytes every element of every int8 tensor can have, whatever the inputs are.

One interval per element, not per channel: so the pixels at a border, where a window reads padding, have their own,
and RESHAPE, PAD and TRANSPOSE need no special care.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Graph, Op, Operands, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.dense import rescaled, rounds_once
from tinyc.numerics.fixed_point import INT32_MAX, INT32_MIN, Int64, clamp_int8
from tinyc.numerics.requant import Requant, centred
from tinyc.ops.binary import Binary
from tinyc.ops.conv2d import Conv2D, patches
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.lookup import Lookup
from tinyc.ops.mul import Mul
from tinyc.ops.pool import Pool2D
from tinyc.ops.prelu import Prelu

#: Most multiply-accumulates, or what takes as long, that the ranges of a model are worth.
MOST_WORK = 2**30
#: An element of a tensor takes as long as so many of them.
_PER_ELEMENT = 8

#: Numbers of a window's products that are held at once.
_AT_ONCE = 2**22

Bytes = npt.NDArray[np.int8]
Types = Operands[TensorType]


@dataclass(frozen=True, eq=False)
class Range:
    """Every element lies in [low, high], both included. low, high: int8 of the tensor's shape."""

    low: Bytes
    high: Bytes

    def constants(self, depth: int) -> tuple[npt.NDArray[np.bool_], Bytes]:
        """For each of `depth` positions of the last dimension: whether it is one byte everywhere, and that byte."""
        low, high = self.low.reshape(-1, depth).min(axis=0), self.high.reshape(-1, depth).max(axis=0)
        return low == high, low


def ranges(graph: Graph) -> dict[str, Range]:
    """Of every int8 tensor, constants included."""
    found: dict[str, Range] = {}
    for name, tensor in graph.tensors.items():
        if tensor.type.dtype == "int8" and tensor.data is not None:
            data = tensor.data.astype(np.int8)
            found[name] = Range(data, data)
    for port in graph.inputs:
        if graph.type(port.tensor).dtype == "int8":
            found[port.tensor] = _anything(graph.type(port.tensor))
    left = MOST_WORK
    for op in graph.ops:
        work = _work(op, graph)
        looked_at = work <= left
        left -= work if looked_at else 0
        for name in op.outputs:
            if graph.type(name).dtype == "int8":
                found[name] = _output(op, graph, found) if looked_at else _anything(graph.type(name))
    return found


def _work(op: Op, graph: Graph) -> int:
    """About how much is computed for the range of an op's outputs."""
    types, outs = graph.types(op), graph.outs(op)
    elements = sum(t.elements for t in (*outs, *types.values) if t is not None)
    taps = outs[0].elements * op.window.kernel[0] * op.window.kernel[1] if isinstance(op, Pool2D) else 0
    return op.macs(types, outs) + _PER_ELEMENT * (elements + taps)


def _output(op: Op, graph: Graph, known: Mapping[str, Range]) -> Range:
    """Of the op's only output; what is not understood may be any byte."""
    out, types = graph.type(op.outputs[0]), graph.types(op)
    if len(op.outputs) != 1 or op.inputs[0] not in known:
        return _anything(out)
    x = known[op.inputs[0]]
    match op:
        case Conv2D() | DepthwiseConv2D() | FullyConnected():
            return _weighted(op, graph, x)
        case Binary() | Prelu():
            return _of_two(op, graph, x, known[op.inputs[1]])
        case Lookup() if types.x.dtype == out.dtype == "int8":
            return _lookup(op.table(types.at(0), out, graph.reference), x)
        case _ if op.rises(types, out):
            (low,) = op.compute(op.named(known[n].low for n in op.inputs), types, [out], graph.reference)
            (high,) = op.compute(op.named(known[n].high for n in op.inputs), types, [out], graph.reference)
            return Range(low.astype(np.int8), high.astype(np.int8))
        case _:
            return _anything(out)


def _anything(t: TensorType) -> Range:
    return _clamped(t, -128, 127)


def _clamped(t: TensorType, low: int, high: int) -> Range:
    return Range(*(np.broadcast_to(np.int8(bound), t.shape) for bound in (low, high)))


def _lookup(table: Bytes, x: Range) -> Range:
    """Least and greatest entry of the table from x.low to x.high."""
    least, greatest = np.empty((256, 256), np.int8), np.empty((256, 256), np.int8)
    for first in range(256):
        least[first, first:] = np.minimum.accumulate(table[first:])
        greatest[first, first:] = np.maximum.accumulate(table[first:])
    at = x.low.astype(np.int16) + 128, x.high.astype(np.int16) + 128
    return Range(least[at], greatest[at])


def _of_two(op: Binary | Prelu, graph: Graph, a: Range, b: Range) -> Range:
    """The result is monotone in each operand alone, PRELU's on either side of the zero point, so that its extremes are
    among those of the corners.
    """
    types, out = graph.types(op), graph.type(op.outputs[0])
    firsts = [a.low, a.high]
    if isinstance(op, Prelu):
        zero = types.x.q.zero_point
        firsts += [np.clip(v, a.low, a.high).astype(np.int8) for v in (max(-128, zero - 1), zero)]
    else:
        p = op.params(types, out, graph.reference)
        largest = 255 * 255 if isinstance(op, Mul) else 255 << p.left_shift
        if largest << max(p.out_shift, 0) > INT32_MAX:
            return _clamped(out, *clamp(op.activation, out))
    corners = [
        op.compute(op.named([x, y]), types, [out], graph.reference)[0]
        for x in firsts
        for y in (b.low, b.high)
    ]
    found = np.stack(corners).astype(np.int8)
    return Range(found.min(axis=0), found.max(axis=0))


def _weighted(op: Conv2D | DepthwiseConv2D | FullyConnected, graph: Graph, x: Range) -> Range:
    """Bounds of the accumulators, brought to bytes: monotone for every channel in which nothing overflows."""
    types, constants, out = graph.types(op), graph.constants(op), graph.type(op.outputs[0])
    least, greatest = clamp(op.activation, out)
    weights, bias = constants.get("weights"), constants.get("bias")
    tx, tw = types.x, types.weights
    grouped = isinstance(op, Conv2D) and op.groups(types) > 1
    if weights is None or (op.bias and bias is None) or grouped:
        return _clamped(out, least, greatest)
    w = centred(weights, tw).astype(np.float64)
    # 2 * accumulator lies in [centre - reach, centre + reach]; whole numbers below 2**53 are exact in float64.
    both = x.low.astype(np.int16) + x.high, x.high.astype(np.int16) - x.low
    centre = _accumulated(op, both[0], 2 * tx.q.zero_point, w, out)
    reach = _accumulated(op, both[1], 0, np.abs(w), out)
    offset = np.int64(0) if bias is None else bias.astype(np.int64).reshape(-1)
    low, high = (centre - reach) // 2 + offset, (centre + reach) // 2 + offset
    if isinstance(op, FullyConnected) and rounds_once(graph.reference):
        fits = (low >= INT32_MIN) & (high <= INT32_MAX)
        scaled = [rescaled(acc, tx, tw, out, graph.reference) for acc in (low, high)]
    else:
        requant = op.requant(types, out)
        fits = _fits(low, high, requant)
        scaled = [requant.apply(acc) for acc in (low, high)]
    bounds = [clamp_int8(s + out.q.zero_point, least, greatest) for s in scaled]
    return Range(
        np.where(fits, bounds[0], least).astype(np.int8).reshape(out.shape),
        np.where(fits, bounds[1], greatest).astype(np.int8).reshape(out.shape),
    )


def _fits(low: Int64, high: Int64, requant: Requant) -> npt.NDArray[np.bool_]:
    """Where neither the accumulator nor its left shift leaves int32."""
    left = np.maximum(np.array(requant.shifts, np.int64), 0)
    return np.asarray((low >= INT32_MIN >> left) & (high <= INT32_MAX >> left))


def _accumulated(
    op: Conv2D | DepthwiseConv2D | FullyConnected,
    x: Array,
    zero_point: int,
    w: npt.NDArray[np.float64],
    out: TensorType,
) -> Int64:
    """Sum of (x - zero point) * w, padding 0, for every output: [..., channels]."""
    if isinstance(op, FullyConnected):
        return ((x.reshape(-1, w.shape[1]).astype(np.float64) - zero_point) @ w.T).astype(np.int64)
    columns = patches(x, op.window, zero_point, out.shape[1], out.shape[2])
    rows = max(1, _AT_ONCE // max(1, columns[0].size))
    sums = np.empty(out.shape[1:], np.int64)
    for y in range(0, out.shape[1], rows):
        part = columns[y : y + rows]
        if isinstance(op, DepthwiseConv2D):
            repeated = np.repeat(part, op.multiplier, axis=-1)
            sums[y : y + rows] = np.einsum("yxijc,ijc->yxc", repeated, w[0])
        else:
            sums[y : y + rows] = part.reshape(*part.shape[:2], -1) @ w.reshape(len(w), -1).T
    return sums
