"""All operators that the .tflite front end reads; each row stands beside its reader."""

from __future__ import annotations

from tinyc.frontends.tflite import dilation, elementwise, logic, move, shapes, slicing, windowed
from tinyc.frontends.tflite.operator import Operator

_FAMILIES = (dilation, elementwise, logic, move, shapes, slicing, windowed)

#: In the order of names.
OPERATORS: tuple[Operator, ...] = tuple(
    sorted((row for family in _FAMILIES for row in family.OPERATORS), key=lambda row: row.kind)
)

#: By the format's name.
BY_KIND = {operator.kind: operator for operator in OPERATORS}
