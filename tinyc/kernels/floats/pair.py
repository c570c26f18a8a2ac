"""Ops of two operands of float32, repeated against each other."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import Activation, Graph
from tinyc.kernels.access import EveryUnit, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.ref.in_place import in_place
from tinyc.kernels.ref.pair import RANK, float_relation
from tinyc.kernels.strided import broadcast_strides, merge
from tinyc.numerics.activation import float_limits
from tinyc.ops.binary import Binary
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.compare import Compare
from tinyc.ops.div import Div
from tinyc.ops.float_binary import CLAMPED, FloatBinary


def clamped(name: str) -> Callable[[Binary | Div, Graph], Lowering]:
    """Return the lowering of an op whose result is kept within its activation, and within finite numbers."""

    def lower(op: Binary | Div, graph: Graph) -> Lowering:
        return _lowering(op, graph, name, (_limits(op.activation),))

    return lower


def plain(name: str) -> Callable[[Broadcast, Graph], Lowering]:
    """Return the lowering of an op without an activation."""
    return lambda op, graph: _lowering(op, graph, name, ())


def lower_float_binary(op: FloatBinary, graph: Graph) -> Lowering:
    name = op.function.lower()
    return _lowering(op, graph, name, (_limits(op.activation),) if op.function in CLAMPED else ())


def lower_compare(op: Compare, graph: Graph) -> Lowering:
    return _lowering(op, graph, "compare", (float_relation(op),))


def _limits(activation: Activation) -> Struct:
    low, high = float_limits(activation)
    return Struct("tc_limits", (("low", low), ("high", high)))


def _lowering(op: Broadcast, graph: Graph, name: str, structs: tuple[Struct, ...]) -> Lowering:
    out = graph.type(op.outputs[0]).shape
    axis, steps = _units(graph, op, out)
    strides = [broadcast_strides(graph.type(n).shape, out)[axis:] for n in op.inputs]
    try:
        dims, (a, b) = merge(out[axis:], *strides, rank=RANK)
    except ValueError as problem:
        raise ModelError(f"{op.origin}: broadcasts along {problem}; at most {RANK} are supported") from None
    walk = Struct(
        "tc_pair",
        (("dims", dims), ("a_stride", a), ("b_stride", b), ("a_step", steps[0]), ("b_step", steps[1])),
    )
    reads: list[Argument] = []
    constants: list[Constant] = []
    for i, (tensor, step) in enumerate(zip(op.inputs, steps, strict=True)):
        access, data = (SameUnit() if step else EveryUnit()), graph.tensors[tensor].data
        if data is not None:
            constants.append(Constant("ab"[i], "float", np.ascontiguousarray(data, np.float32)))
        reads.append(Argument(i if data is None else Ref("ab"[i]), access))
    units = Result(Units(prod(out[:axis])))
    call = Call(f"tc_{name}_f32_ref", "pair", (*structs, walk), tuple(reads), writes=(units,))
    return Lowering((call,), tuple(constants), in_place(op, graph))


def _units(graph: Graph, op: Broadcast, out: tuple[int, ...]) -> tuple[int, tuple[int, int]]:
    """Return the dimension where units begin, and each operand's elements from one to the next.

    Units are pixels, else rows, where each operand has them all or one for all; else there is one.
    """
    for axis in {4: (3, 2), 3: (2,)}.get(len(out), ()) if out[:1] == (1,) else ():
        first, second = (_step(graph, name, out, axis) for name in op.inputs)
        if first is not None and second is not None:
            return axis, (first, second)
    return 0, (prod(out), prod(out))


def _step(graph: Graph, name: str, out: tuple[int, ...], axis: int) -> int | None:
    """Return the elements from unit to unit, 0 for an operand that is the same for all, None for any other."""
    shape = graph.type(name).shape
    padded = (1,) * (len(out) - len(shape)) + shape
    if padded[:axis] == out[:axis] and (len(shape) == len(out) or graph.is_constant(name)):
        return prod(padded[axis:])
    return 0 if prod(padded[:axis]) == 1 else None
