"""FULLY_CONNECTED by portable kernels made for speed."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp import fully_connected as dsp
from tinyc.kernels.dsp.matmul import word_constant
from tinyc.kernels.dsp.requant import Channels, Finish
from tinyc.kernels.scalar.matmul import LIMIT, product, stream
from tinyc.ops.fully_connected import FullyConnected


def parts(op: FullyConnected, graph: Graph) -> tuple[Channels, Finish] | str:
    return dsp.dots(op, graph, LIMIT)


def refuses(op: FullyConnected, graph: Graph) -> str | None:
    result = parts(op, graph)
    return result if isinstance(result, str) else None


def lower(op: FullyConnected, graph: Graph) -> Lowering:
    x = graph.type(op.inputs[0])
    result = parts(op, graph)
    assert not isinstance(result, str), result
    c, f = result
    outputs, depth = c.weights.shape
    once = op.rounding != "double"
    call = Call(
        "tc_fully_connected_once_s8_scalar" if once else "tc_fully_connected_s8_scalar",
        "fully_connected",
        Form.RUN,
        (Struct("tc_matmul_scalar", tuple(product(c, f, outputs).items())),),
        (Operand(0),),
        (Ref("weights"),),
        units=x.elements // depth,
    )
    why = "rounds once, proven equal" if once else "rounds twice"
    return Lowering((call,), (word_constant("weights", stream(c, f.shifts + once, f)),), why=why)
