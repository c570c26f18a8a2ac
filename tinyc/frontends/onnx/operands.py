"""Two operands of one op: their tensors, with the dimensions of both in one order."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from tinyc.frontends.onnx.values import Input, Known, Lazy, Node, Value
from tinyc.frontends.onnx.views import View
from tinyc.ir import Op


def joined(n: Node, kind: Callable[..., Op], a: Lazy | Known, b: Lazy | Known) -> Lazy:
    """Add an op of two operands, of which either may be repeated; dimensions lie as in the larger one."""
    shapes = [n.draft.shape(v) for v in (a, b)]
    values = [v for v in (a, b) if not isinstance(v, Known)]
    n.need(bool(values), "both operands are constants")
    shape = _broadcast(n, *shapes)
    lead = max(values, key=lambda v: (prod(n.draft.shape(v)), len(n.draft.shape(v))))
    if isinstance(lead, View) and lead.shape == shape:
        # along the tensor's own axes where the other operand has them whole, else along those of the view
        for axes in (n.draft.tensors[lead.name].type.shape, lead.sizes):
            names = [_in_order(n, v, lead, axes) for v in (a, b)]
            if all(names):
                out = n.draft.tensor(n.outputs[0], axes)
                n.draft.ops.append(kind(tuple(names), (out,), n.origin))
                return View(out, lead.sizes, lead.dims)
    settled = [v if isinstance(v, Known) else n.draft.settled(v, n.origin) for v in (a, b)]
    rank = len(shape)
    perm = wider(n.draft.settled(lead, n.origin).perm, rank)
    names = [aligned(n, v, perm) for v in settled]
    stored = [n.draft.tensors[name].type.shape for name in names]
    out = n.draft.tensor(n.outputs[0], np.broadcast_shapes(*stored))
    n.draft.ops.append(kind(tuple(names), (out,), n.origin))
    return Value(out, perm)


def _broadcast(n: Node, a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        n.need(False, f"shapes {list(a)} and {list(b)} do not broadcast")
        raise


def wider(perm: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return the order of more dimensions: those that lack stand in front."""
    missing = rank - len(perm)
    return (*range(missing), *(d + missing for d in perm))


def aligned(n: Node, value: Input, perm: tuple[int, ...]) -> str:
    """Return the tensor of an operand with as many dimensions as `perm`, those that lack in front, in that order."""
    missing = len(perm) - len(n.draft.shape(value))
    if isinstance(value, Known):
        data = value.data.reshape((1,) * missing + value.data.shape)
        return n.draft.constant(f"{n.outputs[0]}_operand", data.transpose(perm))
    if not missing:
        return n.draft.ordered(value, perm, n.origin)
    own = tuple(d - missing for d in perm if d >= missing)
    name = n.draft.ordered(value, own, n.origin)
    sizes = iter(n.draft.tensors[name].type.shape)
    return n.draft.reshaped(name, [next(sizes) if d >= missing else 1 for d in perm], n.origin)


def _in_order(n: Node, value: Lazy | Known, lead: View, own: tuple[int, ...]) -> str:
    """Return the tensor of an operand as the elements of `lead` lie, "" where its dimensions are made of others.

    own: the axes of the op.
    """
    rank = len(lead.dims)
    shape = (1,) * (rank - len(n.draft.shape(value))) + n.draft.shape(value)
    apart = [
        [1 if size == 1 else lead.sizes[a] for a in axes] for size, axes in zip(shape, lead.dims, strict=True)
    ]
    order = [a for axes in lead.dims for a in axes]
    back = np.argsort(order).tolist()
    sizes = [s for part in apart for s in part]
    in_order = [1] * len(lead.sizes)
    for a, size in zip(order, sizes, strict=True):
        in_order[a] = size
    if isinstance(value, Known):
        data = value.data.reshape(sizes).transpose(back)
        joint = together(in_order, lead.sizes, own)
        if joint is None:
            data, joint = np.broadcast_to(data.reshape(in_order), lead.sizes), own
        return n.draft.constant(f"{n.outputs[0]}_operand", np.reshape(data, joint))
    view = n.draft.view(value).reshaped(tuple(sizes))
    joint = together(in_order, lead.sizes, own)
    if view is None or joint is None:
        return ""
    return n.draft.reshaped(n.draft.ordered(view, tuple(back), n.origin), joint, n.origin)


def together(sizes: list[int], full: tuple[int, ...], own: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the shape in the tensor's own axes; None where part of one would be repeated.

    sizes: 1 or full, along the axes of the view.
    """
    made = []
    at = 0
    for size in own:
        have, here = 1, []
        while have < size:
            have *= full[at]
            here.append((sizes[at], full[at]))
            at += 1
        # axes of the view may join several of the tensor's
        if have != size:
            return None
        if not all(s == f for s, f in here) and not all(s == 1 for s, _ in here):
            return None
        made.append(prod(s for s, _ in here))
    return tuple(made)
