"""Ops that only move bytes: PAD, CONCATENATION, STRIDED_SLICE, TRANSPOSE, TILE, blocks of pixels, RESHAPE.

What keeps to its row of an image is moved row by row, the rest by strided walks over the whole input and output.
"""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np

from tinyc.ir import Graph, TensorType
from tinyc.kernels.access import RowSegment, RowWindow, SameUnit, Units, Whole
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.constants import source_of
from tinyc.kernels.resize import nearest_rows
from tinyc.kernels.strided import broadcast_strides, copy_call, dense_strides
from tinyc.numerics.affine import byte_of
from tinyc.ops.channel_shuffle import ChannelShuffle
from tinyc.ops.concat import Concat
from tinyc.ops.copy import Copy
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.expand import Expand
from tinyc.ops.gather import Gather
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.pack import Pack
from tinyc.ops.pad import Pad
from tinyc.ops.reshape import Reshape
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.tile import Tile
from tinyc.ops.transpose import Transpose


def lower_reshape(op: Reshape, graph: Graph) -> Lowering:
    del op, graph
    return Lowering((), why="a view: no bytes move")


def lower_copy(op: Copy, graph: Graph) -> Lowering:
    """Of a constant; what is computed needs no copy."""
    data = graph.tensors[op.x].data
    assert data is not None
    content = Constant("in0", "int8_t", np.ascontiguousarray(data).reshape(-1).view(np.int8))
    size = Struct("tc_bytes_params", (("n", content.bytes),))
    return Lowering(
        (Call("tc_copy_bytes_ref", "copy", (size,), (Argument(Ref("in0"), Whole()),)),),
        (content,),
        why="a constant that is an output",
    )


def lower_transpose(op: Transpose, graph: Graph) -> Lowering:
    strides = dense_strides(graph.type(op.x).shape)
    shape = graph.type(op.outputs[0]).shape
    walked = tuple(strides[axis] for axis in op.perm)
    return Lowering((copy_call(op, shape, walked, dense_strides(shape), 0),))


def lower_expand(op: Expand, graph: Graph) -> Lowering:
    walked = broadcast_strides(graph.type(op.x).shape, op.shape)
    return Lowering((copy_call(op, op.shape, walked, dense_strides(op.shape), 0),))


def lower_mirror_pad(op: MirrorPad, graph: Graph) -> Lowering:
    """Of an image, each row from one of the input; else copies of what lies before, in and behind the input."""
    shape, out = graph.type(op.x).shape, graph.type(op.outputs[0]).shape
    if len(shape) == 4 and shape[0] == 1 and op.pads[0] == op.pads[3] == (0, 0):
        return nearest_rows(op.sources(1, shape[1]), op.sources(2, shape[2]), shape[3])
    strides, to_strides, edge = dense_strides(shape), dense_strides(out), int(op.reflect)
    parts: list[tuple[tuple[int, int, int, int], ...]] = []
    for size, (before, after) in zip(shape, op.pads, strict=True):
        # (elements, step, first of the input, first of the output)
        every = (
            (before, -1, before + edge - 1, 0),
            (size, 1, 0, before),
            (after, -1, size - 1 - edge, before + size),
        )
        parts.append(tuple(p for p in every if p[0]))
    calls = [
        copy_call(
            op,
            tuple(p[0] for p in part),
            tuple(p[1] * s for p, s in zip(part, strides, strict=True)),
            to_strides,
            0,
            in_offset=sum(p[2] * s for p, s in zip(part, strides, strict=True)),
            out_offset=sum(p[3] * s for p, s in zip(part, to_strides, strict=True)),
        )
        for part in product(*parts)
    ]
    return Lowering(tuple(calls))


def lower_tile(op: Tile, graph: Graph) -> Lowering:
    """Each dimension is walked twice: over its repetitions, which stand still in the input, and over its elements."""
    shape = graph.type(op.x).shape
    dims = tuple(size for pair in zip(op.multiples, shape, strict=True) for size in pair)
    walked = tuple(step for stride in dense_strides(shape) for step in (0, stride))
    return Lowering((copy_call(op, dims, walked, dense_strides(dims), 0),))


