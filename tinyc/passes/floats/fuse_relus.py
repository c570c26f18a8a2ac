"""A RELU that alone reads what an op computed becomes that op's activation: the same numbers, one op less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tinyc.ir import Activation, Graph, Op
from tinyc.ops.binary import Binary
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.dense import Dense
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.float_binary import CLAMPED, FloatBinary
from tinyc.ops.pool import Pool2D
from tinyc.ops.relu import Relu
from tinyc.ops.transpose_conv import TransposeConv

#: Ops with an activation of their own.
_Clamping = Conv2D | DepthwiseConv2D | TransposeConv | Dense | Binary | Pool2D | FloatBinary


def fuse_relus(graph: Graph, takes: Callable[[Op], bool] = lambda op: True) -> Graph:
    """Return the graph with fewer ops. takes: which of the ops with an activation may have one."""
    fused: dict[str, Relu] = {}
    for op in graph.ops:
        source = graph.writer(op.x) if isinstance(op, Relu) else None
        if not isinstance(op, Relu) or source is None or op.x in graph.kept_tensors:
            continue
        if len(graph.consumers[op.x]) == 1 and _is_free(source) and takes(source):
            fused[op.x] = op
    gone = {op.outputs[0] for op in fused.values()}
    ops: list[Op] = []
    for op in graph.ops:
        after = fused.get(op.outputs[0])
        if op.outputs[0] in gone:
            continue
        if after is not None and isinstance(op, _Clamping):
            ops.append(replace(op, outputs=after.outputs, activation=after.activation))
        else:
            ops.append(op)
    return graph.with_ops(ops)


def _is_free(op: Op) -> bool:
    """Whether the op has an activation, and that is none."""
    if isinstance(op, FloatBinary) and op.function not in CLAMPED:
        return False
    return isinstance(op, _Clamping) and op.activation is Activation.NONE
