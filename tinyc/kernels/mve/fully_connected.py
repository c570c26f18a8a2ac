"""FULLY_CONNECTED by Helium kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.requant import Channels, channels
from tinyc.kernels.mve.matmul import product, stream
from tinyc.kernels.mve.requant import Finish, finish
from tinyc.kernels.requant_once import once_multiplier
from tinyc.numerics.requant import Requant
from tinyc.ops.fully_connected import FullyConnected


def parts(op: FullyConnected, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as dot products, or why the block kernels do not take it."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.type.quant is not None and w.data is not None and out.quant is not None
    if w.type.quant.zero_point:
        return "the weights have a zero point"
    types, count = graph.types(op.inputs), w.type.shape[0]
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    found = channels(w.data, bias, x.quant.zero_point)
    if op.rounding == "double":
        requant = _each(op.requant(types, out), count)
        return finish(found, requant, out, op.act_min, op.act_max)
    zero_point = out.quant.zero_point
    pairs = [once_multiplier(s, zero_point, op.act_min, op.act_max) for s in op.real_scales(types, out)]
    if any(p is None for p in pairs):
        return "no integer multiplier rounds as the reference's double arithmetic does"
    requant = Requant(tuple(p[0] for p in pairs if p), tuple(31 - p[1] for p in pairs if p))
    return finish(found, _each(requant, count), out, op.act_min, op.act_max, once=True)


def _each(requant: Requant, count: int) -> Requant:
    """One entry per output, where there was one for all."""
    if len(requant.multipliers) == count:
        return requant
    return Requant(requant.multipliers * count, requant.shifts * count)


def refuses(op: FullyConnected, graph: Graph) -> str | None:
    result = parts(op, graph)
    return result if isinstance(result, str) else None


def lower(op: FullyConnected, graph: Graph) -> Lowering:
    x, w = graph.type(op.inputs[0]), graph.type(op.inputs[1])
    result = parts(op, graph)
    assert not isinstance(result, str), result
    double = op.rounding == "double"
    call = Call(
        "tc_fully_connected_s8_mve" if double else "tc_fully_connected_once_s8_mve",
        "fully_connected",
        Form.RUN,
        (Struct("tc_matmul_mve", tuple(product(*result).items())),),
        (Operand(0),),
        (Ref("weights"),),
        units=x.elements // w.shape[1],
    )
    why = "rounds twice" if double else "rounds once, proven equal"
    return Lowering((call,), (stream(*result),), why=why)
