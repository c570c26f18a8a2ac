"""FULLY_CONNECTED of ternary weights, and pointwise convolutions of few pixels in a row: what their kernels share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.sum_line import SumLine, sum_line
from tinyc.kernels.packing.trits import Trits, trits
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.kernels.scalar import conv2d
from tinyc.kernels.scalar.matmul import LIMIT
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.fully_connected import FullyConnected

VectorOp = FullyConnected | Conv2D

#: Pixels in a row, above which kernels that compute several together take less.
FEW = 3


@dataclass(frozen=True, eq=False)
class Vector:
    """A layer of ternary weights: what its kernels have in common."""

    channels: Channels
    packed: Trits
    #: At the end of the kernels' names.
    once: str
    #: Fields of the C struct tc_ternary_vector.
    fields: dict[str, int]
    #: `channels` and, where it rounds twice, `scales`.
    constants: tuple[Constant, ...]
    #: Vectors of the input.
    units: int

    def call(self, symbol: str, params: Struct, *arrays: Ref | None, scratch: int = 0) -> Call:
        return Call(
            symbol,
            "ternary",
            (params,),
            (Argument(0, SameUnit()),),
            (Ref("weights"), Ref("channels"), None if self.once else Ref("scales"), *arrays),
            (Result(Units(self.units)),),
            scratch=scratch,
        )

    def lowering(self, call: Call, weights: Constant, *others: Constant) -> Lowering:
        why = "rounds once, proven equal" if self.once else "rounds twice"
        bits = 8 * sum(constant.bytes for constant in (weights, *others)) / self.channels.weights.size
        return Lowering((call,), (weights, *self.constants, *others), why=why, weight_bits=bits)


def vector(op: VectorOp, graph: Graph, *, planes: bool = False) -> Vector | Refusal:
    """planes: numbers of all channels side by side rather than those of a channel, and shifts to the left."""
    found = _pixels(op, graph) if isinstance(op, Conv2D) else dot_products(op, graph, LIMIT)
    if isinstance(found, Refusal):
        return found
    c, f = found
    packed = trits(c.weights)
    if isinstance(packed, Refusal):
        return packed
    outputs, depth = c.weights.shape
    is_once = isinstance(op, FullyConnected) and rounds_once(graph.reference)
    line = sum_line(c, packed.magnitudes, f, twice=not is_once)
    if isinstance(line, SumLine):
        values, constants = by_line(line, planes=planes)
    elif is_once:
        return line
    else:
        values, constants = twice(c, packed, f, planes=planes)
    fields = {"in_n": depth, "out_n": outputs, **values, **dict(f.clamp)}
    units = graph.type(op.x).elements // depth
    return Vector(c, packed, "_once" if isinstance(line, SumLine) else "", fields, constants, units)


def by_line(line: SumLine, *, planes: bool) -> tuple[dict[str, int], tuple[Constant, ...]]:
    channels = np.stack((line.slopes, line.offsets), axis=0 if planes else 1)
    values = {"magnitude": 0, "zero": 0, "left": line.left, "shift": line.shift}
    return values, (word_constant("channels", channels),)


def twice(
    c: Channels, packed: Trits, f: Finish, *, planes: bool
) -> tuple[dict[str, int], tuple[Constant, ...]]:
    magnitude, scales = scales_of(packed, (-1 if planes else 1) * f.shifts)
    channels = np.stack((c.start, f.multipliers), axis=0 if planes else 1)
    values = {"magnitude": magnitude, "zero": f.zero, "left": 0, "shift": 0}
    return values, (word_constant("channels", channels), scales)


def _pixels(op: Conv2D, graph: Graph) -> tuple[Channels, Finish] | Refusal:
    """Return the dot products of a pixel."""
    if reason := not_pointwise(op, graph):
        return reason
    if graph.type(op.outputs[0]).shape[2] > FEW:
        return Refusal(f"more than {FEW} pixels in a row")
    return conv2d.dot_products(op, graph)


def scales_of(packed: Trits, shifts: Int64) -> tuple[int, Constant]:
    """Return what a trit counts where that is the same for all, else 0; and shifts, behind them what each counts."""
    magnitude = packed.magnitude
    arrays = shifts if magnitude else np.concatenate((shifts, packed.magnitudes))
    kind = "int8_t" if (shifts < 0).any() else "uint8_t"
    return magnitude, Constant("scales", kind, (arrays & 0xFF).astype(np.uint8).view(kind.removesuffix("_t")))
