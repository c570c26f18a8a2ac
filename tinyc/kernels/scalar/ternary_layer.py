"""CONV_2D of ternary weights without SIMD: what kernels for it share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
from tinyc.ops.window import Window

#: Left shift of sums that are halves of a word.
HALF = 16
#: Of the dimensions of weights.
ROWS_FIRST = (0, 1, 2, 3)


@dataclass(frozen=True)
class Operands:
    """How a kernel goes through a layer."""

    #: What its name begins with.
    name: str
    #: Of the image, or pixels of a call that takes several rows as one.
    columns: int
    read: Argument
    write: Result
    #: What a window sees beside the image; none where there are no windows.
    padding: tuple[Constant, ...] = ()


def by_rows(op: Conv2D, graph: Graph) -> Operands | Refusal:
    """Return those of any kernel of one group."""
    x = graph.type(op.x).shape
    padding = padding_constant(op, graph, x[3])
    read = Argument(0, window_rows(op.window))
    return grouped(op, graph) or Operands("tc_conv2d_ternary", x[2], read, Result(RowSegment()), (padding,))


def by_pixels(op: Conv2D, graph: Graph) -> Operands | Refusal:
    """Return those of a pointwise kernel, for which several rows are one."""
    out = graph.type(op.outputs[0]).shape
    pixels = out[1] * out[2]
    read, write = Argument(0, SameUnit()), Result(Units(pixels))
    return not_pointwise(op, graph) or Operands("tc_conv2d_1x1_ternary", pixels, read, write)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer whose weights are ternary."""

    operands: Operands
    #: The image's and the output's shapes, and the window.
    image: tuple[int, ...]
    out: tuple[int, ...]
    window: Window
    channels: Channels
    finish: Finish
    packed: Trits

    def rounding(
        self, base: int, left: int, shifts: tuple[int, ...] | None = None, *, by_line: bool
    ) -> Rounding | Refusal:
        """Return how its sums become bytes.

        base: what all sums start from; left: of sums, which then fit 32 bits without a sign; shifts: of lines that are
        tried, None for the greatest; by_line: False for layers that have lines and are to be rounded as others are.
        """
        c, magnitudes = self.channels, self.packed.magnitudes
        bases = np.full(len(c.start), base)
        line = sum_line(c, magnitudes, self.finish, base=bases, left=left, shifts=shifts, twice=True)
        return rounding(line, c.start - magnitudes * base, magnitudes, self.finish, by_line=by_line)

    def params(self, how: Rounding, part: int, group: int, *, is_wide: bool = False) -> Struct:
        """Return the C struct, whose comments say what part, group and is_wide are."""
        return Struct(
            "tc_ternary_params",
            (
                ("depth", self.channels.weights.shape[1]),
                ("codes", self.packed.codes.shape[1]),
                ("rest", self.packed.rest),
                ("part", part),
                ("group", group),
                ("is_wide", int(is_wide)),
                ("out_c", self.out[3]),
                ("in_w", self.operands.columns),
                ("in_c", self.image[3]),
                *kernel_fields(self.window),
                ("magnitude", how.magnitude),
                ("zero", how.zero),
                ("left", how.left),
                ("shift", how.shift),
                *self.finish.clamp,
            ),
        )

    def lowering(
        self,
        suffix: str,
        params: Struct,
        codes: npt.NDArray[np.uint8],
        how: Rounding,
        scratch: int,
        pace: Pace,
    ) -> Lowering:
        """suffix: of the kernel's name; codes: in the order in which it reads them."""
        packed, padding, width = self.packed, self.operands.padding, self.out[2]
        rests = (Constant("rests", "uint8_t", packed.rests),) if packed.rest else ()
        arrays = (
            Ref("weights"),
            Ref("channels"),
            how.array,
            Ref("rests") if rests else None,
            *(Ref(constant.name) for constant in padding),
        )
        call = Call(
            f"{self.operands.name}{how.name}{suffix}",
            "ternary",
            (params,),
            (self.operands.read,),
            arrays,
            (self.operands.write,),
            scratch=scratch,
            macs=pace.time(width) / width if padding else 1.0,  # 1x1: of several rows as one
            pace=pace,
        )
        weights = Constant("weights", "uint8_t", codes)
        bits = 8 * (codes.size + packed.rests.size) / self.channels.weights.size
        constants = (weights, how.channels, *how.magnitudes, *rests, *padding)
        return Lowering((call,), constants, why=how.why, weight_bits=bits)


def layer_of(op: Conv2D, graph: Graph, operands: Operands) -> Layer | Refusal:
    found = dot_products(op, graph, ROWS_FIRST)
    if isinstance(found, Refusal):
        return found
    packed = trits(found[0].weights, firsts=True)
    if isinstance(packed, Refusal):
        return packed
    shapes = graph.type(op.x).shape, graph.type(op.outputs[0]).shape
    return Layer(operands, *shapes, op.window, *found, packed)
