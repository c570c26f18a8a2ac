"""A .tflite file in the making: its operators, and the tensors they name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinyc.export.file import FileOp, Option
from tinyc.ir import Activation, Array, Graph, Op, Tensor, TensorType, fresh_name

#: The format's numbers of fused activations.
ACTIVATIONS = {Activation.NONE: 0, Activation.RELU: 1, Activation.RELU_N1_TO_1: 2, Activation.RELU6: 3}


class Draft:
    """The operators of a file in the making, with the tensors of the graph and those that the format adds."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tensors: dict[str, Tensor] = {}
        self.ops: list[FileOp] = []
        #: Tensors under another name: that of what they are copies of.
        self.same: dict[str, str] = {}

    def use(self, name: str) -> str:
        """Name a tensor of the graph, which becomes one of the file."""
        name = self.same.get(name, name)
        if name and name not in self.tensors:
            self.tensors[name] = self.graph.tensors[name]
        return name

    def add(
        self,
        kind: str,
        version: int,
        inputs: Sequence[str],
        outputs: Sequence[str],
        options: str = "",
        **fields: Option,
    ) -> None:
        """Add an operator; fields: of its options table, by schema names."""
        names = tuple(map(self.use, inputs)), tuple(map(self.use, outputs))
        self.ops.append(FileOp(kind, version, *names, options, fields))

    def integers(self, near: str, values: object) -> str:
        """Add an int32 constant: axes, paddings, a shape. near: the tensor that it is about."""
        data = np.asarray(values, np.int32)
        return self.constant(near, TensorType(data.shape, "int32"), data)

    def constant(self, near: str, kind: TensorType, data: Array) -> str:
        name = fresh_name(f"{near}/constant", self.tensors, self.graph.tensors)
        self.tensors[name] = Tensor(name, kind, data)
        return name

    def between(self, near: str, kind: TensorType) -> str:
        """Add a tensor between two operators that one op becomes."""
        name = fresh_name(f"{near}/part", self.tensors, self.graph.tensors)
        self.tensors[name] = Tensor(name, kind)
        return name

    def version(self, op: Op, floats: int, int8: int) -> int:
        """Return the version of an operator that has one for float32 and one for int8, told by the first input."""
        return int8 if self.graph.type(op.inputs[0]).dtype == "int8" else floats


#: Adds one op of the graph to a draft.
Write = Callable[[Draft, Any], None]
