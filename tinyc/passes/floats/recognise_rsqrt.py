"""A division by a square root is a product with RSQRT, which integers have."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Graph, Op, Tensor
from tinyc.ops.div import Div
from tinyc.ops.mul import Mul
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.sqrt import Sqrt
from tinyc.passes.remove_dead import remove_dead


def recognise_rsqrt(graph: Graph) -> Graph:
    tensors = dict(graph.tensors)
    ops: list[Op] = []
    for op in graph.ops:
        root = graph.writer(op.b) if isinstance(op, Div) else None
        if not isinstance(op, Div) or not isinstance(root, Sqrt) or graph.type(op.b).dtype != "float32":
            ops.append(op)
        elif _is_one(graph, op.a) and graph.type(op.b) == graph.type(op.outputs[0]):
            ops.append(Rsqrt(root.inputs, op.outputs, root.origin))
        else:
            name = graph.fresh(f"{op.outputs[0]}:factor")
            tensors[name] = Tensor(name, graph.type(op.b))
            ops.append(Rsqrt(root.inputs, (name,), root.origin))
            ops.append(Mul((op.a, name), op.outputs, op.origin, op.activation))
    return remove_dead(graph.with_ops(ops, tensors))


def _is_one(graph: Graph, name: str) -> bool:
    data = graph.tensors[name].data
    return data is not None and bool(np.all(data == 1))
