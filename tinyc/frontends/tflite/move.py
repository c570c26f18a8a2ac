"""Readers of the .tflite operators that only move bytes: padding, reshaping, joining, resizing."""

from __future__ import annotations

import numpy as np

from tinyc.frontends.tflite import shapes
from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator, plain
from tinyc.ir import DTYPES, Array, Op, TensorType
from tinyc.numerics.affine import dequantize
from tinyc.ops.concat import Concat
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.expand import Expand
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.pack import Pack
from tinyc.ops.pad import Pad
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.tile import Tile
from tinyc.ops.transpose import Transpose


def pad(n: Node) -> Op:
    n.counts((2, 3))
    x, out = n.x(), n.out
    n.need(len(x.shape) <= 5, f"input has {len(x.shape)} dimensions; at most 5 are supported")
    paddings = n.integers(1, wide=True)
    n.need(
        n.x(1).shape == (len(x.shape), 2),
        f"paddings have shape {list(n.x(1).shape)}; [{len(x.shape)}, 2] is needed",
    )
    value = 0.0
    if len(n.inputs) == 3:
        constant = n.tensor(2)
        t = n.x(2)
        is_float = t.dtype == out.dtype == "float32"
        n.need(
            is_float or (_is_int8(t) and _is_int8(out)),
            f"the padding value is {t}, the output {out}; both have to be int8, or float32",
        )
        n.need(constant.data is not None and t.elements == 1, "the padding value must be one constant")
        same = is_float or (t.q.scale, t.q.zero_point) == (out.q.scale, out.q.zero_point)
        n.need(same, "the padding value has another scale or zero point than the output")
        assert constant.data is not None
        real = constant.data if is_float else dequantize(constant.data, t)
        value = float(real.reshape(-1)[0])
    pads = tuple(zip(paddings[::2], paddings[1::2], strict=True))
    n.need(all(0 <= p < 2**24 for p in paddings), f"paddings {list(pads)} are negative or too large")
    return Pad(n.input_names[:1], n.output_names, n.origin, pads, value)


def mirror_pad(n: Node) -> Op:
    n.counts((2,))
    paddings = n.integers(1, wide=True)
    rank = len(n.x().shape)
    n.need(n.x(1).shape == (rank, 2), f"paddings have shape {list(n.x(1).shape)}; [{rank}, 2] is needed")
    pads = tuple(zip(paddings[::2], paddings[1::2], strict=True))
    n.need(all(p >= 0 for p in paddings), f"paddings {list(pads)} are negative")
    mode = n.has_options().integer(0, "b")
    n.need(mode in (0, 1), f"mode is {mode}; REFLECT or SYMMETRIC is needed")
    return MirrorPad(n.input_names[:1], n.output_names, n.origin, pads, mode == 0)


def broadcast_to(n: Node) -> Op:
    n.counts((2,))
    return Expand(n.input_names[:1], n.output_names, n.origin, _new_shape(n, 1))


def fill(n: Node) -> Op:
    n.counts((2,))
    n.need(n.x(1).shape == (), f"the value has shape {list(n.x(1).shape)}; one number is needed")
    n.need(n.x(1).quant == n.out.quant, f"output is {n.out}, the value {n.x(1)}; they must be alike")
    return Expand(n.input_names[1:], n.output_names, n.origin, _new_shape(n, 0))


def _new_shape(n: Node, index: int) -> tuple[int, ...]:
    shape = n.integers(index, wide=True)
    n.need(len(shape) <= 8 and all(0 < s < 2**31 for s in shape), f"shape is {list(shape)}")
    return shape


def zeros_like(n: Node) -> Array:
    """Numbers 0 whatever the zero point is."""
    n.counts((1,))
    x, out = n.x(), n.out
    n.litert_needs(x.dtype != "int8", "ZEROS_LIKE of int8 does not exist")
    n.need(
        x.dtype == out.dtype in ("float32", "int8"), f"{x.dtype} to {out.dtype}; float32 or int8 is needed"
    )
    n.need(x.shape == out.shape, f"output is declared as {list(out.shape)}, the input is {list(x.shape)}")
    return np.zeros(x.shape, DTYPES[x.dtype])


