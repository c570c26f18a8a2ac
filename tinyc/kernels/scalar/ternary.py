"""CONV_2D of ternary weights, by portable kernels."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.dots import Channels, padding_constant
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.rounding import Rounding, rounding
from tinyc.kernels.packing.sum_line import sum_line
from tinyc.kernels.packing.trits import Trits, trits
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.scalar.conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch for a code and for the sums of an output channel, of 16 bits each.
CODE, SUMS = 80, 16
#: What sums start from for each code, and at most where they fit 16 bits: TC_TRIT_BASE, TC_TRIT_BASES.
BASE, BASES = 640, 32640
#: Weights of a channel that are not 0, above which its sums are wide: they may not fit 16 bits.
NARROW = 255
#: Left shift of sums that are halves of a word.
HALF = 16
#: Right shifts of lines where sums are not wide, one for sums that rise steeply.
SHIFTS = (18, 14)
#: Pixels that are computed together.
PIXELS = 8
#: Pixels in a row below which int8 weights take less time than it does, and those of ternary dense layers, which take
#: pointwise convolutions.
LEAST, LEAST_1X1 = 2, 3
#: Of the dimensions of weights.
ROWS_FIRST = (0, 1, 2, 3)


@dataclass(frozen=True)
class Kind:
    """A kind of kernels."""

    #: Of the names of its C functions.
    suffix: str
    pace: Pace
    #: Pixels that eights may leave of a row for it to take less time than they do; any where there are none.
    left: tuple[int, ...] = ()
    #: Whether it adds up code by code, for all channels.
    by_code: bool = False


#: Eight pixels together; also up to four, and, where a load takes one word, up to six; and RISC-V's own. Times as
#: measured: 3x3 kernels of 64 channels.
EIGHTS = Kind("_s8_scalar", Pace(PIXELS))
FOURS = Kind("_narrow_s8_scalar", Pace(PIXELS, ((4, 5.2),)), (1, 2, 3, 4))
SIXES = Kind("_narrow_s8_scalar", Pace(PIXELS, ((4, 5.1), (6, 6.7))), (1, 2, 3, 4, 5, 6))
CODES = Kind("_s8_rv32", Pace(PIXELS, ((4, 4.9), (6, 6.5))), by_code=True)


@dataclass(frozen=True)
class Room:
    """How much scratch a kernel may take."""

    #: Bytes within which all taps are gathered at once.
    whole: int
    #: Bytes where they are not, with the sums of so many channels, half as many where sums are wide.
    parts: int
    channels: int
    #: Of eight pixels those that a row must have, on average, for int8 weights not to take less time.
    least: float


@dataclass(frozen=True)
class Scratch:
    """What is in scratch together."""

    #: Codes whose taps are, and channels whose sums are.
    part: int
    group: int
    size: int


#: Bytes of parts that blocks of a sequence, an image of one row, have to themselves.
LESS = 512
#: On cores whose kernels for int8 weights take little, and on those whose kernels take more.
LITTLE = Room(2560, 3072, 64, 4.0)
MORE = Room(2560, 4608, 128, 7.0)
#: Of kernels that compute code by code, whose sums are halves of words, and, where they are wide, words as well.
HALF_SUMS, WIDE_SUMS = Room(0, 2304, 64, 0.0), Room(0, 2560, 32, 0.0)


def few_pixels(op: Conv2D, graph: Graph, room: Room = LITTLE) -> Refusal | None:
    """Why int8 weights take less time."""
    width = graph.type(op.outputs[0]).shape[2]
    blocks = -(-width // PIXELS)
    return (
        Refusal(f"{width} pixels in a row are {blocks} times {PIXELS}")
        if width < room.least * blocks
        else None
    )


def too_narrow(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights, or a dense layer, take less time than the narrow kernel."""
    least = LEAST if not_pointwise(op, graph) else LEAST_1X1
    width = graph.type(op.outputs[0]).shape[2]
    return Refusal(f"fewer than {least} pixels in a row") if width < least else None


def lower(
    op: Conv2D, graph: Graph, room: Room = LITTLE, *, by_line: bool = True, kind: Kind = EIGHTS
) -> Lowering | Refusal:
    """by_line: by lines where there are some; else as a layer that has none, whose kernel both can share."""
    padding = padding_constant(op, graph, graph.type(op.x).shape[3])
    read, write = Argument(0, window_rows(op.window)), Result(RowSegment())
    columns = graph.type(op.x).shape[2]
    return grouped(op, graph) or _lowering(
        op, graph, room, "tc_conv2d_ternary", columns, read, write, padding, by_line=by_line, kind=kind
    )


def lower_1x1(
    op: Conv2D, graph: Graph, room: Room = LITTLE, *, by_line: bool = True, kind: Kind = EIGHTS
) -> Lowering | Refusal:
    """As above."""
    out = graph.type(op.outputs[0]).shape
    pixels = out[1] * out[2]
    read, write = Argument(0, SameUnit()), Result(Units(pixels))
    return not_pointwise(op, graph) or _lowering(
        op, graph, room, "tc_conv2d_1x1_ternary", pixels, read, write, by_line=by_line, kind=kind
    )


