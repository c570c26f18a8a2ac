"""DEPTHWISE_CONV_2D of ternary weights, by a portable kernel."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.trits import FIVE, Pairs, common, magnitude_array, ternary, trit_pairs
from tinyc.kernels.packing.words import Int64, byte_words, word_constant
from tinyc.kernels.scalar.depthwise_conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Taps whose sums of bytes fit 16 bits; channels in a word.
TAPS, FOUR = 256, 4
#: Bytes of scratch for a tap, and for what makes bytes of the sums of four channels.
TAP, SCALES = 8, 80
#: Bytes within which the weights of several fours are unpacked together.
ROOM = 2048
#: What sums start from is below this in magnitude: a word has it with a shift.
START = 1 << 26
#: What a zero point can be shifted by to be added to an accumulator's high word.
SHIFT = 20


def lower(op: DepthwiseConv2D, graph: Graph) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    found = dot_products(op, graph, (2, 0, 1))
    if isinstance(found, Refusal):
        return found
    c, f = found
    magnitudes = ternary(c.weights)
    if isinstance(magnitudes, Refusal):
        return magnitudes
    count, taps = c.weights.shape
    if taps > TAPS:
        return Refusal(f"more than {TAPS} taps")
    signs = np.sign(c.weights)
    start = c.start - magnitudes * (128 * (signs > 0).sum(axis=1) + 127 * (signs < 0).sum(axis=1))
    if (np.abs(start) >= START).any():
        return Refusal("a sum starts beyond 26 bits")
    is_signed = int(f.is_signed or f.shifts.max() > SHIFT)
    array, array_of_call = magnitude_array(magnitudes)
    fours = -(-count // FOUR)
    four = SCALES + TAP * taps
    group = max(1, min(fours, ROOM // four))
    packed = _packed(signs, FOUR * group)
    constants = (
        Constant("weights", "uint16_t", packed.halfwords),
        word_constant("channels", np.stack((32 * start + f.shifts, f.multipliers), axis=1)),
        *array,
        *((Constant("rests", "uint8_t", packed.rests),) if len(packed.rests) else ()),
        word_constant("padding", byte_words(np.full(x.shape[3] + -x.shape[3] % 4, x.q.zero_point))),
    )
    params = Struct(
        "tc_depthwise_ternary_params",
        (
            ("group", group),
            ("out_c", count),
            ("multiplier", op.multiplier),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("magnitude", common(magnitudes)),
            ("is_signed", is_signed),
            ("split", 0 if is_signed else _split(f, magnitudes, start, taps)),
            ("zero", f.zero),
            *f.clamp,
        ),
    )
    call = Call(
        "tc_depthwise_conv2d_ternary_s8_scalar",
        "ternary",
        (params,),
        (Argument(0, window_rows(window)),),
        (
            Ref("weights"),
            Ref("channels"),
            array_of_call,
            Ref("rests") if len(packed.rests) else None,
            Ref("padding"),
        ),
        (Result(RowSegment()),),
        scratch=TAP * taps + group * four,
    )
    return Lowering((call,), constants, weight_bits=8 * packed.bytes / c.weights.size)


def _packed(signs: Int64, group: int) -> Pairs:
    """signs: [channels, taps]; group: channels whose weights are unpacked together."""
    taken, left = [], []
    for first in range(0, len(signs), group):
        some = signs[first : first + group]
        whole = len(some) // FOUR * FOUR
        taps = some[:whole].reshape(-1, FOUR, some.shape[1]).transpose(0, 2, 1).reshape(-1, FOUR)
        fives = len(taps) // FIVE * FIVE
        taken.append(taps[:fives])
        left += [taps[fives:].reshape(-1), some[whole:].T.reshape(-1)]
    return trit_pairs(np.concatenate(taken), np.concatenate(left))


def _split(f: Finish, magnitudes: Int64, start: Int64, taps: int) -> int:
    """Return bits at which start * multiplier and magnitude * multiplier can be split so that words hold all sums."""
    m, top = f.multipliers, 255 * taps
    more = (1 << 30) * (1 + (f.zero << f.shifts))
    for bits in range(24, 11, -1):
        rest = (1 << bits) - 1
        low = (start * m & rest) + top * (magnitudes * m & rest)
        ends = np.stack((start * m, (start + top * magnitudes) * m)) >> bits
        if (low < 1 << 31).all() and (np.abs(np.concatenate((ends, ends + (more >> bits)))) < 1 << 31).all():
            return bits
    return 0
