"""Dilated convolutions as the converter writes them: SPACE_TO_BATCH_ND, a plain convolution, BATCH_TO_SPACE_ND.

The batches are the phases of the dilated image. The three operators, and the reshapes that make an image of a sequence
around the convolution, become one convolution with a dilation: the same products are summed, and the padding holds the
zero point, which adds nothing. No other use of the two operators is supported, since a batch is 1 everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import ClassVar, TypeVar

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator
from tinyc.ir import Array, Graph, Op, Operand, Operands, Reference, Tensor, TensorType
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.guard import need, same_quant, tflm_needs
from tinyc.ops.reshape import Reshape
from tinyc.ops.window import Window

_T = TypeVar("_T")
Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class SpaceToBatch(Op):
    """inputs: x [1, ..., C] int8; output: [prod(block), ..., C]. Exists only while a file is read.

    block: elements of a phase lie so far apart along each dimension between batch and channels; pads: (before, after).
    """

    x = Operand(0)

    block: tuple[int, ...]
    pads: Pairs

    kind: ClassVar[str] = "space_to_batch"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x.shape
        need(x[0] == 1, self, f"batch is {x[0]}; only 1 is supported")
        padded = [n + a + b for n, (a, b) in zip(x[1:-1], self.pads, strict=True)]
        whole = all(n > 0 and n % b == 0 for n, b in zip(padded, self.block, strict=True))
        need(whole, self, f"blocks of {list(self.block)} do not divide {padded}")
        return ((prod(self.block), *(n // b for n, b in zip(padded, self.block, strict=True)), x[-1]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        same_quant(self, types.x, outs[0])
        # seen with memory that was not 0 before: its padding has whatever bytes were there
        tflm_needs(not np.any(self.pads), self, reference, "TFLM leaves the padding unwritten")


@dataclass(frozen=True)
class BatchToSpace(Op):
    """inputs: x [prod(block), ..., C] int8; output: [1, ..., C], without the crops. Exists only while a file is read.

    crops: (before, after) elements along each dimension between batch and channels.
    """

    x = Operand(0)

    block: tuple[int, ...]
    crops: Pairs

    kind: ClassVar[str] = "batch_to_space"

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x.shape
        need(x[0] == prod(self.block), self, f"{x[0]} batches for blocks of {list(self.block)}")
        left = [n * k - a - b for n, k, (a, b) in zip(x[1:-1], self.block, self.crops, strict=True)]
        need(min(left) > 0, self, f"crops {list(self.crops)} leave nothing")
        return ((1, *left, x[-1]),)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        same_quant(self, types.x, outs[0])


def space_to_batch(n: Node) -> Op:
    block, pads = _geometry(n)
    return SpaceToBatch(n.input_names[:1], n.output_names, n.origin, block, pads)


def batch_to_space(n: Node) -> Op:
    return BatchToSpace(n.input_names[:1], n.output_names, n.origin, *_geometry(n))


def _geometry(n: Node) -> tuple[tuple[int, ...], Pairs]:
    """Blocks, and pads or crops."""
    n.counts((3,))
    x = n.x()
    n.need(len(x.shape) in (3, 4), f"input has shape {list(x.shape)}; [1, H, W, C] or [1, H, C] is needed")
    block, ends = n.integers(1), n.integers(2)
    dims = len(x.shape) - 2
    n.need(len(block) == dims and min(block) > 0, f"block is {list(block)}; {dims} numbers are needed")
    n.need(
        n.x(2).shape == (dims, 2) and all(0 <= e < 2**24 for e in ends),
        f"pads or crops are {list(ends)}; {dims} pairs are needed",
    )
    return block, tuple(zip(ends[::2], ends[1::2], strict=True))


def fold_dilations(graph: Graph) -> Graph:
    """Raises ModelError where phases of an image remain."""
    for last in [op for op in graph.ops if isinstance(op, BatchToSpace)]:
        graph = _folded(graph, last)
    if any(isinstance(op, SpaceToBatch | BatchToSpace) for op in graph.ops):
        batched = [op for op in graph.ops if _has_batch(graph, op)]
        raise ModelError(
            "\n".join(f"{op.origin}: {_ONLY}" for op in batched),
            "convert the model with a batch of 1; dilation works by a convolution of stride 1 alone in between",
        )
    return graph


_ONLY = "makes or takes a batch, which is supported only around a dilated convolution"


def _has_batch(graph: Graph, op: Op) -> bool:
    if isinstance(op, Conv2D | DepthwiseConv2D):
        return graph.type(op.inputs[0]).shape[0] != 1
    return isinstance(op, SpaceToBatch | BatchToSpace)


def _folded(graph: Graph, last: BatchToSpace) -> Graph:
    """The graph with the convolution in front of `last` dilated, or as it was where there is none."""

    def writer(op: Op) -> Op | None:
        """Of what only `op` reads."""
        (name, *_) = op.inputs
        alone = len(graph.consumers[name]) == 1 and name not in graph.output_tensors
        return graph.writer(name) if alone else None

    after = writer(last)
    conv = writer(after) if isinstance(after, Reshape) else after
    if not isinstance(conv, Conv2D | DepthwiseConv2D):
        return graph
    before = writer(conv)
    first = writer(before) if isinstance(before, Reshape) else before
    if not isinstance(first, SpaceToBatch):
        return graph
    chain = tuple(dict.fromkeys(op for op in (first, before, conv, after, last) if op is not None))
    axis = _inserted(graph, before, after)
    window = _dilated(conv.window, first, last, axis)
    if window is None or not _one_scale(graph, chain[: chain.index(conv)]):
        return graph
    if not _one_scale(graph, chain[chain.index(conv) + 1 :]):
        return graph
    x, y = first.inputs[0], last.outputs[0]
    if axis is None:
        made: tuple[Op, ...] = (replace(conv, inputs=(x, *conv.inputs[1:]), outputs=(y,), window=window),)
        return _exchanged(graph, chain, made, {})
    image, result = (graph.fresh(f"{name}:image") for name in (x, y))
    kinds = {
        new: replace(graph.type(old), shape=_with(1, axis, graph.type(old).shape))
        for new, old in ((image, x), (result, y))
    }
    made = (
        Reshape((x,), (image,), first.origin, kinds[image].shape),
        replace(conv, inputs=(image, *conv.inputs[1:]), outputs=(result,), window=window),
        Reshape((result,), (y,), last.origin, graph.type(y).shape),
    )
    return _exchanged(graph, chain, made, kinds)


def _inserted(graph: Graph, before: Op | None, after: Op | None) -> int | None:
    """Where the reshape before a convolution puts a dimension of 1 that the one after it takes away."""
    if not isinstance(before, Reshape) or not isinstance(after, Reshape):
        return None
    (x, wide), (result, y) = ((graph.type(op.inputs[0]).shape, op.shape) for op in (before, after))
    found = [i for i in (1, 2) if len(x) == 3 and wide == _with(1, i, x) and result == _with(1, i, y)]
    return found[0] if found else None


def _dilated(window: Window, first: SpaceToBatch, last: BatchToSpace, axis: int | None) -> Window | None:
    """The window over what the phases come from. What is cropped needs no padding, since it is not computed."""
    block, pads, crops = first.block, first.pads, last.crops
    if axis is not None:
        block, pads, crops = (
            _with(1, axis - 1, block),
            _with((0, 0), axis - 1, pads),
            _with((0, 0), axis - 1, crops),
        )
    plain = window.stride == window.dilation == (1, 1) and not any(window.padding)
    if first.block != last.block or len(block) != 2 or not plain:
        return None
    (top, bottom), (left, right) = (
        (pad[0] - crop[0], pad[1] - crop[1]) for pad, crop in zip(pads, crops, strict=True)
    )
    if min(top, left, bottom, right) < 0:
        return None
    return Window(window.kernel, (1, 1), (block[0], block[1]), (top, left, bottom, right))


def _one_scale(graph: Graph, moves: Sequence[Op]) -> bool:
    """Whether ops that move bytes leave them their meaning."""
    quants = [graph.type(name).quant for op in moves for name in (op.inputs[0], op.outputs[0])]
    return len({None if q is None else (q.scale, q.zero_point) for q in quants}) == 1


def _exchanged(graph: Graph, old: Sequence[Op], made: Sequence[Op], kinds: Mapping[str, TensorType]) -> Graph:
    """The graph with `made` in the place of `old`. kinds: of new tensors."""
    at = graph.ops.index(old[-1])
    ops = [*graph.ops[:at], *made, *graph.ops[at + 1 :]]
    tensors = {**graph.tensors, **{name: Tensor(name, kind) for name, kind in kinds.items()}}
    return graph.with_ops([op for op in ops if all(op is not gone for gone in old)], tensors)


def _with(one: _T, at: int, values: tuple[_T, ...]) -> tuple[_T, ...]:
    return (*values[:at], one, *values[at:])


#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator(
        "BATCH_TO_SPACE_ND",
        batch_to_space,
        options=("BatchToSpaceNDOptions",),
        newest=4,
        supported="behind a convolution that SPACE_TO_BATCH_ND makes a dilated one",
    ),
    Operator(
        "SPACE_TO_BATCH_ND",
        space_to_batch,
        options=("SpaceToBatchNDOptions",),
        newest=4,
        supported="before a convolution of stride 1 with BATCH_TO_SPACE_ND behind it: a dilated one",
    ),
)
