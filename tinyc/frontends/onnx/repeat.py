"""Readers of ONNX operators that repeat elements, or put zeros in the place of some."""

from __future__ import annotations

import numpy as np

from tinyc.frontends.onnx.compose import Read, dtype_of
from tinyc.frontends.onnx.logic import chosen
from tinyc.frontends.onnx.operands import wider
from tinyc.frontends.onnx.values import Known, Node, Value, channels_last
from tinyc.ops.expand import Expand
from tinyc.ops.tile import Tile

#: Dimensions from which on channels lie last.
_IMAGE = 4


def expand(n: Node) -> Read:
    """Repeated to the shape with which the input's broadcasts; dimensions that lack stand in front."""
    wanted = [int(s) for s in n.known(1, "the shape").reshape(-1)]
    x = n.input(0)
    have = n.draft.shape(x)
    try:
        shape = np.broadcast_shapes(have, tuple(wanted))
    except ValueError:
        shape = ()
    n.need(len(shape) >= len(have), f"shape {list(have)} does not broadcast to {wanted}")
    if isinstance(x, Known):
        return [Known(np.broadcast_to(x.data, shape))]
    whole = (1,) * (len(shape) - len(have)) + have
    perm = wider(x.perm, len(shape))
    if len(shape) >= _IMAGE and sum(size > 1 for size in have) < 2:  # it may lie in any order
        perm = channels_last(len(shape))
    stored = n.draft.reshaped(x.name, [whole[d] for d in perm], n.origin)
    sizes = tuple(shape[d] for d in perm)
    if n.draft.tensors[stored].type.shape == sizes:
        return [Value(stored, perm)]
    out = n.draft.tensor(n.outputs[0], sizes, dtype_of(n, x))
    n.draft.ops.append(Expand((stored,), (out,), n.origin, sizes))
    return [Value(out, perm)]


def tile(n: Node) -> Read:
    repeats = [int(r) for r in n.known(1, "the repeats").reshape(-1)]
    x = n.input(0)
    if isinstance(x, Known):
        return [Known(np.tile(x.data, repeats))]
    n.need(len(repeats) == len(x.perm), f"{len(repeats)} repeats of {len(x.perm)} dimensions")
    n.need(min(repeats, default=1) > 0, f"repeats {repeats}: nothing would be left")
    multiples = [repeats[d] for d in x.perm]
    # a kernel walks over so many dimensions: two are repeated at once
    repeated = [i for i, m in enumerate(multiples) if m > 1]
    for first in range(0, len(repeated), 2):
        now = tuple(m if i in repeated[first : first + 2] else 1 for i, m in enumerate(multiples))
        sizes = tuple(m * s for m, s in zip(now, n.draft.stored(x), strict=True))
        out = n.draft.tensor(n.outputs[0], sizes, dtype_of(n, x))
        n.draft.ops.append(Tile((x.name,), (out,), n.origin, now))
        x = Value(out, x.perm)
    return [x]


def triangle(n: Node) -> Read:
    """The upper or lower triangle of matrices, the rest 0."""
    x = n.value()
    rows, columns = n.draft.shape(x)[-2:]
    k = 0 if n.optional(1) is None else int(n.known(1, "the diagonal").reshape(-1)[0])
    ones = np.ones((rows, columns), np.bool_)
    mask = np.triu(ones, k) if n.attributes.get("upper", 1) else np.tril(ones, k)
    return [chosen(n, Known(mask), x, Known(np.zeros((), np.float32)))]
