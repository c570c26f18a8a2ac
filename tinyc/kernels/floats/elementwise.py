"""Functions of each element of float32 by itself."""

from __future__ import annotations

from tinyc.ir import Graph, Op
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.numerics.activation import float_limits
from tinyc.ops.gelu import Gelu
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.relu import Relu


def lower(op: Op, graph: Graph) -> Lowering:
    """A function that its kind names."""
    return _call(op, graph, op.kind)


def lower_gelu(op: Gelu, graph: Graph) -> Lowering:
    return _call(op, graph, "gelu_tanh" if op.approximate else "gelu")


def lower_relu(op: Relu, graph: Graph) -> Lowering:
    low, high = float_limits(op.activation)
    return _call(op, graph, "clamp", Struct("tc_clamp_f32_params", (("low", low), ("high", high))))


def lower_leaky_relu(op: LeakyRelu, graph: Graph) -> Lowering:
    return _call(op, graph, "leaky_relu", Struct("tc_leaky_relu_f32_params", (("alpha", float(op.alpha)),)))


def _call(op: Op, graph: Graph, name: str, *structs: Struct) -> Lowering:
    units = Result(Units(graph.type(op.outputs[0]).elements))
    symbol = f"tc_{name}_f32_ref"
    call = Call(symbol, "function_f32", structs, (Argument(0, SameUnit()),), writes=(units,))
    return Lowering((call,), in_place=(0,))
