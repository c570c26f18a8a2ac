"""ONNX networks in the making: a node at a time, shapes by ONNX's own inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper, shape_inference

Dims = Sequence[int | str]


class Net:
    """Nodes so far. Inputs of a node that are no names become constants."""

    def __init__(self, seed: int = 0, **inputs: Dims) -> None:
        self.rng = np.random.default_rng(seed)
        self.inputs = {name: tuple(dims) for name, dims in (inputs or {"x": (1, 3, 16, 20)}).items()}
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def __call__(self, kind: str, *inputs: Any, outs: int = 1, **attributes: Any) -> Any:
        """Add a node and return the name of its output, or the names of several."""
        names = [one if isinstance(one, str) else self.constant(one) for one in inputs]
        made = [f"{kind.lower()}_{len(self.nodes)}_{i}" for i in range(outs)]
        self.nodes.append(helper.make_node(kind, names, made, **attributes))
        return made[0] if outs == 1 else made

    def constant(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(value)
        return name

    def noise(self, *shape: int, scale: float = 1.0) -> Any:
        return (scale * self.rng.normal(size=shape)).astype(np.float32)

    def weights(self, *shape: int) -> Any:
        """[O, I, ...] as an initializer of rectified layers draws them."""
        return self.noise(*shape, scale=(2 / max(1, int(np.prod(shape[1:])))) ** 0.5)

    def conv(self, x: str, ins: int, outs: int, kernel: int = 3, **attributes: Any) -> Any:
        group = attributes.get("group", 1)
        pad = (kernel - 1) // 2
        attributes = {"pads": [pad] * 4, "kernel_shape": [kernel] * 2, **attributes}
        weights = self.weights(outs, ins // group, kernel, kernel)
        return self("Conv", x, weights, self.noise(outs, scale=0.1), **attributes)

    def relu(self, x: str) -> Any:
        return self("Relu", x)

    def norm(self, x: str, channels: int, **attributes: Any) -> Any:
        draw = self.rng
        parts = (draw.uniform(0.5, 1.5, channels), draw.normal(0, 0.2, channels))
        moments = (draw.normal(0, 0.2, channels), draw.uniform(0.5, 1.5, channels))
        every = (part.astype(np.float32) for part in (*parts, *moments))
        return self("BatchNormalization", x, *every, **attributes)

    def model(self, *outputs: str, opset: int = 17, ir: int = 8) -> Any:
        """Return the ModelProto; shapes of outputs are left to the reader, as constants below version 4 are inputs."""
        info = helper.make_tensor_value_info
        inputs = [info(name, TensorProto.FLOAT, list(dims)) for name, dims in self.inputs.items()]
        if ir < 4:
            kinds = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int64): TensorProto.INT64}
            inputs += [info(n, kinds[v.dtype], list(v.shape)) for n, v in self.constants.items()]
        graph = helper.make_graph(
            self.nodes,
            "lookalike",
            inputs,
            list(map(helper.make_empty_tensor_value_info, outputs)),
            [numpy_helper.from_array(value, name) for name, value in self.constants.items()],
        )
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
        return shape_inference.infer_shapes(helper.make_model(graph, opset_imports=opsets, ir_version=ir))
