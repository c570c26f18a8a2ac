"""What is repeated to an image for an op that would repeat it itself: the op reads what was repeated."""

from __future__ import annotations

from tinyc.ir import Graph, Op, Tensor, TensorType
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.expand import Expand
from tinyc.ops.reshape import Reshape
from tinyc.ops.transpose import Transpose
from tinyc.passes.rewrite import renamed


def fold_expand(graph: Graph) -> Graph:
    """Return the graph whose ops of two operands read what an EXPAND of one repeats, turned or not.

    The gate of an attention over channels, expanded to its image, is a number for each channel again.
    """
    ops: list[Op] = []
    tensors = dict(graph.tensors)
    for op in graph.ops:
        inputs = list(op.inputs)
        for index, name in enumerate(op.inputs if isinstance(op, Broadcast) else ()):
            small, turned = _small(graph, name)
            names = [*inputs[:index], small.name, *inputs[index + 1 :]]
            types = (small.type if n == small.name else tensors[n].type for n in names)
            if small.name == name or op.infer(op.named(types))[0] != graph.type(op.outputs[0]).shape:
                continue
            inputs[index] = small.name
            if small.name not in tensors and turned is not None:
                tensors[small.name] = small
                ops.append(turned)
        ops.append(renamed(op, dict(zip(op.inputs, inputs, strict=True))))
    return graph.with_ops(ops, tensors)


def _small(graph: Graph, name: str) -> tuple[Tensor, Op | None]:
    """Return what an EXPAND repeats to a tensor, else the tensor itself; and the op that turns it, if any."""
    op = graph.writer(name)
    if isinstance(op, Expand):
        return graph.tensors[op.x], None
    source = graph.writer(op.x) if isinstance(op, Transpose) else None
    if not (isinstance(op, Transpose) and isinstance(source, Expand)):
        return graph.tensors[name], None
    old = graph.type(source.x)
    if len(old.shape) != len(op.perm):
        return graph.tensors[name], None
    shape = tuple(old.shape[axis] for axis in op.perm)
    made = Tensor(graph.fresh(f"{name}_once"), TensorType(shape, old.dtype))
    stays = [axis for axis in op.perm if old.shape[axis] > 1]
    if stays == sorted(stays):
        return made, Reshape((source.x,), (made.name,), op.origin, shape)
    return made, Transpose((source.x,), (made.name,), op.origin, op.perm)
