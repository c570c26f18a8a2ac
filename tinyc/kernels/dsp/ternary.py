"""CONV_2D of ternary weights, by SIMD kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.dsp.matmul import SCRATCH, round_up
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.dots import padding_constant
from tinyc.kernels.packing.fours import Split, split, stream
from tinyc.kernels.packing.rounding import START
from tinyc.kernels.packing.sum_line import SumLine, sum_line
from tinyc.kernels.packing.trits import FIVE, GROWTH, magnitude_array
from tinyc.kernels.packing.words import word_constant
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.scalar.conv2d import ternary_products
from tinyc.kernels.scalar.ternary_layer import ROWS_FIRST
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch that the kernel may take above that for int8 weights, beside 64 more of stack.
MORE = GROWTH - 64
#: Of these, for the rests of a group of channels where those of some pairs fit.
RESTS = 480
#: Bytes of an unpacked four.
WORD = 4
#: Times of two and three pixels, as measured: 3x3 kernels of 64 channels.
PACE = Pace(4, ((2, 2.9), (3, 3.4)))
#: Instructions of four pixels, as measured: for a pair of channels and two taps, for a pair's bytes, rounded twice and
#: by lines, and for a tap.
TWO_TAPS, BYTES, LINE_BYTES, TAP = 8.0, 108.0, 81.0, 6.0
#: Left shift of sums of lines, which that of a second channel has as it is.
LEFT = 14
#: Weights of a channel other than 0 whose sums, times 2**14, fit 32 bits.
MOST_WEIGHTS = 1023


@dataclass(frozen=True, eq=False)
class _Product:
    """The dot products: fields of the C struct tc_fours_params, and constants."""

    fields: dict[str, int]
    constants: tuple[Constant, ...]
    arrays: tuple[Ref | None, ...]
    #: In the kernels' names.
    line: str
    #: Bytes of scratch for each pixel, and for unpacked rests.
    pixel: int
    rests: int
    bits: float
    pace: Pace

    def lowering(self, call: Callable[[dict[str, int], int], Call], *more: Constant) -> Lowering:
        """call: by fields and scratch."""
        every = []
        for pixels in range(2, self.fields["pixels"] + 1):
            made = call({**self.fields, "pixels": pixels}, self.pixel * pixels + self.rests)
            every.append(Lowering((made,), (*self.constants, *more), columns=pixels, weight_bits=self.bits))
        return replace(every[-1], narrower=tuple(every[:-1]))


def lower_1x1(op: Conv2D, graph: Graph, *, by_line: bool = True) -> Lowering | Refusal:
    """by_line: by lines where there are some; else as a layer that has none, whose kernel both can share."""
    if reason := not_pointwise(op, graph):
        return reason
    product = _product(op, graph, 2, by_line=by_line)
    if isinstance(product, Refusal):
        return product
    out, depth = graph.type(op.outputs[0]).shape, graph.type(op.x).shape[3]

    def call(fields: dict[str, int], scratch: int) -> Call:
        params = Struct("tc_conv2d_1x1_ternary_dsp_params", (("product", fields), ("in_c", depth)))
        return Call(
            f"tc_conv2d_1x1_ternary{product.line}_s8_dsp",
            "ternary",
            (params,),
            (Argument(0, SameUnit()),),
            product.arrays,
            (Result(Units(out[1] * out[2])),),
            scratch=scratch,
            pace=product.pace,
        )

    return product.lowering(call)


def lower(op: Conv2D, graph: Graph, *, by_line: bool = True) -> Lowering | Refusal:
    """by_line: as above."""
    if reason := grouped(op, graph):
        return reason
    x = graph.type(op.x)
    lines = x.shape[3] % 4 != 0
    product = _product(op, graph, 2 + lines, by_line=by_line)
    if isinstance(product, Refusal):
        return product
    padding = padding_constant(op, graph, x.shape[3])
    geometry = (("in_w", x.shape[2]), ("in_c", x.shape[3]), *kernel_fields(op.window), ("lines", int(lines)))

    def call(fields: dict[str, int], scratch: int) -> Call:
        values: tuple[tuple[str, Value], ...] = (("product", fields), *geometry)
        return Call(
            f"tc_conv2d_ternary{product.line}_s8_dsp",
            "ternary",
            (Struct("tc_conv2d_ternary_dsp_params", values),),
            (Argument(0, window_rows(op.window)),),
            (*product.arrays, Ref(padding.name)),
            (Result(RowSegment()),),
            scratch=scratch,
            pace=product.pace,
        )

    return product.lowering(call, padding)


def _product(op: Conv2D, graph: Graph, tap: int, *, by_line: bool) -> _Product | Refusal:
    """tap: bytes of scratch for a tap of a pixel."""
    found = ternary_products(op, graph, ROWS_FIRST)
    if isinstance(found, Refusal):
        return found
    c, f, packed = found
    outputs, taps = c.weights.shape
    if outputs % 2:
        return Refusal("an odd number of channels")
    signs = np.sign(c.weights)
    if np.abs(signs).sum(axis=1).max() > MOST_WEIGHTS:
        return Refusal(f"more than {MOST_WEIGHTS} weights of a channel are not 0")
    line = sum_line(c, packed.magnitudes, f, left=LEFT, twice=True) if by_line else None
    if not isinstance(line, SumLine) and (np.abs(c.start) >= START).any():
        return Refusal("a sum starts beyond 26 bits")
    depth = round_up(taps, 4)
    room = tap * depth * (3 if 6 * depth <= SCRATCH else 2) + MORE
    to, pairs = split(taps), outputs // 2
    pixels = next(n for n in (4, 3, 2) if n == 2 or _rests(to, 10) <= room - n * tap * depth)
    spare = min(room - pixels * tap * depth, RESTS)
    group = group_of(to, pairs, spare)
    codes = Constant("weights", "uint32_t", stream(signs, group))
    array: tuple[Constant, ...] = ()
    refs: tuple[Ref | None, ...] = (Ref("weights"), Ref("channels"))
    if isinstance(line, SumLine):
        channels = np.stack((line.slopes, line.offsets), axis=1)
        infix, values, pair_bytes = "_line", {"magnitude": 1, "zero": line.shift}, LINE_BYTES
    else:
        channels = np.stack((32 * c.start + f.shifts - 1, f.multipliers), axis=1)
        array, array_of_call = magnitude_array(packed.magnitudes)
        refs = (*refs, array_of_call)
        infix, values, pair_bytes = "", {"magnitude": packed.magnitude, "zero": f.zero}, BYTES
    constants = (codes, word_constant("channels", channels), *array)
    fields = {
        "depth": depth,
        "words": to.words,
        "fours": to.fours,
        "lone": to.lone,
        "group": group,
        "out_c": outputs,
        "pixels": pixels,
        **values,
        **dict(f.clamp),
    }
    bits = 8 * codes.bytes / c.weights.size
    four = pairs * (TWO_TAPS * taps / 2 + pair_bytes) + TAP * taps
    pace = replace(PACE, each=four / PACE.together)
    return _Product(fields, constants, refs, infix, tap * depth, _rests(to, group), bits, pace)


def one_pixel(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why a dense layer takes less time."""
    _, height, width, _ = graph.type(op.outputs[0]).shape
    return Refusal("one pixel") if height * width == 1 and not not_pointwise(op, graph) else None


def several_pixels(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why a convolution takes less time than a dense layer."""
    return None if one_pixel(op, graph) else Refusal("several pixels")


def group_of(to: Split, pairs: int, spare: int = RESTS) -> int:
    """Return how many of the pairs have their rests unpacked together, in `spare` bytes."""
    found: int = pairs
    while found > 10 and _rests(to, found) > spare:
        found = (found - 1) // 10 * 10
    return found


def _rests(to: Split, pairs: int) -> int:
    """Return bytes of scratch for the rests of a group of pairs."""
    lone = to.lone * pairs
    return WORD * (lone + round_up(to.fours * pairs + (lone + 1) // 2, FIVE))
