"""A batch of images, fixed in the file, is computed image by image: exact, since no op looks across a batch.

What needs one image at a time, windows and resizing, becomes one op per image, with the same weights, and so does what
lies between two of those. Everything else takes a batch as it is: dense layers, sums, softmax. The model's own inputs
and outputs keep the shapes of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.limits import MAX_OPS
from tinyc.ir import Array, Graph, Op, Tensor
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depth_to_space import DepthToSpace
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.lookup import Lookup
from tinyc.ops.pad import Pad
from tinyc.ops.pool import Pool2D
from tinyc.ops.reduction import Reduction
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.space_to_depth import SpaceToDepth
from tinyc.ops.strided_slice import StridedSlice
from tinyc.ops.transpose import Transpose
from tinyc.ops.transpose_conv import TransposeConv

#: What works on one image at a time.
_Windowed = (
    Conv2D
    | DepthwiseConv2D
    | TransposeConv
    | Pool2D
    | ResizeNearest
    | ResizeBilinear
    | DepthToSpace
    | SpaceToDepth
)
_IMAGE_RANK = 3


def split_batches(graph: Graph) -> Graph:
    """Raises ModelError where the batch is too large for that."""
    first = next((op for op in graph.ops if _needs_one(graph, op)), None)
    return graph if first is None else _Split(graph, first).graph()


def with_parts(values: Mapping[str, Array], graph: Graph) -> dict[str, Array]:
    """Values of tensors by name, and those of each image where the graph has it as a tensor of its own."""
    parts = {
        _part_name(name, i): value[i : i + 1]
        for name, value in values.items()
        for i in range(len(value) if value.ndim else 0)
        if _part_name(name, i) in graph.tensors
    }
    return {**values, **parts}


def _part_name(tensor: str, image: int) -> str:
    return f"{tensor}[{image}]"


def _needs_one(graph: Graph, op: Op) -> bool:
    return isinstance(op, _Windowed) and graph.type(op.inputs[0]).shape[0] != 1


class _Split:
    """One pass over the ops. first: of those that need one image at a time."""

    def __init__(self, graph: Graph, first: Op) -> None:
        self._graph = graph
        self._first = first
        self._tensors = dict(graph.tensors)
        self._ops: list[Op] = []
        #: Of tensors known in parts, the names of these.
        self._parts: dict[str, tuple[str, ...]] = {}
        self._whole = {p.tensor for p in graph.inputs}

    def graph(self) -> Graph:
        for op in self._graph.ops:
            if self._is_split(op):
                self._split(op)
            else:
                for name in op.inputs:
                    self._join(name, op)
                self._ops.append(op)
                self._whole.update(op.outputs)
            if len(self._ops) > MAX_OPS:
                batch = self._graph.type(self._first.inputs[0]).shape[0]
                raise ModelError(
                    f"{self._first.origin}: a batch of {batch} makes more than {MAX_OPS} operators of the model's "
                    f"{len(self._graph.ops)}, one for each image",
                    "compile it for a batch of 1, --shape NAME=1,... , and run that as often as needed",
                )
        for name in sorted(self._graph.output_tensors):
            self._join(name, self._first)
        return self._graph.with_ops(self._ops, self._tensors)

    def _is_split(self, op: Op) -> bool:
        """Whether there is one op per image: it needs that, or reads parts and keeps the images apart."""
        if _needs_one(self._graph, op):
            return True
        out = self._graph.type(op.outputs[0])
        batch = out.shape[:1]
        apart = (
            len(out.shape) >= _IMAGE_RANK and out.dtype == "int8" and self._of_one(op, out.shape) is not None
        )
        read = [n for n in op.inputs if n and not self._graph.is_constant(n)]
        known = [n for n in read if n in self._parts and self._graph.type(n).shape[:1] == batch]
        return apart and bool(known) and all(self._graph.type(n).shape[:1] == batch for n in read)

    def _of_one(self, op: Op, out: tuple[int, ...]) -> Op | None:
        """The op's attributes for one image; None where it does not keep the images of the batch apart.

        out: shape of the output.
        """
        match op:
            case Reshape():
                return replace(op, shape=(1, *op.shape[1:]))
            case StridedSlice():
                whole = (op.begin[0], op.strides[0], op.sliced_shape[0]) == (0, 1, out[0])
                one = replace(op, sliced_shape=(1, *op.sliced_shape[1:]), shape=(1, *op.shape[1:]))
                return one if whole else None
            case Broadcast():
                apart = all(len(self._graph.type(n).shape) <= len(out) for n in op.inputs)
            case Concat():
                apart = op.axis != 0
            case Reduction():
                apart = 0 not in op.axes
            case Pad():
                apart = op.pads[0] == (0, 0)
            case Transpose():
                apart = op.perm[0] == 0
            case _:
                apart = isinstance(op, _Windowed | Lookup)
        return op if apart else None

    def _split(self, op: Op) -> None:
        """One op per image."""
        output = op.outputs[0]
        out = self._graph.type(output)
        one = self._of_one(op, out.shape)
        assert one is not None
        # weights and biases are the same for every image
        shared = 1 if isinstance(op, _Windowed) else len(op.inputs)
        operands = [
            self._in_parts(name, op, out.shape) if name and i < shared else (name,) * out.shape[0]
            for i, name in enumerate(op.inputs)
        ]
        parts = []
        for image, inputs in enumerate(zip(*operands, strict=True)):
            name = self._new(output, image)
            self._ops.append(replace(one, inputs=inputs, outputs=(name,)))
            parts.append(name)
        self._parts[output] = tuple(parts)

    def _in_parts(self, name: str, op: Op, out: tuple[int, ...]) -> tuple[str, ...]:
        """An operand, image by image; the same for all where it has no batch of its own."""
        tensor = self._graph.tensors[name]
        batch, shape = out[0], tensor.type.shape
        if isinstance(op, Broadcast) and (len(shape) < len(out) or shape[0] == 1):
            return (name,) * batch
        if name in self._parts:
            return self._parts[name]
        parts = []
        for image in range(batch):
            part = self._new(name, image)
            if tensor.data is not None:
                content = np.ascontiguousarray(tensor.data[image : image + 1])
                self._tensors[part] = replace(self._tensors[part], data=content)
            else:
                zeros, one = (0,) * (len(shape) - 1), (1, *shape[1:])
                self._ops.append(
                    StridedSlice((name,), (part,), op.origin, (image, *zeros), (1,) * len(shape), one, one)
                )
            parts.append(part)
        self._parts[name] = tuple(parts)
        return self._parts[name]

    def _new(self, name: str, image: int) -> str:
        """A new tensor for one image of `name`."""
        kind = self._graph.type(name)
        part = _part_name(name, image)
        while part in self._tensors:
            part += "'"
        self._tensors[part] = Tensor(part, replace(kind, shape=(1, *kind.shape[1:])))
        return part

    def _join(self, name: str, reader: Op) -> None:
        """Make the whole of a tensor that is known in parts only."""
        if name not in self._parts or name in self._whole or self._graph.is_constant(name):
            return
        self._whole.add(name)
        self._ops.append(Concat(self._parts[name], (name,), reader.origin, 0))
