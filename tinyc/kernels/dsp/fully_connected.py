"""FULLY_CONNECTED, and pointwise convolutions of single pixels, by SIMD kernels."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.dsp.matmul import shift_word
from tinyc.kernels.packing.dots import Channels, unpackable
from tinyc.kernels.packing.requant import LIMIT, Finish
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.packing.words import Int64, halfword_words, word_constant
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.fully_connected import FullyConnected

ONCE, TWICE = "tc_fully_connected_once_s8_dsp", "tc_fully_connected_s8_dsp"


def too_short(depth: int) -> Refusal | None:
    return Refusal("fewer than 4 inputs") if depth < 4 else None


def lower(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    depth = graph.type(op.weights).shape[1]
    if reason := too_short(depth):
        return reason
    found = dot_products(op, graph, LIMIT)
    if isinstance(found, Refusal):
        return found
    if reason := unpackable(found[0]):
        return reason
    once = rounds_once(graph.reference)
    why = "rounds once, proven equal" if once else "rounds twice"
    return vectors(*found, ONCE if once else TWICE, graph.type(op.x).elements // depth, why)


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
    call = Call(
        symbol,
        "fully_connected",
        (params,),
        (Argument(0, SameUnit()),),
        (Ref("weights"),),
        (Result(Units(units)),),
    )
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
    body = np.stack(
        (halfword_words(h[..., 0], h[..., 2]), halfword_words(h[..., 1], h[..., 3])), axis=3
    ).transpose(0, 2, 1, 3)
    m = np.pad(factor * f.multipliers, (0, fill)).reshape(-1, 4)
    s = np.pad(f.shifts, (0, fill), constant_values=1).reshape(-1, 4)
    groups = len(start)
    parts = (starts.reshape(groups, -1), body.reshape(groups, -1), m, shift_word(s))
    return np.concatenate(parts, axis=1)
