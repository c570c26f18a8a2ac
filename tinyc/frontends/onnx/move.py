"""Readers of ONNX operators that move elements: views, joining, cutting, padding, resizing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from tinyc.frontends.onnx.compose import gathered, joined_along, reshaped, turned
from tinyc.frontends.onnx.values import Input, Known, Lazy, Node, Value, channels_last
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.pad import Pad
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.strided_slice import StridedSlice

_IMAGE = 4
_FAR = 2**31 - 1
#: Modes of Pad by which borders are the image's own elements.
_REPEATS = ("edge", "reflect", "wrap")


def identity(n: Node) -> list[Lazy | Known]:
    return [n.lazy()]


def dropout(n: Node) -> list[Lazy | Known]:
    """Nothing, unless it is in training mode and its ratio may be above 0."""
    ratio, training = (n.optional(index) for index in (1, 2))
    is_random = training is not None and not (isinstance(training, Known) and not training.data.any())
    drops = ratio is None or not (isinstance(ratio, Known) and not ratio.data.any())
    n.need(
        not (is_random and drops),
        "it is in training mode, where answers are random; export with model.eval()",
    )
    return [n.lazy()]


def transpose(n: Node) -> list[Lazy | Known]:
    """Nothing moves: the value's dimensions have other numbers."""
    return [turned(n, n.lazy(), tuple(n.attributes.get("perm", range(n.rank())[::-1])))]


