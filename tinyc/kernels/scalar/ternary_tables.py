"""CONV_2D of ternary weights, by tables that channels share: runtime/include/tinyc/scalar/pair_sums.h."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering, Struct
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.trits import FIVE, GROWTH, Trits
from tinyc.kernels.packing.words import Int64
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar import ternary
from tinyc.kernels.scalar.ternary_layer import HALF, Layer, Operands, by_pixels, by_rows, layer_of
from tinyc.kernels.variant import Refusal
from tinyc.ops.conv2d import Conv2D

#: Bytes of a table, of a channel's sums, and of what is known of them beside where they have several parts.
TABLE, SUMS, TOPS = 972, 4, 2
#: Bytes of scratch at most, beside 100 more of stack; how many more where int8 weights need scratch and as much stack,
#: and of that, at least for a pixel's taps.
ROOM, WINDOWS, TAPS = GROWTH - 100, 56, 256
#: What sums can reach where they are of one part, and where of several; what all of these can.
ONE, PART, ALL = (1 << 16) - 1, (1 << 16) - (1 << 12), 1 << 20
#: Pixels that are computed together.
PIXELS = 2


@dataclass(frozen=True)
class Eights:
    """Instructions of the kernels that compute eight pixels, as measured."""

    #: For a code and a channel, for each of its weights that is not 0, and for eight bytes.
    code: float
    weight: float
    bytes: float
    #: How the time of these grows with the pixels.
    pace: Pace

    def instructions(self, signs: Int64, pixels: int) -> float:
        """Return those of a row. signs: [channels, depth] of the weights."""
        channels, depth = signs.shape
        weights = np.count_nonzero(signs) / channels
        each = depth / FIVE * self.code + weights * self.weight + self.bytes
        return float(self.pace.time(pixels) / ternary.PIXELS * channels * each)


@dataclass(frozen=True)
class Core:
    """Instructions on a core, as measured."""

    #: For a table, with the taps that it is of; for a code and a channel; for a pass and a channel; for two bytes.
    table: float
    look_up: float
    sums: float
    both: float
    #: Of kernels that may take less; None where others than these may.
    eights: Eights | None = None
    #: More for two bytes that are rounded twice; for a channel between two parts, and for one whose first taps make no
    #: code; for two pixels. 0: not measured.
    twice: float = 0.0
    between: float = 0.0
    rest: float = 0.0
    pair: float = 0.0


THUMB2_EIGHTS = Eights(6, 5, 84, ternary.EIGHTS.pace)
DSP = Core(375, 3, 0.5, 22, twice=15, between=27, rest=25, pair=300)
THUMB2 = replace(DSP, eights=replace(THUMB2_EIGHTS, pace=ternary.FOURS.pace))
ARMV6M = Core(580, 4, 2.4, 82, Eights(13.5, 8, 227, ternary.SIXES.pace))
RV32 = Core(855, 5, 2.8, 34, Eights(12, 7.5, 74, ternary.CODES.pace))


@dataclass(frozen=True)
class _Layout:
    """How codes are gone through."""

    tables: int
    #: Codes of a part, and what its sums start from.
    part: int
    start: int
    #: Channels whose sums are in scratch together.
    group: int
    scratch: int

    def time(self, core: Core = THUMB2) -> float:
        """Instructions for a code and a channel, of two pixels."""
        return core.table / self.group + core.look_up + core.sums / self.tables

    def instructions(self, packed: Trits, core: Core, *, by_line: bool) -> float:
        """Return those of all channels of two pixels. by_line: how sums become bytes."""
        channels, codes = packed.codes.shape
        has_rest, parts = packed.rest > 0, -(-codes // self.part)
        each = (codes + has_rest) * self.time(core) + core.both + (0.0 if by_line else core.twice)
        each += (parts - 1) * core.between + has_rest * core.rest
        return float(channels * each + core.pair)


def lower(
    op: Conv2D, graph: Graph, core: Core | None = None, *, by_line: bool = True, room: int = 0
) -> Lowering | Refusal:
    """core: whose other kernels may take less time; None where that does not matter.

    by_line: by lines where there are some; else as a layer that has none, whose kernel both can share.
    room: bytes of scratch at most, if not 0.
    """
    return _lowering(op, graph, by_rows(op, graph), core, room, by_line=by_line)


def lower_1x1(
    op: Conv2D, graph: Graph, core: Core | None = None, *, by_line: bool = True, room: int = 0
) -> Lowering | Refusal:
    """As above."""
    return _lowering(op, graph, by_pixels(op, graph), core, room, by_line=by_line)


def _lowering(
    op: Conv2D, graph: Graph, operands: Operands | Refusal, core: Core | None, room: int, *, by_line: bool
) -> Lowering | Refusal:
    layer = operands if isinstance(operands, Refusal) else layer_of(op, graph, operands)
    if isinstance(layer, Refusal):
        return layer
    packed, signs = layer.packed, np.sign(layer.channels.weights)
    room = room or ROOM + (WINDOWS + min(signs.shape[1], TAPS) if not_pointwise(op, graph) else 0)
    layout = min(_layouts(packed, signs, room), key=_Layout.time, default=None)
    if layout is None:
        return Refusal(f"tables and sums take more than {room} bytes")
    parts = -(-packed.codes.shape[1] // layout.part)
    left = min(HALF, 32 - (parts * ONE).bit_length())
    how = layer.rounding(layout.start * parts, left, by_line=by_line)
    if isinstance(how, Refusal):
        return how
    pair = layout.instructions(packed, core, by_line=how.is_line) if core else 0.0
    if core and (refusal := _too_slow(op, graph, layer, layout.group, pair, core.eights)):
        return refusal
    params = Struct(
        "tc_ternary_tables_params",
        (
            ("layer", layer.params(how, layout.part, layout.group).numbers()),
            ("tables", layout.tables),
            ("start", layout.start),
        ),
    )
    codes = _in_passes(packed.codes, layout)
    pace = Pace(PIXELS, each=pair / PIXELS)
    return layer.lowering("_tables_s8_scalar", params, codes, how, layout.scratch, pace)


def _too_slow(
    op: Conv2D, graph: Graph, layer: Layer, group: int, pair: float, eights: Eights | None
) -> Refusal | None:
    """Why dense layers take less time, or kernels that compute eight pixels together.

    pair: instructions of two pixels.
    """
    width = layer.out[2]
    if eights is None:
        return None
    if width == 1 and not not_pointwise(op, graph):
        return Refusal("a dense layer takes less")
    if eights.instructions(np.sign(layer.channels.weights), width) < -(-width // PIXELS) * pair:
        return Refusal(f"tables for {group} channels, of {width} pixels in a row, take more than they save")
    return None


def _layouts(packed: Trits, signs: Int64, room: int) -> list[_Layout]:
    """Return what has room.

    signs: [channels, depth] of the weights; room: bytes.
    """
    channels, codes = packed.codes.shape
    firsts = channels + -channels % 4 if packed.rest else 0
    found = []
    for tables in (1, 2):
        part, start = _part(packed, signs, tables)
        each = SUMS + (TOPS if part < codes else 0)
        most = (room - TABLE * tables - firsts) // each
        if tables <= codes and most > 0 and start * -(-codes // part) < ALL // 2:
            group = -(-channels // -(-channels // most))
            scratch = TABLE * tables + each * group + each * group % 4 + firsts
            found.append(_Layout(tables, part, start, group, scratch))
    return found


def _part(packed: Trits, signs: Int64, tables: int) -> tuple[int, int]:
    """Return how many codes have sums that fit, a multiple of `tables` or all, and what these start from."""
    codes = packed.codes.shape[1]
    for parts in range(1, codes + 1):
        part = -(-codes // parts)
        part += -part % tables if parts > 1 else 0
        bounds = [0, *range(packed.rest + FIVE * part, signs.shape[1], FIVE * part), signs.shape[1]]
        each = [signs[:, first:last] for first, last in pairwise(bounds)]
        plus = np.stack([(some > 0).sum(axis=1) for some in each])
        minus = np.stack([(some < 0).sum(axis=1) for some in each])
        start = int((128 * plus + 127 * minus).max())
        if start + (127 * plus + 128 * minus).max() <= (ONE if parts == 1 else PART):
            break
    return part, start


def _in_passes(codes: npt.NDArray[np.uint8], layout: _Layout) -> npt.NDArray[np.uint8]:
    """codes: [channels, codes]; returns them in the order [groups, parts, passes, channels, codes of a pass]."""
    passes = [
        codes[first : first + layout.group, begin : min(begin + layout.tables, part + layout.part)].reshape(
            -1
        )
        for first in range(0, len(codes), layout.group)
        for part in range(0, codes.shape[1], layout.part)
        for begin in range(part, min(part + layout.part, codes.shape[1]), layout.tables)
    ]
    return np.concatenate(passes)
