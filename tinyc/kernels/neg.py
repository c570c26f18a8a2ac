"""NEG of float32 in C, for those that are not folded into a table."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result
from tinyc.ops.neg import Neg


def lower(op: Neg, graph: Graph) -> Lowering:
    units = graph.type(op.outputs[0]).elements
    call = Call("tc_neg_f32_ref", "neg", (), (Argument(0, SameUnit()),), writes=(Result(Units(units)),))
    return Lowering((call,), in_place=(0,))
