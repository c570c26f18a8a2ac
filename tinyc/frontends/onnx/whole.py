"""Arithmetic of whole numbers, as files do it with places of largest elements: in float32, which has all up to 2^24.

What such an operator makes is whole again, and has an integer's type where an output of the model needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod

import numpy as np

from tinyc.frontends.onnx.compose import dtype_of, of
from tinyc.frontends.onnx.values import Known, Lazy, Node, Whole
from tinyc.ops.cast import Cast

_MOST = 1 << 24
_INTEGERS = ("int32", "int64")

#: Least and greatest number.
Range = tuple[float, float]


def in_floats(n: Node) -> Node:
    """Return the operator with operands of whole numbers in float32. Raises ModelError for what may be too large."""
    which = _OPERANDS.get(n.kind)
    if which is None:
        return n
    places = [i for i in which or range(len(n.inputs)) if i < len(n.inputs)]
    given = {i: n.lazy(i) for i in places if n.optional(i) is not None}
    if not any(not isinstance(v, Known) and dtype_of(n, v) in _INTEGERS for v in given.values()):
        return n
    inputs, ranges = list(n.inputs), list[Range]()
    for i, value in given.items():
        if isinstance(value, Known):
            inputs[i] = Known(value.data.astype(np.float32))
            if value.data.size:
                ranges.append((float(value.data.min()), float(value.data.max())))
        elif dtype_of(n, value) in _INTEGERS:
            known = n.draft.whole_of(value.name)
            n.need(known is not None, f"an operand is {dtype_of(n, value)}; only float32 is computed with")
            assert known is not None
            inputs[i] = replace(value, name=n.draft.real(value.name, n.origin))
            ranges.append((known.low, known.high))
    made = replace(n, inputs=tuple(inputs))
    if n.kind in _COMPARED:
        _check(n, ranges)
        return made
    found = _RANGES.get(n.kind, _hull)(made, ranges)
    _check(n, [*ranges, found])
    return replace(made, whole=found)


def _check(n: Node, ranges: Sequence[Range]) -> None:
    most = max(abs(end) for both in ranges for end in both)
    n.need(
        most <= _MOST,
        f"whole numbers of up to {most:.0f}; up to {_MOST:,} are computed with, in float32",
    )


def as_whole(n: Node, made: Sequence[Lazy | Known]) -> list[Lazy | Known]:
    """Return what an operator made of whole numbers as integers, of which readers take the floats."""
    return [v if isinstance(v, Known) or n.whole is None else whole(n, v, n.whole) for v in made]


def whole(n: Node, x: Lazy, limits: Range) -> Lazy:
    """Return numbers that are whole as integers."""
    if dtype_of(n, x) in _INTEGERS:
        n.draft.whole[x.name] = Whole(*limits)
        return x
    found = of(n, Cast, x, dtype="int32")
    n.draft.whole[found.name] = Whole(*limits, x.name)
    return found


def _hull(n: Node, ranges: Sequence[Range]) -> Range:
    del n
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def _sum(n: Node, ranges: Sequence[Range]) -> Range:
    del n
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


def _difference(n: Node, ranges: Sequence[Range]) -> Range:
    del n
    (low, high), (least, most) = ranges
    return low - most, high - least


def _product(n: Node, ranges: Sequence[Range]) -> Range:
    del n
    (a, b), (c, d) = ranges
    ends = (a * c, a * d, b * c, b * d)
    return min(ends), max(ends)


def _quotient(n: Node, ranges: Sequence[Range]) -> Range:
    low, high = ranges[1]
    n.need(low > 0 or high < 0, "the divisor of whole numbers may be 0")
    most = max(map(abs, ranges[0]))
    return -most if min(*ranges[0], low) < 0 else 0.0, most


def _rest(n: Node, ranges: Sequence[Range]) -> Range:
    low, high = ranges[1]
    n.need(low > 0 or high < 0, "the divisor of whole numbers may be 0")
    most = max(abs(low), abs(high)) - 1
    return -most if min(*ranges[0], low) < 0 else 0.0, most


def _negative(n: Node, ranges: Sequence[Range]) -> Range:
    del n
    return -ranges[0][1], -ranges[0][0]


def _size(n: Node, ranges: Sequence[Range]) -> Range:
    del n
    return 0.0, max(map(abs, ranges[0]))


def _total(n: Node, ranges: Sequence[Range]) -> Range:
    count = prod(n.draft.shape(n.lazy(0)))
    return min(0.0, ranges[0][0] * count), max(0.0, ranges[0][1] * count)


_COMPARED = frozenset(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "OneHot"))
#: Inputs that hold numbers, by operator; none named: all.
_OPERANDS: Mapping[str, tuple[int, ...]] = {
    **dict.fromkeys(("Abs", "Add", "Concat", "Div", "Max", "Min", "Mod", "Mul", "Neg", "Sub", "Sum"), ()),
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"), ()),
    **dict.fromkeys(("Expand", "Gather", "OneHot", "Slice", "Split", "Tile"), (0,)),
    **dict.fromkeys(("ReduceMax", "ReduceMin", "ReduceSum"), (0,)),
    "Clip": (0, 1, 2),
    "Where": (1, 2),
}
#: Within what results lie; the rest makes nothing that is not there.
_RANGES: Mapping[str, Callable[[Node, Sequence[Range]], Range]] = {
    "Abs": _size,
    "Add": _sum,
    "Div": _quotient,
    "Mod": _rest,
    "Mul": _product,
    "Neg": _negative,
    "ReduceSum": _total,
    "Sub": _difference,
    "Sum": _sum,
}
