"""FULLY_CONNECTED, and pointwise convolutions of single pixels, by SIMD kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.matmul import shift_word, word_constant, words
from tinyc.kernels.dsp.requant import LIMIT, Channels, Finish, Int64, channels, finish, finish_once
from tinyc.kernels.requant_once import once_multiplier
from tinyc.numerics.requant import Requant
from tinyc.ops.fully_connected import FullyConnected

ONCE, TWICE = "tc_fully_connected_once_s8_dsp", "tc_fully_connected_s8_dsp"


def product(op: FullyConnected, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as dot products, or why the kernel does not take it."""
    if reason := too_short(graph.type(op.inputs[1]).shape[1]):
        return reason
    result = dots(op, graph, LIMIT)
    return result if isinstance(result, str) else unpackable(result[0]) or result


def dots(op: FullyConnected, graph: Graph, limit: int) -> tuple[Channels, Finish] | str:
    """The op as dot products below `limit` in magnitude, or why it is none."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.type.quant is not None and out.quant is not None and w.data is not None
    if any(w.type.quant.zero_points):
        return "the weights have a zero point"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    c = channels(w.data, bias, x.quant.zero_point)
    types, count = graph.types(op.inputs), w.type.shape[0]
    if op.rounding == "double":
        r = op.requant(types, out)
        spread = Requant(_spread(r.multipliers, count), _spread(r.shifts, count))
        return finish(c, spread, out, op.act_min, op.act_max, limit)
    zero_point = out.quant.zero_point
    found = [once_multiplier(s, zero_point, op.act_min, op.act_max) for s in op.real_scales(types, out)]
    pairs = [f for f in found if f is not None]
    if len(pairs) < len(found):
        return "no integer multiplier rounds as the reference's double arithmetic does"
    once = Requant(_spread([m for m, _ in pairs], count), _spread([s for _, s in pairs], count))
    return finish_once(c, once, out, op.act_min, op.act_max, limit)


def too_short(depth: int) -> str | None:
    return "fewer than 4 inputs" if depth < 4 else None


def unpackable(c: Channels) -> str | None:
    """Why the weights of two outputs do not fit into halfwords."""
    return "a weight is -128" if (c.weights == -128).any() else None


def _spread(values: list[int] | tuple[int, ...], count: int) -> tuple[int, ...]:
    """One value per output from one for all."""
    return tuple(values) if len(values) == count else tuple(values) * count


def refuses(op: FullyConnected, graph: Graph) -> str | None:
    result = product(op, graph)
    return result if isinstance(result, str) else None


def lower(op: FullyConnected, graph: Graph) -> Lowering:
    result = product(op, graph)
    assert not isinstance(result, str)
    once = op.rounding != "double"
    symbol = ONCE if once else TWICE
    why = "rounds once, proven equal" if once else "rounds twice"
    return vectors(*result, symbol, graph.type(op.inputs[0]).elements // result[0].weights.shape[1], why)


def vectors(c: Channels, f: Finish, symbol: str, units: int, why: str) -> Lowering:
    """`units` vectors, one after the other."""
    outputs, depth = c.weights.shape
    params = Struct(
        "tc_fully_connected_dsp_params",
        (
            ("in_n", depth),
            ("out_n", outputs),
            ("zero", f.zero),
            ("is_signed", int(f.is_signed)),
            *f.clamp,
        ),
    )
    call = Call(symbol, "fully_connected", Form.RUN, (params,), (Operand(0),), (Ref("weights"),), units=units)
    factor = 1 if symbol == ONCE else 2
    return Lowering((call,), (word_constant("weights", stream(c, f, factor)),), why=why)


def stream(c: Channels, f: Finish, factor: int) -> Int64:
    """[groups, words] as the kernel's header says; factor: of the multipliers."""
    outputs, depth = c.weights.shape
    fill = -outputs % 4
    w = np.pad(c.weights, ((0, fill), (0, 0)))
    short = depth % 4
    if short:
        w = np.concatenate((w[:, :short], np.zeros((len(w), 4 - short), np.int64), w[:, short:]), axis=1)
    start = np.pad(c.start, (0, fill)).reshape(-1, 2, 2)
    starts = np.stack((start[:, :, 0], start[:, :, 0] + 256 * start[:, :, 1]), axis=2)
    h = (w[0::2] + 256 * w[1::2]).reshape(len(start), 2, -1, 4)
    body = np.stack((words(h[..., 0], h[..., 2]), words(h[..., 1], h[..., 3])), axis=3).transpose(0, 2, 1, 3)
    m = np.pad(factor * f.multipliers, (0, fill)).reshape(-1, 4)
    s = np.pad(f.shifts, (0, fill), constant_values=1).reshape(-1, 4)
    groups = len(start)
    parts = (starts.reshape(groups, -1), body.reshape(groups, -1), m, shift_word(s))
    return np.concatenate(parts, axis=1)
