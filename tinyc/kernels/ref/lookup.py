"""Every function of one byte by a portable kernel: a table of 256."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref
from tinyc.ops.lookup import Lookup


def lower(op: Lookup, graph: Graph) -> Lowering:
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    table = Constant("table", "int8_t", op.table(x, out))
    call = Call(
        "tc_lookup_s8_ref", "lookup", Form.RUN, (), (Operand(0),), (Ref("table"),), units=out.elements
    )
    return Lowering((call,), (table,), in_place=(0,))