def reshape(n: Node) -> list[Lazy | Known]:
    wanted = [int(s) for s in n.known(1, "the shape").reshape(-1)]
    shape = n.draft.shape(n.lazy())
    if not n.attributes.get("allowzero", 0):
        wanted = [shape[i] if size == 0 else size for i, size in enumerate(wanted)]
    if -1 in wanted:
        known = prod(s for s in wanted if s != -1)
        n.need(known > 0 and prod(shape) % known == 0, f"{list(shape)} does not fill {wanted}")
        wanted = [prod(shape) // known if s == -1 else s for s in wanted]
    return [_viewed(n, tuple(wanted))]


def flatten(n: Node) -> list[Lazy | Known]:
    shape = n.draft.shape(n.lazy())
    axis = int(n.attributes.get("axis", 1))
    axis = axis + len(shape) if axis < 0 else axis
    return [_viewed(n, (prod(shape[:axis]), prod(shape[axis:])))]


def squeeze(n: Node) -> list[Lazy | Known]:
    shape = n.draft.shape(n.lazy())
    given = _axes(n)
    axes = {n.axis(a, len(shape)) for a in given} if given else {i for i, s in enumerate(shape) if s == 1}
    n.need(all(shape[a] == 1 for a in axes), f"dimensions {sorted(axes)} of {list(shape)} are not all 1")
    return [_viewed(n, tuple(s for i, s in enumerate(shape) if i not in axes))]


def unsqueeze(n: Node) -> list[Lazy | Known]:
    shape = list(n.draft.shape(n.lazy()))
    given = _axes(n)
    rank = len(shape) + len(given)
    for axis in sorted(n.axis(a, rank) for a in given):
        shape.insert(axis, 1)
    return [_viewed(n, tuple(shape))]


def _axes(n: Node) -> list[int]:
    if n.optional(1) is not None:
        return [int(a) for a in n.known(1, "the axes").reshape(-1)]
    return [int(a) for a in n.attributes.get("axes", ())]


def _viewed(n: Node, shape: tuple[int, ...]) -> Lazy | Known:
    """Return the elements, in the order of ONNX, under another shape; nothing moves yet."""
    x = n.lazy()
    old = n.draft.shape(x)
    fills = isinstance(x, Known) or prod(old) == prod(shape)
    n.need(fills, f"{list(old)} does not fill {list(shape)}")
    return reshaped(n, x, shape)


def concat(n: Node) -> list[Input]:
    axis = n.axis(int(n.attributes["axis"]), n.rank())
    every = [n.input(i) for i in range(len(n.inputs))]
    if all(isinstance(v, Known) for v in every):
        return [Known(np.concatenate([v.data for v in every if isinstance(v, Known)], axis))]
    return [joined_along(n, every, axis)]


def split(n: Node) -> list[Input]:
    x = n.value()
    shape = n.draft.shape(x)
    axis = n.axis(int(n.attributes.get("axis", 0)), len(shape))
    if n.optional(1) is not None:
        sizes = [int(s) for s in n.known(1, "the sizes").reshape(-1)]
    elif "split" in n.attributes:
        sizes = [int(s) for s in n.attributes["split"]]
    else:
        count = int(n.attributes.get("num_outputs", len(n.outputs)))
        each = -(-shape[axis] // count)
        sizes = [min(each, shape[axis] - i * each) for i in range(count)]
    n.need(sum(sizes) == shape[axis], f"sizes {sizes} of a dimension of {shape[axis]}")
    made: list[Input] = []
    begin = 0
    for i, size in enumerate(sizes):
        made.append(cut(n, x, {axis: (begin, 1, size)}, n.outputs[i] if i < len(n.outputs) else "part"))
        begin += size
    return made


def slice_(n: Node) -> list[Input]:
    x = n.value()
    shape = n.draft.shape(x)
    starts, ends = ([int(v) for v in n.known(i, "the slice").reshape(-1)] for i in (1, 2))
    axes = range(len(starts)) if n.optional(3) is None else n.known(3, "the axes").reshape(-1).tolist()
    steps = [1] * len(starts) if n.optional(4) is None else n.known(4, "the steps").reshape(-1).tolist()
    cuts = {}
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        at = n.axis(int(axis), len(shape))
        inside = range(shape[at])[slice(start, None if step < 0 and end <= -_FAR else end, int(step))]
        n.need(len(inside) > 0, f"the slice of dimension {at} is empty")
        cuts[at] = (inside[0], int(step), len(inside))
    return [cut(n, x, cuts, n.outputs[0])]


def cut(n: Node, x: Value, cuts: dict[int, tuple[int, int, int]], name: str) -> Value:
    """Return a part of x. cuts: (first, step, count) by dimension of ONNX."""
    stored = n.draft.stored(x)
    each = [cuts.get(d, (0, 1, size)) for d, size in zip(x.perm, stored, strict=True)]
    begin, steps, counts = (tuple(part) for part in zip(*each, strict=True))
    if counts == stored and set(steps) == {1}:
        return x
    out = n.draft.tensor(name, counts)
    n.draft.ops.append(StridedSlice((x.name,), (out,), n.origin, begin, steps, counts, counts))
    return Value(out, x.perm)


def gather(n: Node) -> Sequence[Lazy | Known]:
    indices = n.known(1, "the indices").astype(np.int64)
    x = n.lazy(0)
    axis = n.axis(int(n.attributes.get("axis", 0)), n.rank())
    if isinstance(x, Known):
        return [Known(np.take(x.data, indices, axis))]
    shape = n.draft.shape(x)
    size = shape[axis]
    n.need(bool(np.all((-size <= indices) & (indices < size))), f"the indices leave a dimension of {size}")
    wanted = (*shape[:axis], *indices.shape, *shape[axis + 1 :])
    found = tuple(int(i) % size for i in indices.reshape(-1))
    n.need(bool(found), "there are no indices")
    step = found[1] - found[0] if len(found) > 1 else 1
    if step and found == tuple(range(found[0], found[0] + step * len(found), step)):
        part = cut(n, n.value(), {axis: (found[0], step, len(found))}, f"{n.outputs[0]}_cut")
        return [_seen_as(n, part, wanted)]
    return [_seen_as(n, gathered(n, x, axis, found), wanted)]


def _seen_as(n: Node, x: Lazy, shape: tuple[int, ...]) -> Lazy:
    """Return a value under another shape, which has to be a view of it."""
    if n.draft.shape(x) == shape:
        return x
    view = n.draft.view(x).reshaped(shape)
    n.need(view is not None, f"{list(n.draft.shape(x))} is no view of {list(shape)}")
    assert view is not None
    return view


def pad(n: Node) -> list[Lazy | Known]:
    mode = n.text("mode", "constant")
    n.need(
        mode in ("constant", *_REPEATS), f"mode {mode} is not supported; constant, {', '.join(_REPEATS)} are"
    )
    x = n.value()
    rank = len(x.perm)
    given = n.attributes.get("pads")
    pads = [int(p) for p in (given if given is not None else n.known(1, "the paddings").reshape(-1))]
    axes = range(rank) if n.optional(3) is None else [n.axis(int(a), rank) for a in n.known(3, "the axes")]
    half = len(pads) // 2
    around = {int(a): (pads[i], pads[i + half]) for i, a in enumerate(axes)}
    value = float(n.attributes.get("value", 0.0))
    if n.optional(2) is not None:
        value = float(n.known(2, "the value").reshape(-1)[0])
    shape = n.draft.shape(x)
    kept = {
        a: (max(-low, 0), 1, shape[a] - max(-low, 0) - max(-high, 0)) for a, (low, high) in around.items()
    }
    n.need(all(count > 0 for _, _, count in kept.values()), "nothing is left of a dimension")
    x = cut(n, x, kept, f"{n.outputs[0]}_cut")
    stored = tuple((max(low, 0), max(high, 0)) for low, high in (around.get(d, (0, 0)) for d in x.perm))
    if not any(map(any, stored)):
        return [x]
    sizes = n.draft.stored(x)
    if mode == "wrap" or (mode == "edge" and max(map(max, stored)) > 1):
        return [_repeated(n, x, {d: p for d, p in zip(x.perm, stored, strict=True) if any(p)}, mode)]
    out = n.draft.tensor(n.outputs[0], [s + a + b for s, (a, b) in zip(sizes, stored, strict=True)])
    if mode == "edge":  # a border of one element that mirrors with the edge is the edge
        n.draft.ops.append(MirrorPad((x.name,), (out,), n.origin, stored, reflect=False))
    elif mode == "reflect":
        n.need(
            all(max(p) < s for s, p in zip(sizes, stored, strict=True)),
            "a border is wider than what it mirrors",
        )
        n.draft.ops.append(MirrorPad((x.name,), (out,), n.origin, stored, reflect=True))
    else:
        n.draft.ops.append(Pad((x.name,), (out,), n.origin, stored, value))
    return [Value(out, x.perm)]


def _repeated(n: Node, x: Lazy, around: dict[int, tuple[int, int]], mode: str) -> Lazy:
    """Return x with borders that repeat its edge, or its other end. around: by dimension of ONNX."""
    for axis, (before, after) in around.items():
        size = n.draft.shape(x)[axis]
        places = range(-before, size + after)
        x = gathered(
            n, x, axis, tuple(min(max(i, 0), size - 1) if mode == "edge" else i % size for i in places)
        )
    return x


def depth_to_space(n: Node) -> Sequence[Lazy | Known]:
    mode = n.text("mode", "DCR")
    if mode == "CRD":
        return [_channel_first(n)]
    n.need(mode == "DCR", f"mode {mode!r} is not supported")
    name, (batch, h, w, c), block = _blocks(n)
    out = n.draft.tensor(n.outputs[0], (batch, h * block, w * block, c // (block * block)))
    n.draft.ops.append(DepthToSpace((name,), (out,), n.origin, block))
    return [Value(out, channels_last(_IMAGE))]


def _channel_first(n: Node) -> Lazy | Known:
    """Each output channel has its own input channels, block * block of them, side by side."""
    batch, c, h, w = n.draft.shape(n.computed())
    block = int(n.attributes["blocksize"])
    parts = reshaped(n, n.computed(), (batch, c // (block * block), block, block, h, w))
    return reshaped(
        n, turned(n, parts, (0, 1, 4, 2, 5, 3)), (batch, c // (block * block), h * block, w * block)
    )


def space_to_depth(n: Node) -> Sequence[Lazy | Known]:
    mode = n.text("mode", "DCR")
    if mode == "CRD":
        batch, c, h, w = n.draft.shape(n.computed())
        block = int(n.attributes["blocksize"])
        parts = reshaped(n, n.computed(), (batch, c, h // block, block, w // block, block))
        shape = batch, c * block * block, h // block, w // block
        return [reshaped(n, turned(n, parts, (0, 1, 3, 5, 2, 4)), shape)]
    n.need(mode == "DCR", f"mode {mode!r} is not supported")
    name, (batch, h, w, c), block = _blocks(n)
    out = n.draft.tensor(n.outputs[0], (batch, h // block, w // block, c * block * block))
    n.draft.ops.append(SpaceToDepth((name,), (out,), n.origin, block))
    return [Value(out, channels_last(_IMAGE))]


def _blocks(n: Node) -> tuple[str, tuple[int, ...], int]:
    x = n.value()
    n.need(len(x.perm) == _IMAGE, f"input has {len(x.perm)} dimensions; [N, C, H, W] is needed")
    name = n.draft.ordered(x, channels_last(_IMAGE), n.origin)
    return name, n.draft.tensors[name].type.shape, int(n.attributes["blocksize"])
