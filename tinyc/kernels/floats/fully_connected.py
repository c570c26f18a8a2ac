"""FULLY_CONNECTED and BATCH_MATMUL of float32."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import EveryUnit, SameUnit, Units, Whole
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.batch_matmul import geometry
from tinyc.kernels.floats.constants import data_of, float_bias, float_constant, float_source, in_fours, limits
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.dense import Dense


def lower(op: Dense, graph: Graph) -> Lowering:
    outs, depth = graph.type(op.weights).shape
    source, given = float_source(graph, 0, op.x)
    reads = [Argument(source, SameUnit())]
    bias = float_bias(graph, op.bias)
    constants: tuple[Constant, ...] = (*given, *bias)
    arrays = [Ref("bias") if bias else None]
    symbol = "tc_fully_connected_rows_f32_ref"
    if graph.is_constant(op.weights):
        symbol = "tc_fully_connected_f32_ref"
        weights = in_fours(data_of(graph, op.weights).reshape(outs, depth))
        constants = (*given, float_constant("weights", weights), *bias)
        arrays = [Ref("weights"), *arrays]
    else:
        reads.append(Argument(1, EveryUnit()))
    fields = (("in_n", depth), ("out_n", outs), *limits(op.activation))
    call = Call(
        symbol,
        "fully_connected_f32",
        (Struct("tc_fully_connected_f32_params", fields),),
        tuple(reads),
        tuple(arrays),
        (Result(Units(graph.type(op.x).elements // depth)),),
    )
    return Lowering((call,), constants)


def lower_batch_matmul(op: BatchMatMul, graph: Graph) -> Lowering:
    params = Struct("tc_batch_matmul_f32_params", geometry(op, graph))
    sources = [float_source(graph, i, name) for i, name in enumerate(op.inputs)]
    reads = tuple(Argument(source, Whole()) for source, _ in sources)
    constants = tuple(constant for _, found in sources for constant in found)
    return Lowering((Call("tc_batch_matmul_f32_ref", "batch_matmul_f32", (params,), reads),), constants)
