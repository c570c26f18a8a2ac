"""DEPTHWISE_CONV_2D of ternary weights, eight pixels at a time: runtime/include/tinyc/scalar/eights.h."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.sum_line import ShortLine, short_line
from tinyc.kernels.packing.trits import GROWTH, Rows, kernel_rows, ternary
from tinyc.kernels.packing.words import byte_words, word_constant
from tinyc.kernels.scalar.depthwise_conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import window_rows
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.window import Window

#: Pixels that are computed together; channels in a word; weights of a code.
PIXELS, FOUR, CODE = 8, 4, 3
#: Bytes of scratch for what comes out, for a column of a kernel row, and for what is known of such a row: two pointers
#: and a number, on the largest machine.
OUT, COLUMN, RUN = 32, 4, 24
#: Bytes of scratch at most: RAM is to grow by 2.5 kB at most.
ROOM = GROWTH - 80


@dataclass(frozen=True)
class Core:
    """The kernels of an instruction set."""

    isa: str
    #: What the kernel for each stride along a row is called.
    names: dict[int, str]
    #: Of eight pixels those that a row must have, on average, for masks, which compute two at once, not to take less.
    least: int
    #: As measured: 3x3 kernels of stride 1.
    pace: Pace
    #: Columns of a kernel at least.
    columns: int = 1
    #: Taps at most, and for each of them what sums start from, and what bytes are more than they are in the tensor.
    taps: int = 256
    start: int = 0
    more: int = 0


RV32 = Core("rv32", {1: "", 2: "_2"}, 2, Pace(PIXELS, ((2, 4.2), (4, 5.4), (6, 6.9))))
#: Its sums are halves of words without a sign.
ARMV6M = Core("armv6m", {1: ""}, 8, Pace(PIXELS), CODE, 128, 255, 128)


@dataclass(frozen=True, eq=False)
class _Packed:
    """What the kernel multiplies and rounds by."""

    weights: int
    rows: Rows
    line: ShortLine
    finish: Finish


def lower(op: DepthwiseConv2D, graph: Graph, core: Core) -> Lowering | Refusal:
    x, window = graph.type(op.x), op.window
    packed = _refusal(op, graph, core) or _packed(op, graph, core)
    if isinstance(packed, Refusal):
        return packed
    rows, taps = window.kernel
    params = Struct(
        "tc_depthwise_eights_params",
        (
            ("out_c", x.shape[3]),
            ("in_w", x.shape[2]),
            ("kernel_h", rows),
            ("pad_left", window.padding[1]),
            ("columns", _columns(window)),
            ("radix", 3 ** min(taps, CODE)),
            ("other_radix", 3 ** (taps - CODE) if taps > CODE else 0),
            ("fraction_rows", packed.rows.rows),
            ("first_rows", packed.rows.first_rows),
            ("first_bytes", packed.rows.first_bytes),
            ("start", core.start * rows * taps),
            ("sided", int(packed.line.below is not None)),
            ("below", packed.line.below or 0),
            *packed.finish.clamp,
        ),
    )
    constants = (
        Constant("weights", "uint8_t", packed.rows.data),
        word_constant("channels", np.stack((packed.line.slopes, packed.line.offsets), axis=1)),
        word_constant("padding", byte_words(np.full(FOUR, x.q.zero_point))),
    )
    call = Call(
        f"tc_depthwise_conv2d_ternary{core.names[window.stride[1]]}_s8_{core.isa}",
        "ternary",
        (params,),
        (Argument(0, window_rows(window)),),
        tuple(Ref(constant.name) for constant in constants),
        (Result(RowSegment()),),
        scratch=_scratch(window),
        pace=core.pace,
    )
    bits = 8 * packed.rows.data.size / packed.weights
    return Lowering((call,), constants, why="lines, proven equal", weight_bits=bits)


def _refusal(op: DepthwiseConv2D, graph: Graph, core: Core) -> Refusal | None:
    """Why the kernels do not have the shape, or take longer than others."""
    window, width = op.window, graph.type(op.outputs[0]).shape[2]
    stride, taps, blocks = window.stride[1], window.kernel[1], -(-width // PIXELS)
    reasons = {
        "more than one output per input channel": op.multiplier != 1,
        f"stride {stride} along a row": stride not in core.names,
        f"{taps} columns in a kernel are more than two codes": taps > 2 * CODE,
        "columns of a kernel do not lie side by side": window.dilation[1] != 1 and taps > 1,
        f"{width} pixels in a row are {blocks} times {PIXELS}": width + width % 2 < core.least * blocks,
        f"{taps} columns in a kernel": taps < core.columns,
        f"more than {core.taps} taps": window.kernel[0] * taps > core.taps,
        "a kernel of too many rows": _scratch(window) > ROOM,
    }
    return next((Refusal(reason) for reason, holds in reasons.items() if holds), None)


def _scratch(window: Window) -> int:
    return OUT + window.kernel[0] * (COLUMN * _columns(window) + RUN)


def _columns(window: Window) -> int:
    """Return how many of a row eight pixels need."""
    return (PIXELS - 1) * window.stride[1] + window.kernel[1]


def _packed(op: DepthwiseConv2D, graph: Graph, core: Core) -> _Packed | Refusal:
    found = dot_products(op, graph, (2, 0, 1))
    if isinstance(found, Refusal):
        return found
    c, f = found
    magnitudes = ternary(c.weights)
    if isinstance(magnitudes, Refusal):
        return magnitudes
    signs = np.sign(c.weights)
    rows = kernel_rows(signs.reshape(-1, op.window.kernel[1]), CODE)
    if isinstance(rows, Refusal):
        return rows
    base = core.start * signs.shape[1] + core.more * signs.sum(axis=1)
    line = short_line(c, magnitudes, f, base, twice=True)
    return line if isinstance(line, Refusal) else _Packed(c.weights.size, rows, line, f)
