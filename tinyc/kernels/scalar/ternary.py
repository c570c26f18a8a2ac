"""CONV_2D of ternary weights, by portable kernels."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.trits import GROWTH, Trits
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar.ternary_layer import HALF, Operands, by_pixels, by_rows, layer_of
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch for a code and for the sums of an output channel, of 16 bits each.
CODE, SUMS = 80, 16
#: What sums start from for each code, and at most where they fit 16 bits: TC_TRIT_BASE, TC_TRIT_BASES.
BASE, BASES = 640, 32640
#: Codes of a part at most, whose sums are then within 16 bits: TC_TRIT_CODES.
CODES_OF_PART = BASES // BASE
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

    #: Channels whose sums are in scratch together, where not all taps are: half as many where sums are wide.
    channels: int
    #: Of eight pixels those that a row must have, on average, for int8 weights not to take less time.
    least: float
    #: Bytes that int8 weights take for a tap: of windows, more where these are lined up as bytes, and of 1x1 kernels.
    tap: int = 1
    lined_up: int = 0
    pointwise: int = 0

    def bytes(self, op: Conv2D, graph: Graph) -> int:
        """Return those within which RAM grows by GROWTH at most."""
        (rows, columns), depth = op.window.kernel, graph.type(op.x).shape[3]
        if not not_pointwise(op, graph):
            return GROWTH - STACK_1X1 + self.pointwise * depth
        tap = self.tap + (self.lined_up if depth % 4 else 0)
        return GROWTH - STACK + tap * rows * columns * depth


@dataclass(frozen=True)
class Scratch:
    """What is in scratch together."""

    #: Codes whose taps are, and channels whose sums are.
    part: int
    group: int
    size: int


#: Bytes of parts that blocks of a sequence, an image of one row, have to themselves.
LESS = 512
#: Bytes of stack beyond those of int8 weights, as built: of kernels over windows, and of 1x1 kernels.
STACK, STACK_1X1 = 264, 364
#: On cores whose kernels for int8 weights take little, and on those whose kernels, of two pixels, take more.
LITTLE = Room(64, 4.0)
MORE = Room(128, 7.0, tap=4, lined_up=2, pointwise=4)
#: Instructions for a code that is lined up, and for a channel of a part, as measured on the Cortex-M3.
LINED_UP, PART = 80, 20
#: Bytes of kernels that compute code by code, and channels whose sums are in scratch together: of sums that are halves
#: of words, and of those that are words as well.
HALF_SUMS, WIDE_SUMS = (2304, 64), (2560, 32)


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
    most = room.bytes(op, graph) - (LESS if height == 1 else 0)
    scratch = _scratch(packed, kind, sums, most, room.channels * SUMS // sums)
    base = BASE * (packed.codes.shape[1] + (packed.rest > 0))
    base = base if is_wide else min(base, BASES)
    left, shifts = min(HALF, 32 - (2 * base).bit_length()), None if is_wide or kind.by_code else SHIFTS
    how = layer.rounding(base, left, shifts, by_line=by_line)
    if isinstance(how, Refusal):
        return how
    params = layer.params(how, scratch.part, scratch.group, is_wide=is_wide)
    return layer.lowering(kind.suffix, params, packed.codes, how, scratch.size, kind.pace)


def _scratch(packed: Trits, kind: Kind, sums: int, most: int, together: int) -> Scratch:
    """Return what takes the least time in `most` bytes.

    sums: bytes of a channel's, where taps are in several parts; together: channels whose sums may be.
    """
    channels, codes = packed.codes.shape
    firsts = _firsts(packed)
    if kind.by_code:
        room, together = WIDE_SUMS if sums > SUMS else HALF_SUMS
        sums = 3 * SUMS if sums > SUMS else SUMS
        group = min(channels, together)
        part = _part(codes, min(room, most - firsts) - sums * group)
        return Scratch(part, group, CODE * part + sums * group + firsts)
    if codes <= CODES_OF_PART and CODE * codes + firsts <= most:
        return Scratch(codes, channels, CODE * codes + firsts)
    found = []
    for groups in range(-(-channels // together), channels + 1):
        group = -(-channels // groups)
        part = _part(codes, most - firsts - sums * group)
        time = groups * codes * LINED_UP + channels * -(-codes // part) * PART
        found.append((time, groups, Scratch(part, group, CODE * part + sums * group + firsts)))
    return min(found, key=lambda option: option[:2])[2]


def _part(codes: int, most: int) -> int:
    """Return the codes whose taps are in scratch together, in as few parts as `most` bytes allow, but one at least."""
    parts = -(-codes // max(min(most // CODE, CODES_OF_PART), 1))
    return -(-codes // parts)


def _firsts(packed: Trits) -> int:
    """Return the bytes of the first taps that make no code, and of their codes."""
    channels = len(packed.codes)
    return CODE + channels + -channels % 4 if packed.rest else 0
