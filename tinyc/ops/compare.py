"""LESS, GREATER, EQUAL and their negations: whether the values of two operands stand in a relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.compare import comparable
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import int8, need

#: Which of a < b, a == b, a > b a relation holds for, by the format's name of it.
RELATIONS = {
    "LESS": (True, False, False),
    "EQUAL": (False, True, False),
    "GREATER": (False, False, True),
    "LESS_EQUAL": (True, True, False),
    "GREATER_EQUAL": (False, True, True),
    "NOT_EQUAL": (True, False, True),
}


@dataclass(frozen=True)
class Compare(Broadcast):
    """inputs: a, b, both int8 or both float32; output: bool of the broadcast shape."""

    a = Operand(0)
    b = Operand(1)

    #: A key of RELATIONS.
    relation: str

    kind: ClassVar[str] = "compare"
    is_int8: ClassVar[bool] = False

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        need(outs[0].dtype == "bool", self, f"output is {outs[0].dtype}; bool is needed")
        if types.a.dtype == types.b.dtype == "float32":
            return
        for i, t in enumerate(types.all):
            int8(self, t, f"input {i}")
            need(t.q.scale < 1, self, f"scale of input {i} is {t.q.scale:g}; below 1 is needed")

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        if types.a.dtype == "float32":
            a, b = values.a.astype(np.float32), values.b.astype(np.float32)
            below, above, alike = a < b, a > b, a == b
            less, equal, greater = RELATIONS[self.relation]
            unlike = np.asarray(self.relation == "NOT_EQUAL") & ~(below | above | alike)
            return ((below & less) | (alike & equal) | (above & greater) | unlike,)
        side = np.sign(comparable(values.a, types.a) - comparable(values.b, types.b))
        return (np.asarray(RELATIONS[self.relation])[side + 1],)