def reverse(n: Node) -> Op:
    """A slice with a stride of -1."""
    n.counts((2,))
    shape, axes = n.x().shape, n.integers(1)
    rank = len(shape)
    n.need(all(-rank <= a < rank for a in axes), f"axes {list(axes)} of {rank} dimensions")
    turned = sorted({a % rank for a in axes})
    together = turned == list(range(turned[0], turned[0] + len(turned))) if turned else False
    n.need(together, f"axes {list(axes)} are not next to each other")
    begin = tuple(size - 1 if i in turned else 0 for i, size in enumerate(shape))
    strides = tuple(-1 if i in turned else 1 for i in range(rank))
    return StridedSlice(n.input_names[:1], n.output_names, n.origin, begin, strides, shape, shape)


def reshape(n: Node) -> Op:
    """The shape is that of the second input, or of the options where that is no vector."""
    n.counts((1, 2))
    if len(n.inputs) == 2 and n.inputs[1] is not None and len(n.x(1).shape) == 1:
        wanted = n.integers(1)
    else:
        wanted = n.options.integers(0) if n.options else n.out.shape
        wanted = () if wanted == (0,) else wanted
    n.need(wanted.count(-1) <= 1 and min(wanted, default=0) >= -1, f"shape is {list(wanted)}")
    n.need(len(wanted) <= 8, f"shape has {len(wanted)} dimensions; at most 8 are supported")
    if -1 in wanted:
        known = 1
        for size in wanted:
            known *= abs(size)
        n.need(
            known > 0 and n.x().elements % known == 0,
            f"{n.x().elements} elements do not fill shape {list(wanted)}",
        )
        wanted = tuple(n.x().elements // known if size == -1 else size for size in wanted)
    return Reshape(n.input_names[:1], n.output_names, n.origin, wanted)


def expand_dims(n: Node) -> Op:
    n.counts((2,))
    shape = n.x().shape
    axes = n.integers(1, wide=True)
    rank = len(shape) + 1
    n.need(rank <= 8, f"output has {rank} dimensions; at most 8 are supported")
    n.need(len(axes) == 1 and -rank <= axes[0] < rank, f"axis {list(axes)} of {rank} dimensions")
    at = axes[0] % rank
    return Reshape(n.input_names[:1], n.output_names, n.origin, (*shape[:at], 1, *shape[at:]))


def squeeze(n: Node) -> Op:
    n.counts((1,))
    shape = n.x().shape
    rank = len(shape)
    n.need(rank <= 8, f"input has {rank} dimensions; at most 8 are supported")
    dims = n.options.integers(0) if n.options else ()
    n.need(
        all(-rank <= d < rank and shape[d] == 1 for d in dims),
        f"dimensions {list(dims)} of {list(shape)} are not all 1",
    )
    gone = {d % rank for d in dims} if dims else {i for i, size in enumerate(shape) if size == 1}
    return Reshape(
        n.input_names, n.output_names, n.origin, tuple(s for i, s in enumerate(shape) if i not in gone)
    )


def concatenation(n: Node) -> Op | Array:
    if n.out.dtype == "int32":
        return shapes.concatenation(n)
    n.counts((len(n.inputs) or 1,))
    n.need(n.options is None or n.options.integer(1, "b") == 0, "a fused activation is not supported")
    rank = len(n.x().shape)
    axis = n.number(0)
    n.need(-rank <= axis < rank, f"axis {axis} of {rank} dimensions")
    return Concat(n.input_names, n.output_names, n.origin, axis % rank)


def pack(n: Node) -> Op | Array:
    """Tensors along a new dimension, or int32 numbers as a vector."""
    if n.out.dtype == "int32":
        return shapes.pack(n)
    n.counts((len(n.inputs) or 1,))
    rank = len(n.x().shape) + 1
    n.need(n.number(0) == len(n.inputs), f"{n.number(0)} values, {len(n.inputs)} inputs")
    n.need(-rank <= n.number(1) < rank, f"axis {n.number(1)} of {rank} dimensions")
    return Pack(n.input_names, n.output_names, n.origin, n.number(1) % rank)


def transpose(n: Node) -> Op:
    n.counts((2,))
    x = n.x()
    rank = len(x.shape)
    perm = n.integers(1, wide=True)
    n.tflm_needs(
        rank <= 5 and min(perm, default=0) >= 0, "at most 5 dimensions and no negative one are allowed"
    )
    n.need(rank <= 8, f"input has {rank} dimensions; at most 8 are supported")
    n.need(all(-rank <= p < rank for p in perm), f"{list(perm)} is no permutation of {rank} dimensions")
    return Transpose(n.input_names[:1], n.output_names, n.origin, tuple(p % rank for p in perm))


def resize_nearest_neighbor(n: Node) -> Op:
    n.counts((2,))
    size = n.integers(1)
    n.need(len(size) == 2, f"output size is {list(size)}; rows and columns are needed")
    n.need(all(0 < s < 2**16 for s in size), f"output size {list(size)}: each must be in [1, 65535]")
    return ResizeNearest(
        n.input_names[:1], n.output_names, n.origin, (size[0], size[1]), n.flag(0), n.flag(1)
    )


def _number(n: Node) -> int:
    """The first of the options: the side of a block."""
    return n.number(0)


def _multiples(n: Node) -> tuple[int, ...]:
    rank = len(n.x().shape)
    multiples = n.integers(1, wide=True)
    n.need(rank <= 8, f"input has {rank} dimensions; at most 8 are supported")
    n.need(
        len(multiples) == rank and all(0 < m < 2**24 for m in multiples),
        f"multiples {list(multiples)} of {rank} dimensions",
    )
    return multiples


def _is_int8(t: TensorType) -> bool:
    return t.dtype == "int8" and t.quant is not None and not t.q.per_channel


#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator(
        "BROADCAST_TO",
        broadcast_to,
        options=("BroadcastToOptions",),
        newest=3,
        supported="a constant shape",
    ),
    Operator(
        "CONCATENATION",
        concatenation,
        options=("ConcatenationOptions",),
        newest=7,
        supported="any axis; inputs in the output's scale and zero point; tflm: at most 10 inputs",
    ),
    Operator(
        "DEPTH_TO_SPACE",
        plain(DepthToSpace, 1, _number),
        options=("DepthToSpaceOptions",),
        supported="any block",
    ),
    Operator("EXPAND_DIMS", expand_dims, options=("ExpandDimsOptions",), supported="a constant axis"),
    Operator(
        "FILL",
        fill,
        options=("FillOptions",),
        newest=3,
        supported="constant dimensions; the value constant or computed",
    ),
    Operator(
        "MIRROR_PAD",
        mirror_pad,
        options=("MirrorPadOptions",),
        newest=3,
        supported="REFLECT or SYMMETRIC, any dimensions, constant paddings that the input can mirror",
    ),
    Operator(
        "PACK",
        pack,
        options=("PackOptions",),
        newest=5,
        supported="any axis; inputs in the output's scale and zero point",
    ),
    Operator(
        "PAD", pad, options=("PadOptions",), newest=6, supported="up to 5 dimensions, constant paddings"
    ),
    Operator(
        "PADV2",
        pad,
        options=("PadV2Options", "PadOptions"),
        newest=6,
        supported="as PAD, with a constant value",
    ),
    Operator("RESHAPE", reshape, options=("ReshapeOptions",), supported="a constant shape"),
    Operator(
        "RESIZE_NEAREST_NEIGHBOR",
        resize_nearest_neighbor,
        options=("ResizeNearestNeighborOptions",),
        newest=4,
        supported="any size, align_corners, half_pixel_centers",
    ),
    Operator(
        "REVERSE_V2",
        reverse,
        options=("ReverseV2Options",),
        newest=3,
        supported="constant axes that are next to each other",
    ),
    Operator(
        "SPACE_TO_DEPTH",
        plain(SpaceToDepth, 1, _number),
        options=("SpaceToDepthOptions",),
        newest=2,
        supported="any block",
    ),
    Operator("SQUEEZE", squeeze, options=("SqueezeOptions",), supported="any dimensions of 1"),
    Operator("TILE", plain(Tile, 2, _multiples), newest=3, supported="any constant multiples; litert only"),
    Operator(
        "TRANSPOSE",
        transpose,
        options=("TransposeOptions",),
        newest=8,
        supported="up to 8 dimensions (tflm: 5), any permutation",
    ),
    Operator(
        "ZEROS_LIKE",
        zeros_like,
        options=("ZerosLikeOptions",),
        supported="of float32; of int8: bytes 0, arithmetic of tflm always; a constant then",
    ),
)
