"""SOFTMAX, LOG_SOFTMAX and L2_NORMALIZATION of float32, over the last dimension."""

from __future__ import annotations

from tinyc.ir import Graph, Op
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import SoftmaxOfFloats


def lower_softmax(op: Softmax | SoftmaxOfFloats, graph: Graph) -> Lowering:
    params = Struct("tc_softmax_vectors_f32_params", (("depth", _depth(op, graph)), ("beta", float(op.beta))))
    return _call(op, graph, "softmax_vectors", params)


def lower_log_softmax(op: Op, graph: Graph) -> Lowering:
    return _call(op, graph, "log_softmax_vectors", _params(op, graph))


def lower_l2_norm(op: Op, graph: Graph) -> Lowering:
    return _call(op, graph, "l2_norm", _params(op, graph))


def _depth(op: Op, graph: Graph) -> int:
    return graph.type(op.inputs[0]).shape[-1]


def _params(op: Op, graph: Graph) -> Struct:
    return Struct("tc_vectors_f32_params", (("depth", _depth(op, graph)),))


def _call(op: Op, graph: Graph, name: str, params: Struct) -> Lowering:
    vectors = Result(Units(graph.type(op.inputs[0]).elements // _depth(op, graph)))
    symbol = f"tc_{name}_f32_ref"
    call = Call(symbol, "vectors_f32", (params,), (Argument(0, SameUnit()),), writes=(vectors,))
    return Lowering((call,), in_place=(0,))
