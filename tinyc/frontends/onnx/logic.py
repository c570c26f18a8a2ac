"""Readers of ONNX comparisons, of what is true or not, and of casts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tinyc.frontends.onnx.compose import Kind, Read, both, dtype_of, of, reshaped, retyped
from tinyc.frontends.onnx.operands import aligned, wider
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, like
from tinyc.frontends.onnx.whole import whole
from tinyc.ir import Op, Origin
from tinyc.ops.cast import Cast
from tinyc.ops.compare import Compare
from tinyc.ops.logical import Logical, LogicalAnd, LogicalNot, LogicalOr
from tinyc.ops.select import Select

#: Places along the new dimension of OneHot.
_DEEPEST = 1 << 16
#: Element types by TensorProto's numbers.
_TYPES = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 10: "float32", 11: "float32"}


def compare(relation: str) -> Callable[[Node], Read]:
    """Return the reader of a comparison of float32. relation: as Compare has it."""
    kind = _relation(relation)

    def read(n: Node) -> Read:
        kinds = {dtype_of(n, n.lazy(i)) for i in (0, 1)}
        if kinds == {"bool"} and relation == "EQUAL":
            return [of(n, LogicalNot, _either(n), dtype="bool")]
        n.need(kinds == {"float32"}, f"operands are {', '.join(sorted(kinds))}; float32 is supported")
        return [both(n, kind, n.lazy(0), n.lazy(1), "bool")]

    return read


def _relation(relation: str) -> Kind:
    def kind(inputs: tuple[str, ...], outputs: tuple[str, ...], origin: Origin) -> Op:
        return Compare(inputs, outputs, origin, relation)

    return kind


def one_hot(n: Node) -> Read:
    """One value where an index is the place along a new dimension, another one elsewhere."""
    x, shape = n.computed(), n.draft.shape(n.lazy(0))
    depth = int(n.known(1, "the depth").reshape(-1)[0])
    off, on = (float(v) for v in n.known(2, "the values").reshape(-1))
    at = n.axis(int(n.attributes.get("axis", -1)), len(shape) + 1)
    n.need(0 < depth <= _DEEPEST, f"a depth of {depth}; 1 to {_DEEPEST} are supported")
    places = np.arange(depth, dtype=np.float32).reshape((depth, *(1,) * (len(shape) - at)))
    wide = reshaped(n, x, (*shape[:at], 1, *shape[at:]))
    mask = both(n, _relation("EQUAL"), wide, Known(places), "bool")
    values = [Known(np.asarray(v, np.float32)) for v in (on, off)]
    made = of(n, Cast, mask) if (off, on) == (0, 1) else chosen(n, mask, *values)
    if n.known(2, "the values").dtype.kind == "f":
        return [made]
    return [whole(n, made, (min(off, on), max(off, on)))]


def logical(kind: type[Logical]) -> Callable[[Node], Read]:
    def read(n: Node) -> Read:
        return [_logical(n, kind, n.lazy(0), n.lazy(1))]

    return read


def _logical(n: Node, kind: type[Logical], a: Lazy | Known, b: Lazy | Known) -> Lazy:
    made = both(n, kind, a, b, "bool")
    for name in n.draft.ops[-1].inputs:
        if n.draft.tensors[name].data is not None:
            retyped(n, name, "bool")
    return made


def exclusive_or(n: Node) -> Read:
    return [_either(n)]


def _either(n: Node) -> Lazy:
    """One of them and not both."""
    a, b = n.lazy(0), n.lazy(1)
    some, every = _logical(n, LogicalOr, a, b), _logical(n, LogicalAnd, a, b)
    return _logical(n, LogicalAnd, some, of(n, LogicalNot, every, dtype="bool"))


def logical_not(n: Node) -> Read:
    return [of(n, LogicalNot, n.computed(), dtype="bool")]


def where(n: Node) -> Read:
    return [chosen(n, n.lazy(0), n.lazy(1), n.lazy(2))]


def chosen(n: Node, mask: Lazy | Known, a: Lazy | Known, b: Lazy | Known) -> Lazy:
    """Return a where the mask is true, else b; all three are repeated against each other."""
    shapes = [n.draft.shape(v) for v in (mask, a, b)]
    computed = [v for v in (mask, a, b) if not isinstance(v, Known)]
    n.need(bool(computed), "all operands are constants")
    lead = max(computed, key=lambda v: (int(np.prod(n.draft.shape(v))), len(n.draft.shape(v))))
    try:
        rank = len(np.broadcast_shapes(*shapes))
    except ValueError:
        rank = 0
    n.need(
        rank >= max(map(len, shapes)), f"shapes {', '.join(str(list(s)) for s in shapes)} do not broadcast"
    )
    perm = wider(n.draft.settled(lead, n.origin).perm, rank)
    names = []
    for value in (mask, a, b):
        names.append(
            aligned(n, value if isinstance(value, Known) else n.draft.settled(value, n.origin), perm)
        )
    if isinstance(mask, Known):
        retyped(n, names[0], "bool")
    out = n.draft.tensor(
        n.outputs[0], np.broadcast_shapes(*(n.draft.tensors[name].type.shape for name in names))
    )
    n.draft.ops.append(Select(tuple(names), (out,), n.origin))
    return Value(out, perm)


def cast(n: Node) -> Read:
    x = n.lazy()
    target = _TYPES.get(int(n.attributes["to"]))
    n.need(target is not None, "casts to float32, int32, int64 and bool are supported")
    assert target is not None
    if isinstance(x, Known):
        return [Known(x.data.astype(target))]
    source = dtype_of(n, x)
    if source == target:
        return [x]
    if source == "bool" and target in ("int32", "int64"):
        return [whole(n, of(n, Cast, x), (0.0, 1.0))]
    if n.draft.whole_of(x.name) is not None:
        real = like(x, n.draft.real(x.name, n.origin))
        if target == "bool":
            return [both(n, _relation("NOT_EQUAL"), real, Known(np.zeros((), np.float32)), "bool")]
        return [real if target == "float32" else x]
    known = "float32" in (source, target) or (source, target) == ("int32", "int64")
    n.need(known, f"{source} to {target} is not supported")
    return [of(n, Cast, x, dtype=target)]
