"""FULLY_CONNECTED by portable kernels made for speed."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.packing.vectors import dot_products
from tinyc.kernels.packing.words import word_constant
from tinyc.kernels.scalar.matmul import LIMIT, product_fields, stream
from tinyc.kernels.variant import Refusal
from tinyc.numerics.dense import rounds_once
from tinyc.ops.fully_connected import FullyConnected


def lower(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    found = dot_products(op, graph, LIMIT)
    if isinstance(found, Refusal):
        return found
    c, f = found
    outputs, depth = c.weights.shape
    once = rounds_once(graph.reference)
    call = Call(
        "tc_fully_connected_once_s8_scalar" if once else "tc_fully_connected_s8_scalar",
        "fully_connected",
        (Struct("tc_matmul_scalar", tuple(product_fields(c, f, outputs).items())),),
        (Argument(0, SameUnit()),),
        (Ref("weights"),),
        (Result(Units(graph.type(op.x).elements // depth)),),
    )
    why = "rounds once, proven equal" if once else "rounds twice"
    return Lowering((call,), (word_constant("weights", stream(c, f.shifts + once, f)),), why=why)
