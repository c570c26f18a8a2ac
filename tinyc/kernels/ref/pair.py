"""MAXIMUM, MINIMUM and PRELU by portable kernels: two operands, one repeated against the other."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import Array, Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.ref.in_place import in_place
from tinyc.kernels.strided import broadcast_strides, merge
from tinyc.numerics.activation import float_limits
from tinyc.numerics.divide import div_scale
from tinyc.numerics.fixed_point import quantize_multiplier
from tinyc.numerics.rectifiers import prelu_scales
from tinyc.numerics.squared_difference import squared_difference_params
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.compare import RELATIONS, Compare
from tinyc.ops.div import Div
from tinyc.ops.extreme import Extreme
from tinyc.ops.float_binary import CLAMPED, TABLES, FloatBinary
from tinyc.ops.logical import Logical, LogicalAnd
from tinyc.ops.prelu import Prelu
from tinyc.ops.squared_difference import SquaredDifference

RANK = 5


def lower_extreme(op: Extreme, graph: Graph) -> Lowering:
    """A constant goes second, which does not matter to the result."""
    order = (1, 0) if graph.is_constant(op.a) else (0, 1)
    return _lowering(op, graph, (), order)


def lower_prelu(op: Prelu, graph: Graph) -> Lowering:
    x, alpha, out = graph.type(op.x), graph.type(op.alpha), graph.type(op.outputs[0])
    above, below = (quantize_multiplier(s) for s in prelu_scales(graph.types(op), out, graph.reference))
    params = Struct(
        "tc_prelu_params",
        (
            ("x_zp", x.q.zero_point),
            ("alpha_zp", alpha.q.zero_point),
            ("out_zp", out.q.zero_point),
            ("multiplier", above[0]),
            ("shift", above[1]),
            ("alpha_multiplier", below[0]),
            ("alpha_shift", below[1]),
        ),
    )
    return _lowering(op, graph, (params,), (0, 1))


def lower_squared_difference(op: SquaredDifference, graph: Graph) -> Lowering:
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    p = squared_difference_params(graph.types(op), out)
    operands = ((p.a_multiplier, p.a_shift), (p.b_multiplier, p.b_shift))
    # the square is the same either way round, so a constant may go second
    order = (1, 0) if graph.is_constant(op.a) else (0, 1)
    first, second = (operands[i] for i in order)
    params = Struct(
        "tc_squared_difference_params",
        (
            ("a_zp", (a, b)[order[0]].q.zero_point),
            ("b_zp", (a, b)[order[1]].q.zero_point),
            ("out_zp", out.q.zero_point),
            ("left_shift", p.left_shift),
            ("a_multiplier", first[0]),
            ("a_shift", first[1]),
            ("b_multiplier", second[0]),
            ("b_shift", second[1]),
            ("multiplier", p.out_multiplier),
            ("shift", p.out_shift),
        ),
    )
    return _lowering(op, graph, (params,), order)


def lower_compare(op: Compare, graph: Graph) -> Lowering:
    a, b = graph.type(op.a), graph.type(op.b)
    if a.dtype == "float32":
        return _lowering(op, graph, (float_relation(op),), (0, 1), "tc_compare_f32_ref")
    scales = tuple(quantize_multiplier(t.q.scale) for t in (a, b))
    params = Struct(
        "tc_compare_params",
        (
            ("a_zp", a.q.zero_point),
            ("a_multiplier", scales[0][0]),
            ("a_shift", scales[0][1]),
            ("b_zp", b.q.zero_point),
            ("b_multiplier", scales[1][0]),
            ("b_shift", scales[1][1]),
            *_relation(op),
        ),
    )
    return _lowering(op, graph, (params,), (0, 1))


def float_relation(op: Compare) -> Struct:
    """Return the parameters of a comparison of float32."""
    unordered = int(op.relation == "NOT_EQUAL")
    return Struct("tc_compare_f32_params", (*_relation(op), ("unordered", unordered)))


def _relation(op: Compare) -> tuple[tuple[str, int], ...]:
    less, equal, greater = map(int, RELATIONS[op.relation])
    return (("less", less), ("equal", equal), ("greater", greater))


def lower_logical(op: Logical, graph: Graph) -> Lowering:
    """Of 0 and 1, the smaller or the larger. A constant goes second, which does not matter to the result."""
    order = (1, 0) if graph.is_constant(op.a) else (0, 1)
    symbol = "tc_minimum_s8_ref" if isinstance(op, LogicalAnd) else "tc_maximum_s8_ref"
    return _lowering(op, graph, (), order, symbol)


def lower_div(op: Div, graph: Graph) -> Lowering:
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    multiplier, shift = quantize_multiplier(div_scale(a, b, out, graph.reference))
    params = Struct(
        "tc_div_params",
        (
            ("a_zp", a.q.zero_point),
            ("b_zp", b.q.zero_point),
            ("out_zp", out.q.zero_point),
            ("multiplier", multiplier),
            ("shift", shift),
            *activation_fields(op.activation, out),
        ),
    )
    return _lowering(op, graph, (params,), (0, 1))


def lower_float_binary(op: FloatBinary, graph: Graph) -> Lowering:
    if op.function in TABLES:
        raise ModelError(
            f"{op.origin}: float32 is supported where it is a function of one int8 tensor's bytes only"
        )
    symbol = f"tc_{op.function.lower()}_f32_ref"
    if op.function not in CLAMPED:
        return _lowering(op, graph, (), (0, 1), symbol)
    low, high = float_limits(op.activation)
    return _lowering(op, graph, (Struct("tc_limits", (("low", low), ("high", high))),), (0, 1), symbol)


@dataclass(frozen=True)
class _Units:
    """The output's dimensions from `axis` on make a unit; there are `count`.

    steps: of each operand from unit to unit, in elements.
    """

    axis: int
    count: int
    steps: tuple[int, int]


def _lowering(
    op: Broadcast,
    graph: Graph,
    structs: tuple[Struct, ...],
    order: tuple[int, int],
    symbol: str = "",
) -> Lowering:
    """order: positions of the op's inputs in the order of the kernel's arguments; symbol: "" where the op names it."""
    names = [op.inputs[i] for i in order]
    out = graph.type(op.outputs[0])
    units = _units(graph, names, out.shape)
    strides = [broadcast_strides(graph.type(n).shape, out.shape)[units.axis :] for n in names]
    try:
        dims, (a, b) = merge(out.shape[units.axis :], *strides, rank=RANK)
    except ValueError as problem:
        raise ModelError(f"{op.origin}: broadcasts along {problem}; at most {RANK} are supported") from None
    a_step, b_step = units.steps
    walk = Struct(
        "tc_pair",
        (("dims", dims), ("a_stride", a), ("b_stride", b), ("a_step", a_step), ("b_step", b_step)),
    )
    inputs: list[Argument] = []
    repeated: list[Ref] = []
    constants: list[Constant] = []
    for i, (name, step) in enumerate(zip(names, units.steps, strict=True)):
        data = graph.tensors[name].data
        if data is None:
            inputs.append(Argument(order[i], SameUnit()))
            continue
        constants.append(Constant("ab"[i], *content(data)))
        last = i == len(names) - 1
        if last and step == 0:
            repeated.append(Ref("ab"[i]))
        else:
            inputs.append(Argument(Ref("ab"[i]), SameUnit()))
    call = Call(
        symbol or f"tc_{op.kind}_s8_ref",
        "pair",
        (*structs, walk),
        tuple(inputs),
        tuple(repeated),
        (Result(Units(units.count)),),
    )
    return Lowering((call,), tuple(constants), in_place(op, graph))


def content(data: Array) -> tuple[str, Array]:
    """Return the C type of a constant operand, and its elements as that."""
    return ("float", data) if data.dtype == np.float32 else ("int8_t", data.view(np.int8))


def _units(graph: Graph, names: list[str], out: tuple[int, ...]) -> _Units:
    """Pixels where all operands can be walked pixel by pixel, else rows, else one unit.

    An activation must have every pixel or row of the output; a constant may have them all or repeat.
    """
    axes = {4: (3, 2), 3: (2,)}.get(len(out), ()) if out[:1] == (1,) else ()
    for axis in axes:
        first, second = (_step(graph, name, out, axis) for name in names)
        repeats_first = graph.is_constant(names[0]) and first == 0
        if first is not None and second is not None and not repeats_first:
            return _Units(axis, prod(out[:axis]), (first, second))
    return _Units(0, 1, (0, 0))


def _step(graph: Graph, name: str, out: tuple[int, ...], axis: int) -> int | None:
    shape = graph.type(name).shape
    padded = (1,) * (len(out) - len(shape)) + shape
    if graph.is_constant(name) and prod(padded[:axis]) == 1:
        return 0
    dense = padded[:axis] == out[:axis] and (graph.is_constant(name) or len(shape) == len(out))
    return prod(padded[axis:]) if dense else None
