"""Arithmetic of whole numbers, as files do it with places of largest elements: in float32, which has all up to 2^24."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import Activation, Graph, Op, Tensor, TensorType, fresh_name
from tinyc.numerics import whole
from tinyc.numerics.whole import Range
from tinyc.ops.abs import Abs
from tinyc.ops.add import Add
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.cast import Cast
from tinyc.ops.compare import Compare
from tinyc.ops.copy import Copy
from tinyc.ops.div import Div
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.logical import Logical, LogicalNot
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.neg import Neg
from tinyc.ops.neg_bytes import NegBytes
from tinyc.ops.reduce_extreme import ReduceExtreme
from tinyc.ops.reshape import Reshape
from tinyc.ops.select import Select
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum

_INTEGERS = ("int32", "int64")
#: What keeps integers as they are.
_KEPT = (Reshape, Copy)
_RANGES: Mapping[type[Op], Callable[..., Range]] = {
    Abs: whole.size,
    Add: whole.total,
    Div: whole.quotient,
    Maximum: whole.hull,
    Minimum: whole.hull,
    Mul: whole.product,
    Neg: whole.negative,
    ReduceExtreme: whole.hull,
    Select: whole.hull,
    Sub: whole.difference,
}


def whole_numbers(graph: Graph) -> Graph:
    """Return the graph with such arithmetic in float32; integers stay between. Raises ModelError for any other."""
    made = _Whole(graph)
    for op in graph.ops:
        made.add(op)
    if made.problems:
        raise ModelError("\n".join(made.problems))
    return graph.with_ops(made.ops, made.tensors)


class _Whole:
    """Ops so far; ranges and floats of integer tensors, by name."""

    def __init__(self, graph: Graph) -> None:
        self.ops: list[Op] = []
        self.problems: list[str] = []
        self.tensors = dict(graph.tensors)
        self._ranges: dict[str, Range] = {}
        self._reals: dict[str, str] = {}

    def add(self, op: Op) -> None:
        out = op.outputs[0]
        if isinstance(op, ReduceExtreme) and self._is_bool(op.inputs[0]):
            self._some_or_all(op)
            return
        read = [n for n in op.inputs if n and self._is_integer(n)]
        if isinstance(op, Compare):
            read += [n for n in op.inputs if self._is_bool(n)]
        elif not self._takes_bools(op) and any(map(self._is_bool, filter(None, op.inputs))):
            self.problems.append(f"{op.origin}: of bool it is not supported; of float32 it is")
            return
        if isinstance(op, ArgMax):
            self._ranges[out] = 0.0, self.tensors[op.x].type.shape[op.axis] - 1.0
        elif isinstance(op, Cast) and self._is_integer(out):
            if self.tensors[op.inputs[0]].type.dtype == "bool":
                self._ranges[out] = 0.0, 1.0
            elif op.inputs[0] in self._ranges:
                self._ranges[out] = self._ranges[op.inputs[0]]
        elif isinstance(op, _KEPT):
            if op.inputs[0] in self._ranges:
                self._ranges[out] = self._ranges[op.inputs[0]]
        elif not isinstance(op, Cast) and (read or self._is_integer(out)):
            try:
                self._computed(op, read)
            except ValueError as problem:
                self.problems.append(f"{op.origin}: {problem}")
            return
        self.ops.append(op)

    def _some_or_all(self, op: Op) -> None:
        """Add the largest or smallest of what is true or not, which counts as 1 or 0."""
        out = op.outputs[0]
        made, zero = self._new(out, "real", "float32"), self._new(out, "zero", "float32")
        shape = (1,) * len(self.tensors[out].type.shape)
        self.tensors[zero] = Tensor(zero, TensorType(shape, "float32"), np.zeros(shape, np.float32))
        names = (self._real(op, op.inputs[0]), *op.inputs[1:])
        self.ops.append(replace(op, inputs=names, outputs=(made,)))
        self.ops.append(Compare((made, zero), (out,), op.origin, "NOT_EQUAL"))

    def _is_integer(self, name: str) -> bool:
        return self.tensors[name].type.dtype in _INTEGERS

    def _is_bool(self, name: str) -> bool:
        return self.tensors[name].type.dtype == "bool"

    def _takes_bools(self, op: Op) -> bool:
        """Whether the op moves elements of any type, or is about what is true or not."""
        return op.only_moves or isinstance(op, (*_KEPT, Cast, Logical, LogicalNot, Select))

    def _computed(self, op: Op, read: list[str]) -> None:
        """Add an op that computes with integers. Raises ValueError for what is not supported."""
        out = op.outputs[0]
        op = Neg(op.inputs, op.outputs, op.origin) if isinstance(op, NegBytes) else op
        self._ranges |= {n: (0.0, 1.0) for n in read if self._is_bool(n)}
        unknown = [n for n in read if self.tensors[n].data is None and n not in self._ranges]
        ranges = [self._range(n) for n in read if n not in unknown]
        if unknown or not ranges or getattr(op, "activation", Activation.NONE) is not Activation.NONE:
            name = next(iter((*unknown, *read)), out)
            raise ValueError(
                f"'{name}' is {self.tensors[name].type.dtype}; a float model computes in float32"
            )
        found = None if isinstance(op, Compare) else self._result(op, ranges)
        whole.check([*ranges, found or ranges[0]])
        names = tuple(self._real(op, n) if n in read else n for n in op.inputs)
        if found is None:
            self.ops.append(replace(op, inputs=names))
            return
        self._ranges[out] = found
        if isinstance(op, Div) or (isinstance(op, FloatBinary) and found[0] >= 0):
            self._quotient(op, names)
            return
        real = self._reals[out] = self._new(out, "real", "float32")
        self.ops += [replace(op, inputs=names, outputs=(real,)), Cast((real,), (out,), op.origin)]

    def _result(self, op: Op, ranges: list[Range]) -> Range:
        if isinstance(op, FloatBinary) and op.function in ("FLOOR_DIV", "FLOOR_MOD"):
            return (whole.quotient if op.function == "FLOOR_DIV" else whole.rest)(*ranges)
        if isinstance(op, Sum):
            return whole.times(ranges[0], self.tensors[op.inputs[0]].type.elements)
        rule = next((rule for kind, rule in _RANGES.items() if isinstance(op, kind)), None)
        if rule is None and op.only_moves and len(ranges) == 1:
            rule = whole.hull
        if rule is None:
            raise ValueError("of whole numbers it is not supported; of float32 it is")
        return rule(*ranges)

    def _quotient(self, op: Op, names: tuple[str, ...]) -> None:
        """Add a division, rounded to 0, or its rest: no quotient is rounded to a whole number that it is not."""
        out = op.outputs[0]
        is_rest = isinstance(op, FloatBinary) and op.function == "FLOOR_MOD"
        exact = self._new(out, "quotient", "float32")
        self.ops.append(Div(names, (exact,), op.origin))
        if not is_rest:
            self.ops.append(Cast((exact,), (out,), op.origin))
            return
        count, times, back, real = (
            self._new(out, what, kind)
            for what, kind in (
                ("count", "int32"),
                ("times", "float32"),
                ("product", "float32"),
                ("real", "float32"),
            )
        )
        self._reals[out] = real
        self.ops += [
            Cast((exact,), (count,), op.origin),
            Cast((count,), (times,), op.origin),
            Mul((times, names[1]), (back,), op.origin),
            Sub((names[0], back), (real,), op.origin),
            Cast((real,), (out,), op.origin),
        ]

    def _range(self, name: str) -> Range:
        data = self.tensors[name].data
        if data is None:
            return self._ranges[name]
        return (float(data.min()), float(data.max())) if data.size else (0.0, 0.0)

    def _real(self, op: Op, name: str) -> str:
        """Name the same numbers in float32."""
        if name not in self._reals:
            tensor = self.tensors[name]
            made = self._reals[name] = self._new(name, "real", "float32")
            if tensor.data is None:
                self.ops.append(Cast((name,), (made,), op.origin))
            else:
                self.tensors[made] = replace(self.tensors[made], data=np.asarray(tensor.data, np.float32))
        return self._reals[name]

    def _new(self, name: str, what: str, dtype: str) -> str:
        found = fresh_name(f"{name}_{what}", self.tensors)
        self.tensors[found] = Tensor(found, TensorType(self.tensors[name].type.shape, dtype))
        return found
