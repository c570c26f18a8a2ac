"""CONV_2D of ternary weights, by portable kernels."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.trits import Trits
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar.ternary_layer import HALF, Operands, by_pixels, by_rows, layer_of
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch for a code and for the sums of an output channel, of 16 bits each.
CODE, SUMS = 80, 16
#: What sums start from for each code, and at most where they fit 16 bits: TC_TRIT_BASE, TC_TRIT_BASES.
BASE, BASES = 640, 32640
#: Weights of a channel that are not 0, above which its sums are wide: they may not fit 16 bits.
NARROW = 255
#: Right shifts of lines where sums are not wide, one for sums that rise steeply.
SHIFTS = (18, 14)
#: Pixels that are computed together.
PIXELS = 8
#: Pixels in a row below which int8 weights take less time than it does, and those of ternary dense layers, which take
#: pointwise convolutions.
LEAST, LEAST_1X1 = 2, 3


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
    return _lowering(op, graph, by_rows(op, graph), room, kind, by_line=by_line)


def lower_1x1(
    op: Conv2D, graph: Graph, room: Room = LITTLE, *, by_line: bool = True, kind: Kind = EIGHTS
) -> Lowering | Refusal:
    """As above."""
    return _lowering(op, graph, by_pixels(op, graph), room, kind, by_line=by_line)


def _lowering(
    op: Conv2D, graph: Graph, operands: Operands | Refusal, room: Room, kind: Kind, *, by_line: bool
) -> Lowering | Refusal:
    if isinstance(operands, Refusal):
        return operands
    height, width = graph.type(op.outputs[0]).shape[1:3]
    if kind.left and width % PIXELS not in kind.left and height > 1:  # one row is streamed by fewer steps
        return Refusal(f"{width} pixels in a row take as long by eights")
    layer = layer_of(op, graph, operands)
    if isinstance(layer, Refusal):
        return layer
    packed = layer.packed
    is_wide = bool(((layer.channels.weights != 0).sum(axis=1) > NARROW).any())
    is_half = kind.left and operands.padding and width <= PIXELS // 2
    sums = SUMS * (1 + is_wide) // (2 if is_half else 1)
    scratch = _scratch(packed, kind, sums, room, is_line=height == 1)
    base = BASE * (packed.codes.shape[1] + (packed.rest > 0))
    base = base if is_wide else min(base, BASES)
    left, shifts = min(HALF, 32 - (2 * base).bit_length()), None if is_wide or kind.by_code else SHIFTS
    how = layer.rounding(base, left, shifts, by_line=by_line)
    if isinstance(how, Refusal):
        return how
    params = layer.params(how, scratch.part, scratch.group, is_wide=is_wide)
    return layer.lowering(kind.suffix, params, packed.codes, how, scratch.size, kind.pace)


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
