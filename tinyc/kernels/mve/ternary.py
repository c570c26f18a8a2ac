"""CONV_2D of ternary weights, by Helium kernels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.mve.conv2d import SCRATCH
from tinyc.kernels.mve.matmul import VECTOR
from tinyc.kernels.packing.trits import FIVE, MOST_BITS, balanced, trits
from tinyc.kernels.packing.words import Int64, word_constant
from tinyc.kernels.ref.conv2d import grouped, not_pointwise
from tinyc.kernels.scalar.conv2d import dot_products
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import kernel_fields, window_rows
from tinyc.ops.conv2d import Conv2D

#: Bytes of scratch that the kernel may take above that for int8 weights; with its stack RAM grows by 2.5 kB at most.
MORE = 2400
#: Of these, for unpacked weights where those of several pairs of channels fit; half of that at least.
LINE = 1280
#: Pixels that are computed together.
PIXELS = 4
#: Instructions that ternary weights may take in place of one that int8 weights do, by an estimate somewhat high.
MOST = 1.3
#: Instructions by which the inputs of four pixels are lined up for two channels, about.
GATHERED = 60


def few_pixels(op: Conv2D, graph: Graph) -> Refusal | None:
    """Why int8 weights take much less time."""
    height, columns = op.window.kernel
    steps = -(-height * columns * graph.type(op.x).shape[3] // VECTOR)
    width = graph.type(op.outputs[0]).shape[2]
    # instructions for two channels of a row: unpacking; products, bytes and inputs of four pixels each
    gathered = GATHERED if height * columns > 1 else 0
    ternary = 8 * steps + 50 + -(-width // PIXELS) * (14 * steps + 46 + gathered)
    if ternary > MOST * width / PIXELS * (14 * steps + 45 + gathered):
        return Refusal("too few pixels share unpacked weights")
    return None


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    if reason := not_pointwise(op, graph):
        return reason
    out = graph.type(op.outputs[0]).shape
    pixels = out[1] * out[2]
    found = _product(op, graph, (0, 1, 2, 3), pixels, LINE)
    if isinstance(found, Refusal):
        return found
    fields, constants, line, bits = found
    call = Call(
        "tc_conv2d_1x1_ternary_s8_mve",
        "ternary",
        (Struct("tc_ternary_mve", tuple(fields.items())),),
        (Argument(0, SameUnit()),),
        tuple(Ref(constant.name) for constant in constants),
        (Result(Units(pixels)),),
        scratch=line,
    )
    return Lowering((call,), constants, weight_bits=bits)


def lower(op: Conv2D, graph: Graph) -> Lowering | Refusal:
    x, out, window = graph.type(op.x), graph.type(op.outputs[0]), op.window
    if reason := grouped(op, graph):
        return reason
    if window.dilation[1] != 1:
        return Refusal("kernel columns are apart")
    width = out.shape[2]
    column, stride = window.kernel[0] * x.shape[3], window.stride[1]
    room = MORE + max(SCRATCH, (stride + window.kernel[1]) * column)
    spare = room - ((width - 1) * stride + window.kernel[1]) * column
    found = _product(op, graph, (0, 2, 1, 3), width, min(LINE, max(spare, LINE // 2)))
    if isinstance(found, Refusal):
        return found
    fields, constants, line, bits = found
    fit = ((room - line) // column - window.kernel[1]) // stride + 1
    block = min(fit // PIXELS * PIXELS, width) if fit < width else width
    if block < PIXELS:
        return Refusal(f"fewer than {PIXELS} pixels fit into {room} bytes")
    params: tuple[tuple[str, Value], ...] = (
        ("product", fields),
        ("in_w", x.shape[2]),
        ("in_c", x.shape[3]),
        *kernel_fields(window),
        ("in_zp", x.q.zero_point),
        ("block", block),
    )
    call = Call(
        "tc_conv2d_ternary_s8_mve",
        "ternary",
        (Struct("tc_conv2d_ternary_mve_params", params),),
        (Argument(0, window_rows(window)),),
        tuple(Ref(constant.name) for constant in constants),
        (Result(RowSegment()),),
        scratch=line + ((block - 1) * stride + window.kernel[1]) * column,
    )
    return Lowering((call,), constants, weight_bits=bits)


def _product(
    op: Conv2D, graph: Graph, order: tuple[int, ...], pixels: int, room: int
) -> tuple[dict[str, int], tuple[Constant, ...], int, float] | Refusal:
    """Return the C struct tc_ternary_mve, weights and constants, bytes of unpacked weights, and bits of a weight.

    order: of the weights' dimensions in a dot product; pixels: of a call at most; room: bytes for unpacked weights,
    where those of several pairs of channels fit.
    """
    found = dot_products(op, graph, order)
    if isinstance(found, Refusal):
        return found
    c, f = found
    packed = trits(c.weights)
    if isinstance(packed, Refusal):
        return packed
    outputs, depth = c.weights.shape
    if depth < VECTOR:
        return Refusal(f"fewer than {VECTOR} taps")
    if pixels < PIXELS:
        return Refusal(f"fewer than {PIXELS} pixels")
    least = next(n for n in range(2, 12, 2) if n == 10 or 8 * -(-n * depth // FIVE) <= MOST_BITS * n * depth)
    group = min(max(least, room // depth // least * least), outputs + outputs % 2)
    fields = {
        "depth": depth,
        "group": group,
        "out_c": outputs,
        "is_signed": int(f.is_signed),
        "zero_point": f.zero // 2,
        **dict(f.clamp),
    }
    codes = Constant("weights", "int8_t", _codes(np.sign(c.weights), group))
    last = 256 * packed.magnitudes | (-f.shifts & 0xFF)
    words = np.stack((c.start, f.multipliers, last), axis=1)
    channels = word_constant("channels", np.pad(words, ((0, outputs % 2), (0, 0))))
    line = (FIVE * -(-group * depth // FIVE) + 3) & ~3
    return fields, (codes, channels), line, 8 * codes.bytes / c.weights.size


def _codes(signs: Int64, group: int) -> npt.NDArray[np.int8]:
    """signs: [channels, depth]; returns the order of runtime/include/tinyc/mve/ternary_quads.h."""
    depth = signs.shape[1]
    whole = depth // VECTOR * VECTOR
    pairs = np.pad(signs, ((0, len(signs) % 2), (0, 0))).reshape(-1, 2, depth)
    steps = (
        pairs[:, :, :whole].reshape(len(pairs), 2, -1, VECTOR).transpose(0, 2, 1, 3).reshape(len(pairs), -1)
    )
    lines = np.concatenate((steps, pairs[:, :, whole:].reshape(len(pairs), -1)), axis=1)
    found = []
    for first in range(0, len(lines), group // 2):
        line = lines[first : first + group // 2].reshape(-1)
        found.append(balanced(np.pad(line, (0, -len(line) % FIVE)).reshape(FIVE, -1).T))
    return np.concatenate(found)
