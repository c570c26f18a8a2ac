"""DEPTHWISE_CONV_2D of ternary weights, by a portable kernel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.sum_line import ShortLine, short_line
from tinyc.kernels.packing.trits import FIVE, MOST_BITS, Pairs, common, magnitude_array, ternary, trit_pairs
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
ROOM = 2480
#: What sums start from is below this in magnitude: a word has it with a shift.
START = 1 << 26
#: What a zero point can be shifted by to be added to an accumulator's high word.
SHIFT = 20


@dataclass(frozen=True, eq=False)
class _Rounding:
    """How sums become bytes."""

    #: In the kernel's name.
    name: str
    #: Fields of the C struct.
    fields: dict[str, int]
    channels: Constant
    magnitudes: tuple[Constant, ...]
    array_of_call: Ref | None
    #: Bytes for four channels.
    scratch: int
    why: str


def _by_line(line: ShortLine) -> _Rounding:
    channels = word_constant("channels", np.stack((line.slopes, line.offsets), axis=1))
    fields = {"magnitude": 0, "is_signed": 0, "zero": 0}
    return _Rounding("_line", fields, channels, (), None, 0, "lines, proven equal")


def _twice(start: Int64, magnitudes: Int64, f: Finish) -> _Rounding | Refusal:
    """start: [channels], what the kernel's sums start from."""
    if (np.abs(start) >= START).any():
        return Refusal("a sum starts beyond 26 bits")
    channels = word_constant("channels", np.stack((32 * start + f.shifts, f.multipliers), axis=1))
    is_signed = int(f.is_signed or f.shifts.max() > SHIFT)
    fields = {"magnitude": common(magnitudes), "is_signed": is_signed, "zero": f.zero}
    return _Rounding("", fields, channels, *magnitude_array(magnitudes), SCALES, "")


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
    if isinstance(line, Refusal) and not by_line:
        return Refusal("the same as without lines")
    rounding = (
        _twice(c.start - magnitudes * offset, magnitudes, f)
        if isinstance(line, Refusal) or not by_line
        else _by_line(line)
    )
    if isinstance(rounding, Refusal):
        return rounding
    fours = -(-count // FOUR)
    four = rounding.scratch + TAP * taps
    fixed = TAP * taps + FILL
    group = max(1, min(fours, (ROOM - fixed) // four))
    packed, filled = _packed(signs, FOUR * group)
    constants = (
        Constant("weights", "uint16_t", packed.halfwords),
        rounding.channels,
        *rounding.magnitudes,
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
            *rounding.fields.items(),
            *f.clamp,
        ),
    )
    call = Call(
        f"tc_depthwise_conv2d_ternary{rounding.name}_s8_scalar",
        "ternary",
        (params,),
        (Argument(0, window_rows(window)),),
        (
            Ref("weights"),
            Ref("channels"),
            rounding.array_of_call,
            Ref("rests") if len(packed.rests) else None,
            Ref("padding"),
        ),
        (Result(RowSegment()),),
        scratch=fixed + group * four,
    )
    return Lowering((call,), constants, why=rounding.why, weight_bits=8 * packed.bytes / c.weights.size)


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