def lower_depth_to_space(op: DepthToSpace, graph: Graph) -> Lowering:
    height, _, channels = graph.type(op.x).hwc
    params = Struct("tc_depth_to_space_params", (("in_c", channels), ("block", op.block)))
    sources = tuple(y // op.block for y in range(height * op.block))
    call = Call(
        "tc_depth_to_space_s8_ref",
        "copy",
        (params,),
        (Argument(0, RowWindow(1, table=sources, numbered=True)),),
        writes=(Result(RowSegment()),),
    )
    return Lowering((call,), (Constant("first", "int16_t", np.array(sources, np.int16)),))


def lower_space_to_depth(op: SpaceToDepth, graph: Graph) -> Lowering:
    channels = graph.type(op.x).hwc[2]
    params = Struct("tc_space_to_depth_params", (("in_c", channels), ("block", op.block)))
    rows = RowWindow(op.block, op.block)
    symbol = "tc_space_to_depth_s8_ref"
    return Lowering((Call(symbol, "copy", (params,), (Argument(0, rows),), writes=(Result(RowSegment()),)),))


def lower_channel_shuffle(op: ChannelShuffle, graph: Graph) -> Lowering:
    height, width, channels = graph.type(op.x).hwc
    params = Struct("tc_shuffle_params", (("groups", op.groups), ("group_c", channels // op.groups)))
    symbol = "tc_shuffle_s8_ref"
    return Lowering(
        (
            Call(
                symbol, "copy", (params,), (Argument(0, SameUnit()),), writes=(Result(Units(height * width)),)
            ),
        )
    )


def lower_strided_slice(op: StridedSlice, graph: Graph) -> Lowering:
    whole = graph.type(op.x).shape
    cut = [i for i, (size, left) in enumerate(zip(whole, op.sliced_shape, strict=True)) if size != left]
    if len(cut) == 1 and all(step == 1 for step, n in zip(op.strides, op.sliced_shape, strict=True) if n > 1):
        (axis,) = cut
        height = graph.type(op.x).hwc[0]
        if height == 1 or prod(whole[:axis]) % height == 0:
            return _slice_pieces(op, whole, axis)
    if whole[:1] == (1,) and len(whole) in _IMAGE_RANKS and op.shape == op.sliced_shape and op.strides[1] > 0:
        return _slice_rows(op, graph)
    strides = dense_strides(whole)
    shape = op.sliced_shape
    offset = sum(b * s for b, s in zip(op.begin, strides, strict=True))
    walked = tuple(a * b for a, b in zip(strides, op.strides, strict=True))
    return Lowering((copy_call(op, shape, walked, dense_strides(shape), 0, in_offset=offset),))


def _slice_pieces(op: StridedSlice, whole: tuple[int, ...], axis: int) -> Lowering:
    inner = prod(whole[axis + 1 :])
    found = piece_call(
        prod(whole[:axis]),
        op.sliced_shape[axis] * inner,
        0,
        in_pitch=whole[axis] * inner,
        in_offset=op.begin[axis] * inner,
    )
    return Lowering((found,), why=_BY_ROW)


def _slice_rows(op: StridedSlice, graph: Graph) -> Lowering:
    begin, strides, shape = (_as_image(v) for v in (op.begin, op.strides, op.sliced_shape))
    params = Struct(
        "tc_slice_params",
        (
            ("in_c", graph.type(op.x).hwc[2]),
            ("out_c", shape[3]),
            ("first_x", begin[2]),
            ("step_x", strides[2]),
            ("first_c", begin[3]),
            ("step_c", strides[3]),
        ),
    )
    rows = RowWindow(1, stride=strides[1], top=-begin[1])
    return Lowering(
        (Call("tc_slice_s8_ref", "copy", (params,), (Argument(0, rows),), writes=(Result(RowSegment()),)),)
    )


def _as_image(values: tuple[int, ...]) -> tuple[int, ...]:
    """Of [1, H, C], what a slice says of [1, H, 1, C]."""
    return values if len(values) == 4 else (*values[:2], 0, values[2])


def lower_pad(op: Pad, graph: Graph) -> Lowering:
    shape, out = graph.type(op.x).shape, graph.type(op.outputs[0])
    if shape[:1] == (1,) and len(shape) in _IMAGE_RANKS and op.pads[0] == (0, 0):
        return _pad_rows(op, graph)
    strides = dense_strides(out.shape)
    offset = sum(before * s for (before, _), s in zip(op.pads, strides, strict=True))
    fill = Struct("tc_fill_params", (("value", _filling(op, out)), ("n", out.elements)))
    return Lowering(
        (
            Call("tc_fill_s8_ref", "copy", (fill,), ()),
            copy_call(op, shape, dense_strides(shape), strides, 0, out_offset=offset),
        )
    )


def _filling(op: Pad, out: TensorType) -> int | float:
    return float(op.value) if out.dtype == "float32" else byte_of(op.value, out)


def _pad_rows(op: Pad, graph: Graph) -> Lowering:
    _, width, channels = graph.type(op.x).hwc
    pads = op.pads if len(op.pads) == 4 else (*op.pads[:2], (0, 0), op.pads[2])
    params = Struct(
        "tc_pad_params",
        (
            ("in_w", width),
            ("in_c", channels),
            ("left", pads[2][0]),
            ("before", pads[3][0]),
            ("after", pads[3][1]),
            ("value", _filling(op, graph.type(op.outputs[0]))),
        ),
    )
    rows = RowWindow(1, top=pads[1][0])
    return Lowering(
        (Call("tc_pad_s8_ref", "copy", (params,), (Argument(0, rows),), writes=(Result(RowSegment()),)),)
    )


#: [1, H, W, C] and [1, H, C].
_IMAGE_RANKS = (4, 3)
_BY_ROW = "pieces of the same size at even distances"


def lower_concat(op: Concat, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0]).shape
    units, inner = prod(out[: op.axis]), prod(out[op.axis + 1 :])
    calls: list[Call] = []
    constants: list[Constant] = []
    at = 0
    for i, name in enumerate(op.inputs):
        size = graph.type(name).shape[op.axis] * inner
        source, found = source_of(graph, i, name)
        constants += found
        if size:
            calls.append(piece_call(units, size, source, out_pitch=out[op.axis] * inner, out_offset=at))
        at += size
    return Lowering(tuple(calls), tuple(constants), why=_BY_ROW)


def lower_pack(op: Pack, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0]).shape
    units, size = prod(out[: op.axis]), prod(out[op.axis + 1 :])
    sources = [source_of(graph, i, name) for i, name in enumerate(op.inputs)]
    calls = tuple(
        piece_call(units, size, source, out_pitch=size * len(op.inputs), out_offset=size * i)
        for i, (source, _) in enumerate(sources)
    )
    constants = tuple(constant for _, found in sources for constant in found)
    return Lowering(calls, constants, why=_BY_ROW)


def lower_gather(op: Gather, graph: Graph) -> Lowering:
    shape = graph.type(op.x).shape
    size = prod(shape[op.axis + 1 :])
    params = Struct(
        "tc_gather_params",
        (
            ("units", prod(shape[: op.axis])),
            ("in_pitch", shape[op.axis] * size),
            ("count", len(op.indices)),
            ("size", size),
        ),
    )
    call = Call("tc_gather_s8_ref", "copy", (params,), (Argument(0, Whole()),), (Ref("indices"),))
    return Lowering((call,), (Constant("indices", "int32_t", np.array(op.indices, np.int32)),))


def piece_call(
    units: int,
    size: int,
    source: int | Ref,
    *,
    in_pitch: int | None = None,
    in_offset: int = 0,
    out_pitch: int | None = None,
    out_offset: int = 0,
) -> Call:
    """`units` pieces of `size` bytes, pitches and offsets in bytes; where a pitch is None pieces are side by side."""
    params = Struct(
        "tc_pieces_params",
        (
            ("size", size),
            ("in_pitch", in_pitch or size),
            ("in_offset", in_offset),
            ("out_pitch", out_pitch or size),
            ("out_offset", out_offset),
        ),
    )
    return Call(
        "tc_pieces_s8_ref", "copy", (params,), (Argument(source, SameUnit()),), writes=(Result(Units(units)),)
    )
