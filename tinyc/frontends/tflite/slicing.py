"""Readers of the .tflite operators that take a part of a tensor."""

from __future__ import annotations

from tinyc.frontends.tflite import shapes
from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator
from tinyc.ir import Array, Op
from tinyc.ops.gather import Gather
from tinyc.ops.strided_slice import StridedSlice


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
    n.tflm_needs(0 not in sizes, f"sizes {list(sizes)}: none may be empty")
    if sizes.count(-1) == 1:
        sizes = tuple(shape[axis] - sum(sizes) - 1 if s == -1 else s for s in sizes)
    n.need(
        min(sizes) >= 0 and sum(sizes) == shape[axis],
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


def gather(n: Node) -> Op | Array:
    """Entries along one axis, or elements of an int32 shape."""
    if n.out.dtype == "int32":
        return shapes.gather(n)
    n.counts((2,))
    rank, axis = len(n.x().shape), n.number(0)
    indices = n.tensor(1)
    n.need(-rank <= axis < rank, f"axis {axis} of {rank} dimensions")
    n.need(n.number(1) == 0, "batch dimensions are not supported")
    n.need(indices.data is not None, "the indices are computed; only constant ones are supported")
    allowed = ("int32",) if n.tflm else ("int32", "int64", "int16")
    n.need(
        indices.type.dtype in allowed, f"indices are {indices.type.dtype}; {' or '.join(allowed)} is needed"
    )
    assert indices.data is not None
    found = tuple(int(i) for i in indices.data.reshape(-1))
    return Gather(n.input_names[:1], n.output_names, n.origin, axis % rank, found, indices.type.shape)


def _parts(
    n: Node, source: str, shape: tuple[int, ...], axis: int, sizes: tuple[int, ...], *, drop: bool = False
) -> tuple[Op, ...]:
    """A slice along `axis` for each output that is not empty. drop: the outputs do without that dimension."""
    ops: list[Op] = []
    for i, size in enumerate(sizes):
        if not size:
            continue
        begin = tuple(sum(sizes[:i]) if d == axis else 0 for d in range(len(shape)))
        sliced = (*shape[:axis], size, *shape[axis + 1 :])
        kept = (*shape[:axis], *shape[axis + 1 :]) if drop else sliced
        outputs = (n.outputs[i].name,)
        ops.append(StridedSlice((source,), outputs, n.origin, begin, (1,) * len(shape), sliced, kept))
    return tuple(ops)


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


#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator(
        "GATHER",
        gather,
        options=("GatherOptions",),
        newest=8,
        supported="any axis, constant indices; of the int32 shapes of a model with an open batch, litert only",
    ),
    Operator(
        "SLICE",
        slice_,
        options=("SliceOptions",),
        newest=8,
        supported="up to 5 dimensions, constant begin and size",
    ),
    Operator("SPLIT", split, options=("SplitOptions",), newest=5, supported="any axis, equal parts"),
    Operator(
        "SPLIT_V",
        split_v,
        options=("SplitVOptions",),
        newest=3,
        supported="any axis, constant sizes; tflm: none left open",
    ),
    Operator(
        "STRIDED_SLICE",
        strided_slice,
        options=("StridedSliceOptions",),
        newest=4,
        supported="up to 5 dimensions, negative strides, all masks but new_axis; tflm: 4, no ellipsis",
    ),
    Operator("UNPACK", unpack, options=("UnpackOptions",), newest=6, supported="any axis"),
)
