"""CONV_2D of ternary weights, by Helium kernels: what those for pairs and for blocks of channels share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import BLOCKS, Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.mve.conv2d import SCRATCH
from tinyc.kernels.mve.matmul import BLOCK, VECTOR
from tinyc.kernels.pace import Pace
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.requant import Finish
from tinyc.kernels.packing.trits import FIVE, GROWTH, balanced
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch that the kernel may take above that for int8 weights; with its stack RAM grows by 2.5 kB at most.
MORE = GROWTH - 256
#: Of these, for unpacked weights, at least.
LEAST = 640
#: Pixels that are computed together at least.
PIXELS = 4
#: Bytes of the addresses of so many pixels.
ADDRESSES = 4 * PIXELS


@dataclass(frozen=True, eq=False)
class Product:
    """Channels as a kernel takes them."""

    #: Of the C struct tc_ternary_mve.
    fields: dict[str, int]
    constants: tuple[Constant, ...]
    #: Bytes of unpacked weights.
    line: int
    weight_bits: float
    pace: Pace


@dataclass(frozen=True)
class Family:
    """The kernels, for pointwise and for other convolutions, that pack channels in the same way."""

    pointwise: str
    windowed: str
    #: Bytes of scratch for unpacked weights at most, where those of several pairs or blocks fit.
    line: int
    #: Whether pixels whose columns are apart are read where they lie.
    in_segments: bool
    #: The op's channels, its weights in that order in a dot product, so many bytes of them unpacked at a time.
    pack: Callable[[Conv2D, Graph, tuple[int, ...], int], Product | Refusal]


def lower_1x1(op: Conv2D, graph: Graph, family: Family) -> Lowering | Refusal:
    if reason := not_pointwise(op, graph):
        return reason
    out = graph.type(op.outputs[0]).shape
    found = family.pack(op, graph, (0, 1, 2, 3), room_of_line(op, graph, family.line))
    if isinstance(found, Refusal):
        return found
    call = Call(
        family.pointwise,
        "ternary",
        (Struct("tc_ternary_mve", tuple(found.fields.items())),),
        (Argument(0, SameUnit()),),
        tuple(Ref(constant.name) for constant in found.constants),
        (Result(Units(out[1] * out[2])),),
        scratch=found.line,
        pace=found.pace,
    )
    return Lowering((call,), found.constants, weight_bits=found.weight_bits)


def lower(op: Conv2D, graph: Graph, family: Family) -> Lowering | Refusal:
    if reason := grouped(op, graph):
        return reason
    segments = family.in_segments and is_segmented(op, graph)
    found = family.pack(op, graph, (0, 2, 1, 3), room_of_line(op, graph, family.line, segments=segments))
    if isinstance(found, Refusal):
        return found
    block = block_of(op, graph, found.line, segments=segments)
    if block < PIXELS and not is_in_place(op):
        return Refusal(f"fewer than {PIXELS} pixels fit into {_room(op, graph)} bytes")

    def by(pixels: int) -> Lowering:
        params: tuple[tuple[str, Value], ...] = (
            ("product", found.fields),
            ("columns", window_fields(op, graph, pixels)),
        )
        call = Call(
            family.windowed,
            "ternary",
            (Struct("tc_conv2d_ternary_mve_params", params),),
            (Argument(0, window_rows(op.window)),),
            tuple(Ref(constant.name) for constant in found.constants),
            (Result(RowSegment()),),
            scratch=found.line + (columns(op, graph, pixels, segments=segments) if pixels else 0),
            pace=found.pace,
        )
        return Lowering((call,), found.constants, columns=pixels, weight_bits=found.weight_bits)

    return replace(by(block), narrower=tuple(by(n) for n in BLOCKS if PIXELS <= n < block))


def window_fields(op: Conv2D, graph: Graph, pixels: int) -> dict[str, Value]:
    """Return the fields of the C struct tc_ternary_window_mve."""
    x = graph.type(op.x)
    fields = (
        ("in_w", x.shape[2]),
        ("in_c", x.shape[3]),
        *kernel_fields(op.window),
        ("in_zp", x.q.zero_point),
        ("block", pixels),
    )
    return dict(fields)


def is_in_place(op: Conv2D) -> bool:
    """Whether the inputs of a pixel lie side by side in a single row, and none is padding."""
    return op.window.kernel[0] == 1 and op.window.padding == (0, 0, 0, 0) and not is_apart(op)


def is_apart(op: Conv2D) -> bool:
    """Whether pixels share no columns, since those of a kernel are apart."""
    return op.window.dilation[1] != 1 and op.window.kernel[1] != 1


def is_segmented(op: Conv2D, graph: Graph) -> bool:
    """Whether the columns of a kernel are apart, and each is whole vectors."""
    return is_apart(op) and graph.type(op.x).shape[3] % VECTOR == 0


def room_of_line(op: Conv2D, graph: Graph, most: int, *, segments: bool = False) -> int:
    """Return the bytes for unpacked weights, of a row's pixels at once where these fit.

    segments: whether these are read where they lie.
    """
    height, width = graph.type(op.outputs[0]).shape[1:3]
    if is_in_place(op):
        depth = op.window.kernel[1] * graph.type(op.x).shape[3]
        return min(most, max(most // 2, 2 * BLOCK * depth)) if height == 1 else most
    spare = _room(op, graph) - columns(op, graph, width, segments=segments)
    return min(most, max(spare, LEAST))


def _room(op: Conv2D, graph: Graph) -> int:
    """Return the bytes of scratch."""
    return MORE + max(SCRATCH, columns(op, graph, 2))


def columns(op: Conv2D, graph: Graph, pixels: int, *, segments: bool = False) -> int:
    """Return the bytes of the columns that pixels side by side read; of segments their addresses, and padding."""
    height, columns = op.window.kernel
    channels = graph.type(op.x).shape[3]
    if segments:
        return ADDRESSES * height * columns * -(-pixels // PIXELS) + channels
    count = pixels * columns if is_apart(op) else (pixels - 1) * op.window.stride[1] + columns
    return count * height * channels


def block_of(op: Conv2D, graph: Graph, line: int, *, segments: bool = False) -> int:
    """Return the pixels that are computed together beside so many bytes of unpacked weights; 0: none, or all."""
    if is_in_place(op):
        return 0
    width, room = graph.type(op.outputs[0]).shape[2], _room(op, graph) - line
    fours = range(width // PIXELS * PIXELS, 0, -PIXELS)
    return next((n for n in (width, *fours) if columns(op, graph, n, segments=segments) <= room), 0)


def packed(
    c: Channels, f: Finish, group: int, together: int, channels: Int64, pace: Pace, more: int = 0
) -> Product:
    """group: channels whose weights are unpacked together; together: those side by side; channels: constants, in words;
    more: bytes of scratch behind the unpacked weights.
    """
    codes = Constant("weights", "int8_t", _codes(np.sign(c.weights), group, together))
    outputs, depth = c.weights.shape
    fields = {
        "depth": depth,
        "group": group,
        "out_c": outputs,
        "is_signed": int(f.is_signed),
        "zero_point": f.zero // 2,
        **dict(f.clamp),
    }
    line = (FIVE * -(-group * depth // FIVE) + 3) & ~3
    constants = (codes, word_constant("channels", channels))
    return Product(fields, constants, line + more, 8 * codes.bytes / c.weights.size, pace)


def _codes(signs: Int64, group: int, together: int) -> npt.NDArray[np.int8]:
    """signs: [channels, depth]; group: channels whose weights are unpacked together; together: those side by side.

    Returns the order of runtime/include/tinyc/mve/ternary_quads.h and ternary_blocks.h.
    """
    depth = signs.shape[1]
    whole = depth // VECTOR * VECTOR
    each = np.pad(signs, ((0, -len(signs) % together), (0, 0))).reshape(-1, together, depth)
    steps = each[:, :, :whole].reshape(len(each), together, -1, VECTOR).transpose(0, 2, 1, 3)
    rest = each[:, :, whole:]
    lines = np.concatenate((steps.reshape(len(each), -1), rest.reshape(len(each), -1)), axis=1)
    found = []
    for first in range(0, len(lines), group // together):
        line = lines[first : first + group // together].reshape(-1)
        found.append(balanced(np.pad(line, (0, -len(line) % FIVE)).reshape(FIVE, -1).T))
    return np.concatenate(found)
