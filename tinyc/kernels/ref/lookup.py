"""Every function of one byte by a portable kernel: a table of 256."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result
from tinyc.ops.lookup import Lookup


def lower(op: Lookup, graph: Graph) -> Lowering:
    x, out = graph.type(op.inputs[0]), graph.type(op.outputs[0])
    table = Constant("table", "int8_t", op.table(x, out, graph.reference))
    call = Call(
        "tc_lookup_s8_ref",
        "lookup",
        (),
        (Argument(0, SameUnit()),),
        (Ref("table"),),
        (Result(Units(out.elements)),),
    )
    return Lowering((call,), (table,), in_place=(0,))
