"""CONV_2D of ternary weights, by Helium kernels for two pixels and five channels at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import BLOCKS, Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.mve import ternary, ternary_times
from tinyc.kernels.mve.ternary_vector import codes
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.sum_line import SumLine, sum_line
from tinyc.kernels.packing.ternary_vector import by_line, twice
from tinyc.kernels.packing.trits import FIVE
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.scalar.conv2d import ternary_products
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import window_rows
from tinyc.ops.conv2d import Conv2D

#: Pixels that are computed together.
PIXELS = 2
#: Bytes of the addresses of so many.
ADDRESSES = 4 * PIXELS
#: Bytes of sums and of unpacked weights at most; with its stack RAM grows by 2.5 kB at most.
MOST = 2048
_PACE = Pace(PIXELS, ((1, 1.2),))


@dataclass(frozen=True, eq=False)
class _Product:
    #: Of the C struct tc_ternary_fives_mve.
    fields: dict[str, Value]
    constants: tuple[Constant, ...]
    weight_bits: float
    #: Whether all channels are in fives.
    is_whole: bool

    @property
    def refs(self) -> tuple[Ref | None, ...]:
        names = [constant.name for constant in self.constants]
        return Ref("weights"), Ref("channels"), Ref("scales") if "scales" in names else None


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    if reason := not_pointwise(op, graph):
        return reason
    found = _pack(op, graph, (0, 1, 2, 3))
    if isinstance(found, Refusal):
        return found
    out = graph.type(op.outputs[0]).shape
    call = Call(
        "tc_conv2d_1x1_ternary_fives_s8_mve",
        "ternary",
        (Struct("tc_ternary_fives_mve", tuple(found.fields.items())),),
        (Argument(0, SameUnit()),),
        found.refs,
        (Result(Units(out[1] * out[2])),),
        scratch=ternary_times.sums_of_fives(op, graph),
        pace=_PACE,
    )
    return Lowering((call,), found.constants, weight_bits=found.weight_bits)


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    if reason := grouped(op, graph):
        return reason
    found = _pack(op, graph, (0, 2, 1, 3))
    if isinstance(found, Refusal):
        return found
    segments = ternary.is_segmented(op, graph)
    if segments and not found.is_whole:
        return Refusal("columns are apart, and channels make no fives")
    block = _block(op, graph)
    if block < PIXELS and not segments and not ternary.is_in_place(op):
        return Refusal(f"fewer than {PIXELS} pixels fit into the scratch memory")

    def by(pixels: int) -> Lowering:
        window = ternary.window_fields(op, graph, pixels)
        params: tuple[tuple[str, Value], ...] = (("product", found.fields), ("columns", window))
        call = Call(
            "tc_conv2d_ternary_fives_s8_mve",
            "ternary",
            (Struct("tc_conv2d_ternary_fives_mve_params", params),),
            (Argument(0, window_rows(op.window)),),
            found.refs,
            (Result(RowSegment()),),
            scratch=_scratch(op, graph, pixels, segments=segments),
            pace=_PACE,
        )
        return Lowering((call,), found.constants, columns=pixels, weight_bits=found.weight_bits)

    return replace(by(block), narrower=tuple(by(n) for n in BLOCKS if PIXELS <= n < block))


def _block(op: Conv2D, graph: Graph) -> int:
    """Return the pixels that are lined up together; 0: all, or none."""
    if ternary.is_segmented(op, graph):
        return 0
    return ternary.block_of(op, graph, ternary_times.sums_of_fives(op, graph))


def _scratch(op: Conv2D, graph: Graph, pixels: int, *, segments: bool) -> int:
    sums = ternary_times.sums_of_fives(op, graph)
    if segments:
        height, width = op.window.kernel
        return sums + ADDRESSES * height * width + graph.type(op.x).shape[3]
    return sums + (ternary.columns(op, graph, pixels) if pixels else 0)


def _pitch(op: Conv2D, graph: Graph) -> int:
    """Return the bytes from a pixel's inputs, where they are in line, to those of the next."""
    rows, columns = op.window.kernel
    return (columns if ternary.is_apart(op) else op.window.stride[1]) * rows * graph.type(op.x).shape[3]


def _pack(op: Conv2D, graph: Graph, order: tuple[int, ...]) -> _Product | Refusal:
    """order: that of the op's weights in a dot product."""
    if ternary_times.sums_of_fives(op, graph) > MOST:
        return Refusal(f"unpacked weights of channels that make no fives take more than {MOST} bytes")
    found = ternary_products(op, graph, order)
    if isinstance(found, Refusal):
        return found
    c, f, packed = found
    outputs, depth = c.weights.shape
    fives, run, weights = codes(np.sign(c.weights), pixels=True)
    once = sum_line(c, packed.magnitudes, f, twice=True)
    if isinstance(once, SumLine):
        values, constants = by_line(once, planes=True)
    else:
        values, constants = twice(c, packed, f, planes=True)
    vector = {"in_n": depth, "out_n": outputs, **values, **dict(f.clamp)}
    fields: dict[str, Value] = {
        "vector": vector,
        "fives": fives,
        "run": run,
        "pitch": _pitch(op, graph),
        "is_once": int(isinstance(once, SumLine)),
    }
    bits = 8 * weights.bytes / c.weights.size
    return _Product(fields, (weights, *constants), bits, FIVE * fives >= outputs)
