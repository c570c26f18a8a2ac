"""Readers of ONNX operators that pick elements or put them somewhere, by constant indices.

Where each output element comes from is known. A part of one dimension is joined to what lies beside it; anything else
is gathered, in the longest runs of neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd, prod

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.compose import Kind, Read, both, gathered, joined_along, reshaped
from tinyc.frontends.onnx.move import cut
from tinyc.frontends.onnx.values import Known, Lazy, Node
from tinyc.ops.add import Add
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul

#: Places of elements in a value of ONNX, the last dimension fastest.
Places = npt.NDArray[np.int64]

#: What reductions make of an element and an update, and what changes none; None for the element itself.
_REDUCTIONS: Mapping[str, tuple[Kind, float | None]] = {
    "add": (Add, 0.0),
    "mul": (Mul, 1.0),
    "max": (Maximum, None),
    "min": (Minimum, None),
}

#: Runs of neighbours that one operator may gather: each takes four bytes of flash.
_MOST = 1 << 16


def gather_elements(n: Node) -> Read:
    """output[i, j, ...] = x[indices[i, j, ...], j, ...], for the axis 0."""
    indices, axis = _indices(n), n.axis(int(n.attributes.get("axis", 0)), n.rank())
    shape = n.draft.shape(n.lazy(0))
    n.need(indices.ndim == len(shape), f"indices of {indices.ndim} dimensions, the input has {len(shape)}")
    kept = tuple(slice(size) for size in indices.shape)
    part = _places(shape)[(*kept[:axis], slice(None), *kept[axis + 1 :])]
    return [_picked(n, np.take_along_axis(part, _inside(n, indices, shape[axis]), axis))]


def gather_nd(n: Node) -> Read:
    """The last dimension of the indices is a place in the first dimensions of the input, after those of the batch."""
    indices, shape = _indices(n), n.draft.shape(n.lazy(0))
    batch = int(n.attributes.get("batch_dims", 0))
    n.need(indices.ndim > batch >= 0, f"{batch} batch dimensions for indices of {list(indices.shape)}")
    depth = indices.shape[-1]
    n.need(0 < depth <= len(shape) - batch, f"{depth} indices for {len(shape) - batch} dimensions")
    n.need(
        indices.shape[:batch] == shape[:batch],
        f"batch {list(indices.shape[:batch])}, not {list(shape[:batch])}",
    )
    groups = prod(shape[:batch])
    rows = _places(shape).reshape(groups, *shape[batch:])
    at = indices.reshape(groups, -1, depth)
    by = [_inside(n, at[..., i], shape[batch + i]) for i in range(depth)]
    found = rows[(np.arange(groups)[:, None], *by)]
    return [_picked(n, found.reshape(*indices.shape[:-1], *shape[batch + depth :]))]


def scatter_elements(n: Node) -> Read:
    """output = x, but output[indices[i, j, ...], j, ...] = updates[i, j, ...], for the axis 0."""
    indices, axis = _indices(n), n.axis(int(n.attributes.get("axis", 0)), n.rank())
    shape = n.draft.shape(n.lazy(0))
    n.need(indices.shape == n.draft.shape(n.lazy(2)), "indices and updates have different shapes")
    n.need(indices.ndim == len(shape), f"indices of {indices.ndim} dimensions, the input has {len(shape)}")
    at: list[Places] = list(np.indices(indices.shape))
    at[axis] = _inside(n, indices, shape[axis])
    targets = _places(shape)[tuple(at)]
    return [_put(n, targets.reshape(-1))]


def scatter_nd(n: Node) -> Read:
    """output = x, but the part whose place is the last dimension of the indices is that of the updates."""
    indices, shape = _indices(n), n.draft.shape(n.lazy(0))
    depth = indices.shape[-1] if indices.ndim else 0
    n.need(0 < depth <= len(shape), f"{depth} indices for {len(shape)} dimensions")
    wanted = (*indices.shape[:-1], *shape[depth:])
    n.need(
        n.draft.shape(n.lazy(2)) == wanted, f"updates of {list(n.draft.shape(n.lazy(2)))}, not {list(wanted)}"
    )
    by = tuple(_inside(n, indices[..., i], shape[i]) for i in range(depth))
    return [_put(n, _places(shape)[by].reshape(-1))]


def _indices(n: Node) -> Places:
    return n.known(1, "the indices").astype(np.int64)


def _inside(n: Node, indices: Places, size: int) -> Places:
    n.need(bool(np.all((-size <= indices) & (indices < size))), f"the indices leave a dimension of {size}")
    return np.asarray(indices % size, np.int64)


def _places(shape: tuple[int, ...]) -> Places:
    return np.arange(prod(shape)).reshape(shape)


def _picked(n: Node, places: Places) -> Lazy | Known:
    """places: in the input, of each output element."""
    x = n.lazy(0)
    n.need(places.size > 0, "there are no indices")
    if isinstance(x, Known):
        return Known(x.data.reshape(-1)[places])
    return _gathered(n, x, places)


def _put(n: Node, targets: Places) -> Lazy | Known:
    """targets: places in the input that the updates, in their order, are put to; of equal ones the last counts."""
    if (reduction := n.text("reduction", "none")) != "none":
        n.need(reduction in _REDUCTIONS, f"reduction {reduction} is not supported")
        return _combined(n, targets, *_REDUCTIONS[reduction])
    x, updates = n.lazy(0), n.lazy(2)
    shape = n.draft.shape(x)
    size = prod(shape)
    if isinstance(x, Known) and isinstance(updates, Known):
        made = x.data.reshape(-1).copy()
        made[targets] = updates.data.reshape(-1)
        return Known(made.reshape(shape))
    source = np.arange(size)
    source[targets] = size + np.arange(len(targets))
    source = source.reshape(shape)
    for axis in range(len(shape)):
        found = _beside(n, source, axis)
        if found is not None:
            return found
    flat = [reshaped(n, value, (prod(n.draft.shape(value)),)) for value in (x, updates)]
    return _from(n, flat, source)


def _combined(n: Node, targets: Places, kind: Kind, nothing: float | None) -> Lazy | Known:
    """As _put, but each update and what it is put to become one element.

    nothing: what changes no element; None where that is the element itself.
    """
    made, shape = n.lazy(0), n.draft.shape(n.lazy(0))
    size = prod(shape)
    flat = [reshaped(n, value, (prod(n.draft.shape(value)),)) for value in (made, n.lazy(2))]
    before = 0
    if nothing is None:
        before = size
    else:
        flat[0], before = Known(np.array([nothing], np.float32)), 1
    for own in _rounds(targets):
        source = np.arange(size) if nothing is None else np.zeros(size, np.int64)
        source[targets[own]] = before + own
        made = both(n, kind, made, _from(n, flat, source.reshape(shape)))
    return made


def _from(n: Node, flat: list[Lazy | Known], places: Places) -> Lazy | Known:
    """Return the elements at places of vectors that lie one behind the other."""
    known = [f.data for f in flat if isinstance(f, Known)]
    if len(known) == len(flat):
        return Known(np.concatenate(known)[places])
    return _gathered(n, joined_along(n, flat, 0), places)


def _rounds(targets: Places) -> list[Places]:
    """Return the updates in groups of which none has two for one place, those of a place in their order."""
    order = np.argsort(targets, kind="stable")
    first = np.searchsorted(targets[order], targets[order])
    turn = np.empty_like(order)
    turn[order] = np.arange(len(order)) - first
    return [np.flatnonzero(turn == r) for r in range(int(turn.max(initial=-1)) + 1)]


def _beside(n: Node, source: Places, axis: int) -> Lazy | Known | None:
    """Return the input with a part along an axis replaced by the updates, in their order; None where it is more."""
    x, updates = n.lazy(0), n.lazy(2)
    put = np.flatnonzero((source >= source.size).any(axis=tuple(d for d in range(source.ndim) if d != axis)))
    if not len(put) or put[-1] - put[0] + 1 != len(put):
        return None
    begin, end, size = int(put[0]), int(put[-1]) + 1, source.shape[axis]
    part = np.take(source, range(begin, end), axis)
    if not np.array_equal(part.reshape(-1), source.size + np.arange(part.size)):
        return None
    pieces = [reshaped(n, updates, part.shape)]
    if begin:
        pieces.insert(0, _part(n, x, axis, 0, begin))
    if end < size:
        pieces.append(_part(n, x, axis, end, size))
    if len(pieces) == 1:
        return pieces[0]
    return joined_along(n, pieces, axis)


def _part(n: Node, x: Lazy | Known, axis: int, begin: int, end: int) -> Lazy | Known:
    if isinstance(x, Known):
        return Known(np.take(x.data, range(begin, end), axis))
    name = f"{n.outputs[0]}_part"
    return cut(n, n.draft.settled(x, n.origin), {axis: (begin, 1, end - begin)}, name)


def _gathered(n: Node, x: Lazy, places: Places) -> Lazy | Known:
    """Return x's elements at the places, under their shape."""
    size = prod(n.draft.shape(x))
    run = _run(places.reshape(-1), size)
    rows = places.reshape(-1, run)[:, 0] // run
    n.need(len(rows) <= _MOST, f"{len(rows)} pieces are picked one by one; {_MOST} are supported")
    found = gathered(n, _view(n, x, (size // run, run)), 0, tuple(rows.tolist()))
    return reshaped(n, found, places.shape)


def _view(n: Node, x: Lazy, shape: tuple[int, ...]) -> Lazy:
    made = reshaped(n, x, shape)
    assert not isinstance(made, Known)
    return made


def _run(flat: Places, size: int) -> int:
    """Return the longest length in which the places are runs of neighbours, each beginning at a multiple of it."""
    breaks = np.flatnonzero(np.diff(flat) != 1) + 1
    longest = gcd(size, len(flat), *breaks.tolist(), *np.unique(flat[[0, *breaks]]).tolist())
    return max(longest, 1)
