"""Readers of the .tflite operators that only move bytes: padding, reshaping, slicing, joining, resizing."""

from __future__ import annotations

from tinyc.frontends.tflite import shapes
from tinyc.frontends.tflite.node import Node
from tinyc.ir import Array, Op, TensorType
from tinyc.numerics.affine import dequantize
from tinyc.ops.concat import Concat
from tinyc.ops.depth_to_space import DepthToSpace
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
        n.need(
            _is_int8(t) and _is_int8(out), f"the padding value is {t}, the output {out}; both have to be int8"
        )
        n.need(constant.data is not None and t.elements == 1, "the padding value must be one constant")
        same = (t.q.scale, t.q.zero_point) == (out.q.scale, out.q.zero_point)
        n.need(same, "the padding value has another scale or zero point than the output")
        assert constant.data is not None
        value = float(dequantize(constant.data, t).reshape(-1)[0])
    pads = tuple(zip(paddings[::2], paddings[1::2], strict=True))
    n.need(all(0 <= p < 2**24 for p in paddings), f"paddings {list(pads)} are negative or too large")
    return Pad(n.input_names[:1], n.output_names, n.origin, pads, value)


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


def strided_slice(n: Node) -> Op | Array:
    """Masks: bit i is about entry i of begin, end and strides; an ellipsis stands for several dimensions."""
    n.counts((4,))
    if n.out.dtype == "int32":
        shape = n.x().shape
        n.need(len(shape) == 1, f"input has shape {list(shape)}; of int32, only vectors are sliced")
    else:
        shape = n.x().shape
    begin, end, strides = n.integers(1), n.integers(2), n.integers(3)
    n.need(
        len(begin) == len(end) == len(strides) <= 31,
        f"begin, end and strides have {len(begin)}, {len(end)} and {len(strides)} entries",
    )
    begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask = (n.number(i) for i in range(5))
    n.need(not n.flag(5), "end as an offset from begin is not supported")
    n.need(new_axis_mask == 0, "new axes are not supported")
    n.need(ellipsis_mask & (ellipsis_mask - 1) == 0, "more than one ellipsis")
    plain = ellipsis_mask == 0 and len(begin) == len(shape) <= 4
    n.tflm_needs(plain, "at most 4 dimensions, each with its own entry and no ellipsis, are needed")
    n.need(len(shape) <= 5, f"input has {len(shape)} dimensions; at most 5 are supported")
    entries = _entries(n, len(begin), ellipsis_mask, len(shape))
    firsts: list[int] = []
    steps: list[int] = []
    counts: list[int] = []
    kept: list[int] = []
    for size, entry in zip(shape, entries, strict=True):
        if entry is None:
            first, step, count, shrink = 0, 1, size, False
        else:
            bit = 1 << entry
            step, shrink = strides[entry], bool(shrink_mask & bit)
            n.need(step != 0 and abs(step) < 2**31, f"stride {step} of dimension {len(firsts)}")
            n.need(
                not shrink or (step > 0 and (bool(begin_mask & bit) or -size <= begin[entry] < size)),
                f"dimension {len(firsts)} is dropped by shrink_axis_mask, but begins at {begin[entry]} of {size} "
                f"with stride {step}: the interpreters leave such an output unwritten",
            )
            first = _clamped(begin[entry], size, step)
            if begin_mask & bit:
                first = 0 if step > 0 else size - 1
            last = _clamped(end[entry], size, step)
            if end_mask & bit:
                last = size if step > 0 else -1
            count = 1 if shrink else -((first - last) // step)
        n.need(
            count > 0 and 0 <= first < size,
            f"the slice of dimension {len(firsts)} is empty: {count} elements from {first} of {size}",
        )
        firsts.append(first)
        steps.append(step)
        counts.append(count)
        if not shrink:
            kept.append(count)
    if n.out.dtype == "int32":
        return shapes.strided_slice(n, firsts[0], steps[0], counts[0])
    return StridedSlice(
        n.input_names[:1],
        n.output_names,
        n.origin,
        tuple(firsts),
        tuple(steps),
        tuple(counts),
        tuple(kept),
    )


def split(n: Node) -> tuple[Op, ...]:
    """One slice per output."""
    parts = len(n.outputs)
    n.counts((2,), max(parts, 1))
    shape = n.x(1).shape
    axes = n.integers(0)
    rank = len(shape)
    n.need(len(axes) == 1 and -rank <= axes[0] < rank, f"axis {list(axes)} of {rank} dimensions")
    axis = axes[0] % rank
    n.need(n.number(0) == parts, f"{n.number(0)} parts, {parts} outputs")
    n.need(shape[axis] % parts == 0, f"dimension of {shape[axis]} does not divide into {parts} parts")
    return _parts(n, n.tensor(1).name, shape, axis, (shape[axis] // parts,) * parts)


def split_v(n: Node) -> tuple[Op, ...]:
    """Parts of given sizes, one of which may be what is left."""
    parts = len(n.outputs)
    n.counts((3,), max(parts, 1))
    shape = n.x().shape
    sizes, axes = n.integers(1, wide=True), n.integers(2)
    rank = len(shape)
    n.need(len(axes) == 1 and -rank <= axes[0] < rank, f"axis {list(axes)} of {rank} dimensions")
    axis = axes[0] % rank
    n.need(n.number(0) == parts == len(sizes), f"{n.number(0)} parts, {len(sizes)} sizes, {parts} outputs")
    n.tflm_needs(-1 not in sizes, f"sizes {list(sizes)}: none may be left open")
    if sizes.count(-1) == 1:
        sizes = tuple(shape[axis] - sum(sizes) - 1 if s == -1 else s for s in sizes)
    n.need(
        min(sizes) > 0 and sum(sizes) == shape[axis],
        f"sizes {list(sizes)} do not make up a dimension of {shape[axis]}",
    )
    return _parts(n, n.tensor(0).name, shape, axis, sizes)


def unpack(n: Node) -> tuple[Op, ...]:
    """One slice per output, without the dimension."""
    parts = len(n.outputs)
    n.counts((1,), max(parts, 1))
    shape = n.x().shape
    rank, axis = len(shape), n.number(1)
    n.need(-rank <= axis < rank, f"axis {axis} of {rank} dimensions")
    axis %= rank
    n.need(
        n.number(0) == parts == shape[axis], f"{n.number(0)} parts, {parts} outputs of {shape[axis]} elements"
    )
    return _parts(n, n.tensor(0).name, shape, axis, (1,) * parts, drop=True)


def slice_(n: Node) -> Op:
    n.counts((3,))
    shape = n.x().shape
    rank = len(shape)
    n.need(rank <= 5, f"input has {rank} dimensions; at most 5 are supported")
    begin, sizes = n.integers(1, wide=True), n.integers(2, wide=True)
    n.need(
        len(begin) == len(sizes) == rank, f"{len(begin)} begins and {len(sizes)} sizes of {rank} dimensions"
    )
    sizes = tuple(size - first if s == -1 else s for s, first, size in zip(sizes, begin, shape, strict=True))
    inside = all(b >= 0 and s > 0 and b + s <= size for b, s, size in zip(begin, sizes, shape, strict=True))
    n.need(inside, f"{list(sizes)} elements from {list(begin)} are not inside {list(shape)}")
    return StridedSlice(n.input_names[:1], n.output_names, n.origin, begin, (1,) * rank, sizes, sizes)


def _parts(
    n: Node, source: str, shape: tuple[int, ...], axis: int, sizes: tuple[int, ...], *, drop: bool = False
) -> tuple[Op, ...]:
    """A slice along `axis` for each output. drop: the outputs do without that dimension."""
    ops: list[Op] = []
    for i, size in enumerate(sizes):
        begin = tuple(sum(sizes[:i]) if d == axis else 0 for d in range(len(shape)))
        sliced = (*shape[:axis], size, *shape[axis + 1 :])
        kept = (*shape[:axis], *shape[axis + 1 :]) if drop else sliced
        outputs = (n.outputs[i].name,)
        ops.append(StridedSlice((source,), outputs, n.origin, begin, (1,) * len(shape), sliced, kept))
    return tuple(ops)


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


def tile(n: Node) -> Op:
    n.counts((2,))
    rank = len(n.x().shape)
    multiples = n.integers(1, wide=True)
    n.need(rank <= 8, f"input has {rank} dimensions; at most 8 are supported")
    n.need(
        len(multiples) == rank and all(0 < m < 2**24 for m in multiples),
        f"multiples {list(multiples)} of {rank} dimensions",
    )
    return Tile(n.input_names[:1], n.output_names, n.origin, multiples)


def depth_to_space(n: Node) -> Op:
    n.counts((1,))
    return DepthToSpace(n.input_names, n.output_names, n.origin, n.number(0))


def space_to_depth(n: Node) -> Op:
    n.counts((1,))
    return SpaceToDepth(n.input_names, n.output_names, n.origin, n.number(0))


def resize_nearest_neighbor(n: Node) -> Op:
    n.counts((2,))
    size = n.integers(1)
    n.need(len(size) == 2, f"output size is {list(size)}; rows and columns are needed")
    n.need(all(0 < s < 2**16 for s in size), f"output size {list(size)}: each must be in [1, 65535]")
    return ResizeNearest(
        n.input_names[:1], n.output_names, n.origin, (size[0], size[1]), n.flag(0), n.flag(1)
    )


def _is_int8(t: TensorType) -> bool:
    return t.dtype == "int8" and t.quant is not None and not t.q.per_channel


def _entries(n: Node, count: int, ellipsis_mask: int, rank: int) -> list[int | None]:
    """For each dimension the entry of begin, end and strides about it; None: taken whole."""
    found: list[int | None] = []
    for i in range(count):
        if ellipsis_mask >> i & 1:
            found += [None] * (rank - count + 1)
        else:
            found.append(i)
    n.need(len(found) <= rank, f"{count} entries for {rank} dimensions")
    return found + [None] * (rank - len(found))


def _clamped(index: int, size: int, step: int) -> int:
    """An index counted from the end where negative, clamped to where a walk by `step` can start or end."""
    at = index + size if index < 0 else index
    return min(max(at, 0), size) if step > 0 else min(max(at, -1), size - 1)
