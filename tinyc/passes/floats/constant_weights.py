"""Products with weights that turn out to be constant, as dense layers: those have kernels and bytes of their own.

So are weights behind DEQUANTIZE, as files of half precision have them, and matrices that stand for all vectors alike.
"""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph, Op, Tensor, TensorType
from tinyc.ops.batch_matmul import BatchMatMul
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.fully_connected_computed import FullyConnectedComputed


def constant_weights(graph: Graph) -> Graph:
    """Return the graph with FULLY_CONNECTED by constants in place of products with computed weights."""
    tensors = dict(graph.tensors)
    return graph.with_ops([_dense(graph, op, tensors) for op in graph.ops], tensors)


def _dense(graph: Graph, op: Op, tensors: dict[str, Tensor]) -> Op:
    if isinstance(op, FullyConnectedComputed) and graph.is_constant(op.weights):
        return FullyConnected(op.inputs, op.outputs, op.origin, op.activation, op.keep_dims)
    data = graph.tensors[op.b].data if isinstance(op, BatchMatMul) else None
    if not isinstance(op, BatchMatMul) or data is None or op.adj_x or graph.is_constant(op.a):
        return op
    alike = prod(data.shape[:-2]) == 1 and data.ndim <= len(graph.type(op.a).shape)
    if not alike or data.dtype.name != "float32":
        return op
    matrix = data.reshape(data.shape[-2:])
    rows = matrix if op.adj_y else matrix.T
    name = graph.fresh(f"{op.outputs[0]}_weights")
    tensors[name] = Tensor(name, TensorType(rows.shape, "float32"), rows.copy())
    return FullyConnected((op.a, name, ""), op.outputs, op.origin, keep_dims=True)