def _lowering(
    op: Conv2D,
    graph: Graph,
    room: Room,
    name: str,
    columns: int,
    read: Argument,
    write: Result,
    *padding: Constant,
    by_line: bool,
    kind: Kind,
) -> Lowering | Refusal:
    """columns: of the image, or pixels of a call that takes several rows as one."""
    height, width = graph.type(op.outputs[0]).shape[1:3]
    pace = kind.pace
    if kind.left and width % PIXELS not in kind.left and height > 1:  # one row is streamed by fewer steps
        return Refusal(f"{width} pixels in a row take as long by eights")
    found = dot_products(op, graph, ROWS_FIRST)
    if isinstance(found, Refusal):
        return found
    c, f = found
    if isinstance(packed := trits(c.weights, firsts=True), Refusal):
        return packed
    is_wide = bool(((c.weights != 0).sum(axis=1) > NARROW).any())
    sums = SUMS * (1 + is_wide) // (2 if kind.left and padding and width <= PIXELS // 2 else 1)
    scratch = _scratch(packed, kind, sums, room, is_line=height == 1)
    how = _rounding(c, f, packed, kind, is_wide=is_wide, by_line=by_line)
    if isinstance(how, Refusal):
        return how
    constants = (Constant("weights", "uint8_t", packed.codes), *constants_of(packed, how), *padding)
    params = layer_params(op, graph, columns, packed, how, f, scratch.part, scratch.group, is_wide=is_wide)
    arrays = arrays_of(packed, how, *padding)
    call = Call(
        f"{name}{how.name}{kind.suffix}",
        "ternary",
        (params,),
        (read,),
        arrays,
        (write,),
        scratch=scratch.size,
        macs=pace.time(width) / width if padding else 1.0,  # 1x1: of several rows as one
        pace=pace,
    )
    bits = 8 * (packed.codes.size + packed.rests.size) / c.weights.size
    return Lowering((call,), constants, why=how.why, weight_bits=bits)


def _rounding(
    c: Channels, f: Finish, packed: Trits, kind: Kind, *, is_wide: bool, by_line: bool
) -> Rounding | Refusal:
    base = BASE * (packed.codes.shape[1] + (packed.rest > 0))
    base = base if is_wide else min(base, BASES)
    left, shifts = min(HALF, 32 - (2 * base).bit_length()), None if is_wide or kind.by_code else SHIFTS
    return rounded(c, packed, f, base, left, shifts, by_line=by_line)


def rounded(
    c: Channels,
    packed: Trits,
    f: Finish,
    base: int,
    left: int,
    shifts: tuple[int, ...] | None = None,
    *,
    by_line: bool,
) -> Rounding | Refusal:
    """base: what all sums start from; left: of sums, which then fit 32 bits without a sign; shifts: of all lines."""
    bases = np.full(len(c.start), base)
    line = sum_line(c, packed.magnitudes, f, base=bases, left=left, shifts=shifts, twice=True)
    return rounding(line, c.start - packed.magnitudes * base, packed.magnitudes, f, by_line=by_line)


def constants_of(packed: Trits, how: Rounding) -> tuple[Constant, ...]:
    """Return all but the weights in codes and the padding."""
    rests = (Constant("rests", "uint8_t", packed.rests),) if packed.rest else ()
    return how.channels, *how.magnitudes, *rests


def arrays_of(packed: Trits, how: Rounding, *padding: Constant) -> tuple[Ref | None, ...]:
    """Return what kernels are given, in order."""
    rests = Ref("rests") if packed.rest else None
    return Ref("weights"), Ref("channels"), how.array, rests, *(Ref(constant.name) for constant in padding)


def layer_params(
    op: Conv2D,
    graph: Graph,
    columns: int,
    packed: Trits,
    how: Rounding,
    f: Finish,
    part: int,
    group: int,
    *,
    is_wide: bool = False,
) -> Struct:
    """columns: of the image, or pixels of a call that takes several rows as one."""
    kernel, out = graph.type(op.weights).shape, graph.type(op.outputs[0]).shape
    return Struct(
        "tc_ternary_params",
        (
            ("depth", prod(kernel[1:])),
            ("codes", packed.codes.shape[1]),
            ("rest", packed.rest),
            ("part", part),
            ("group", group),
            ("is_wide", int(is_wide)),
            ("out_c", out[3]),
            ("in_w", columns),
            ("in_c", graph.type(op.x).shape[3]),
            *kernel_fields(op.window),
            ("magnitude", how.magnitude),
            ("zero", how.zero),
            ("left", how.left),
            ("shift", how.shift),
            *f.clamp,
        ),
    )


def _scratch(packed: Trits, kind: Kind, sums: int, room: Room, *, is_line: bool) -> Scratch:
    """sums: bytes of a channel's, where taps are in several parts."""
    if kind.by_code:
        return _scratch_by_code(packed, is_line=is_line, is_wide=sums > SUMS)
    channels, codes = packed.codes.shape
    firsts = _firsts(packed)
    if CODE * codes <= room.whole:
        return Scratch(codes, channels, CODE * codes + firsts)
    group = min(channels, room.channels * SUMS // sums)
    part = _part(codes, room.parts - (LESS if is_line else 0) - sums * group)
    return Scratch(part, group, CODE * part + (sums * group if part < codes else 0) + firsts)


def _scratch_by_code(packed: Trits, *, is_line: bool, is_wide: bool) -> Scratch:
    """Return the same of kernels that keep the sums of all channels of a group."""
    channels, codes = packed.codes.shape
    sums, room = (3 * SUMS, WIDE_SUMS) if is_wide else (SUMS, HALF_SUMS)
    group = min(channels, room.channels)
    part = _part(codes, room.parts - (LESS if is_line else 0) - sums * group)
    return Scratch(part, group, CODE * part + sums * group + _firsts(packed))


def _part(codes: int, most: int) -> int:
    """Return the codes whose taps are in scratch together, in as few parts as `most` bytes allow."""
    return -(-codes // -(-CODE * codes // most))


def _firsts(packed: Trits) -> int:
    """Return the bytes of the first taps that make no code, and of their codes."""
    channels = len(packed.codes)
    return CODE + channels + -channels % 4 if packed.rest else 0
