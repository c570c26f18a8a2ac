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
from tinyc.numerics.whole import (
    Range,
    check,
    difference,
    hull,
    negative,
    product,
    quotient,
    rest,
    size,
    times,
    total,
)
from tinyc.ops.cast import Cast

_INTEGERS = ("int32", "int64")


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
    try:
        check(ranges)
        if n.kind in _COMPARED:
            return made
        if n.kind == "ReduceSum":
            found = times(ranges[0], prod(n.draft.shape(n.lazy(0))))
        else:
            found = _RANGES.get(n.kind, hull)(*ranges)
        check([found])
    except ValueError as problem:
        n.need(False, str(problem))
    return replace(made, whole=found)


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
_RANGES: Mapping[str, Callable[..., Range]] = {
    "Abs": size,
    "Add": total,
    "Div": quotient,
    "Mod": rest,
    "Mul": product,
    "Neg": negative,
    "Sub": difference,
    "Sum": total,
}
