"""CONV_2D by Helium kernels."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Call, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.dsp.requant import Channels, channels
from tinyc.kernels.mve.matmul import product, stream
from tinyc.kernels.mve.requant import Finish, finish
from tinyc.kernels.ref.conv2d import not_pointwise
from tinyc.ops.conv2d import Conv2D


def parts(op: Conv2D, graph: Graph) -> tuple[Channels, Finish] | str:
    """The op as dot products over whole kernels, or why it is none that the block kernels take."""
    x, w, out = graph.type(op.inputs[0]), graph.tensors[op.inputs[1]], graph.type(op.outputs[0])
    assert x.quant is not None and w.data is not None
    if x.shape[3] != w.type.shape[3]:
        return "more than one group"
    bias = graph.tensors[op.inputs[2]].data if op.inputs[2] else None
    found = channels(w.data, bias, x.quant.zero_point)
    return finish(found, op.requant(graph.types(op.inputs), out), out, op.act_min, op.act_max)


def refuses(op: Conv2D, graph: Graph) -> str | None:
    result = parts(op, graph)
    return result if isinstance(result, str) else None


def refuses_1x1(op: Conv2D, graph: Graph) -> str | None:
    return not_pointwise(op, graph) or refuses(op, graph)


def lower_1x1(op: Conv2D, graph: Graph) -> Lowering:
    out = graph.type(op.outputs[0])
    result = parts(op, graph)
    assert not isinstance(result, str), result
    call = Call(
        "tc_conv2d_1x1_s8_mve",
        "conv2d",
        Form.RUN,
        (Struct("tc_conv2d_1x1_mve_params", (("product", product(*result)),)),),
        (Operand(0),),
        (Ref("weights"),),
        units=out.shape[1] * out.shape[2],
    )
    return Lowering((call,), (stream(*result),))
