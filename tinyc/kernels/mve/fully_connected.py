"""FULLY_CONNECTED by Helium kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Ref, Result, Struct
from tinyc.kernels.mve.matmul import product_fields, stream
from tinyc.kernels.mve.requant import VectorFinish, finish
from tinyc.kernels.packing.dots import Channels
from tinyc.kernels.packing.vectors import channels_of, requant_of
from tinyc.kernels.variant import Refusal
from tinyc.numerics.activation import clamp
from tinyc.numerics.dense import rounds_once
from tinyc.numerics.requant import Requant
from tinyc.ops.fully_connected import FullyConnected


def dot_products(op: FullyConnected, graph: Graph) -> tuple[Channels, VectorFinish] | Refusal:
    """The op as dot products, or why it is none that the block kernels take."""
    c, requant = channels_of(op, graph), requant_of(op, graph)
    if isinstance(requant, Refusal):
        return requant
    once = rounds_once(graph.reference)
    if once:
        requant = Requant(requant.multipliers, tuple(31 - shift for shift in requant.shifts))
    out = graph.type(op.outputs[0])
    return finish(c, requant, out, *clamp(op.activation, out), once=once)


def lower(op: FullyConnected, graph: Graph) -> Lowering | Refusal:
    found = dot_products(op, graph)
    if isinstance(found, Refusal):
        return found
    once = rounds_once(graph.reference)
    call = Call(
        "tc_fully_connected_once_s8_mve" if once else "tc_fully_connected_s8_mve",
        "fully_connected",
        (Struct("tc_matmul_mve", tuple(product_fields(*found).items())),),
        (Argument(0, SameUnit()),),
        (Ref("weights"),),
        (Result(Units(graph.type(op.x).elements // graph.type(op.weights).shape[1])),),
    )
    why = "rounds once, proven equal" if once else "rounds twice"
    return Lowering((call,), (stream(*found),), why=why)
