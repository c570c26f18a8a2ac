"""DEPTHWISE_CONV_2D of ternary weights, by a portable kernel."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.rounding import rounding
from tinyc.kernels.packing.sum_line import short_line
from tinyc.kernels.packing.trits import FIVE, GROWTH, MOST_BITS, Pairs, ternary, trit_pairs
from tinyc.kernels.packing.words import Int64, byte_words, word_constant
from tinyc.kernels.scalar.depthwise_conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D

#: Taps whose sums of bytes fit 16 bits; channels in a word.
TAPS, FOUR = 256, 4
#: Bytes of scratch for a tap, for what makes bytes of the sums of four channels, and for what fills up a five.
TAP, SCALES, FILL = 8, 80, 32
#: Bytes of scratch within which the weights of several fours are unpacked together: RAM is to grow by 2.5 kB at most.
ROOM = GROWTH - 80
#: Masks are unpacked for the pixels of a call, two of which are computed together, as measured.
PACE = Pace(2, (), 1.2)
#: Taps below which int8 weights take less time than bytes that are rounded twice.
LEAST_TWICE = 25
#: What a zero point can be shifted by to be added to an accumulator's high word.
SHIFT = 20


def lower(op: DepthwiseConv2D, graph: Graph, *, by_line: bool = True) -> Lowering | Refusal:
    """by_line: by short lines where there are some; else as a layer that has none, whose kernel both can share."""
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
    # of the bytes that weights of 1 and -1 make of a byte x, x + 128 and 127 - x
    offset = 128 * (signs > 0).sum(axis=1) + 127 * (signs < 0).sum(axis=1)
    line = short_line(c, magnitudes, f, offset, twice=True)
    how = rounding(line, c.start - magnitudes * offset, magnitudes, f, by_line=by_line)
    if isinstance(how, Refusal):
        return how
    fours = -(-count // FOUR)
    four = (0 if how.is_line else SCALES) + TAP * taps
    fixed = TAP * taps + FILL
    group = max(1, min(fours, (ROOM - fixed) // four))
    packed, filled = _packed(signs, FOUR * group)
    constants = (
        Constant("weights", "uint16_t", packed.halfwords),
        how.channels,
        *how.magnitudes,
        *((Constant("rests", "uint8_t", packed.rests),) if len(packed.rests) else ()),
        word_constant("padding", byte_words(np.full(x.shape[3] + -x.shape[3] % 4, x.q.zero_point))),
    )
    params = Struct(
        "tc_depthwise_ternary_params",
        (
            ("group", group),
            ("filled", int(filled)),
            ("out_c", count),
            ("multiplier", op.multiplier),
            ("in_w", x.shape[2]),
            ("in_c", x.shape[3]),
            *kernel_fields(window),
            ("magnitude", how.magnitude),
            ("is_signed", int(not how.is_line and (f.is_signed or f.shifts.max() > SHIFT))),
            ("zero", how.zero),
            *f.clamp,
        ),
    )
    is_clamped = (f.act_min, f.act_max) != (-128, 127)
    name = "_clamped_line" if is_clamped and how.name == "_line" else how.name
    call = Call(
        f"tc_depthwise_conv2d_ternary{name}_s8_scalar",
        "ternary",
        (params,),
        (Argument(0, window_rows(window)),),
        (
            Ref("weights"),
            Ref("channels"),
            how.array,
            Ref("rests") if len(packed.rests) else None,
            Ref("padding"),
        ),
        (Result(RowSegment()),),
        scratch=fixed + group * four,
        pace=PACE,
    )
    return Lowering((call,), constants, why=how.why, weight_bits=8 * packed.bytes / c.weights.size)


def rounded_twice(op: DepthwiseConv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights take less time: there are no lines, and few taps for a byte that is rounded twice."""
    taps = op.window.kernel[0] * op.window.kernel[1]
    low = lower(op, graph) if taps < LEAST_TWICE else Refusal("many taps")
    if isinstance(low, Refusal) or "_line_" in low.symbols:
        return None
    return Refusal(f"int8 weights take less time: bytes of {taps} taps are rounded twice")


def _packed(signs: Int64, group: int) -> tuple[Pairs, bool]:
    """Return the weights, and whether pairs fill up fives. signs: [channels, taps]; group: see tc_unpack_masks."""
    filled = _pairs(signs, group, fill=True)
    if 8 * filled.bytes <= MOST_BITS * signs.size:
        return filled, True
    return _pairs(signs, group, fill=False), False


def _pairs(signs: Int64, group: int, *, fill: bool) -> Pairs:
    taken, left = [], []
    for first in range(0, len(signs), group):
        some = signs[first : first + group]
        whole = len(some) // FOUR * FOUR
        taps = some[:whole].reshape(-1, FOUR, some.shape[1]).transpose(0, 2, 1).reshape(-1, FOUR)
        if fill:
            taps = np.pad(taps, ((0, -len(taps) % FIVE), (0, 0)))
        fives = len(taps) // FIVE * FIVE
        taken.append(taps[:fives])
        left += [taps[fives:].reshape(-1), some[whole:].T.reshape(-1)]
    return trit_pairs(np.concatenate(taken), np.concatenate(left))
