"""Small ONNX models, as exporters write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT


def array(*shape: int, seed: int = 0, scale: float = 1.0) -> Any:
    return (scale * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def model(
    nodes: Sequence[Any],
    inputs: dict[str, Sequence[int | str]],
    outputs: Sequence[str],
    constants: dict[str, Any] | None = None,
    opset: int = 17,
) -> Any:
    """A model whose outputs' shapes are left to the reader."""
    floats = {name: (FLOAT, list(shape)) for name, shape in inputs.items()}
    made = any_model(nodes, floats, dict.fromkeys(outputs, FLOAT), constants or {}, opset)
    return onnx.shape_inference.infer_shapes(made)


def any_model(
    nodes: Sequence[Any],
    inputs: dict[str, tuple[int, Any]],
    outputs: dict[str, int],
    constants: dict[str, Any],
    opset: int = 17,
) -> Any:
    """A model of any element types, not inferred. inputs: type and shape; outputs: type."""
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        list(nodes),
        "test",
        [value(name, kind, shape) for name, (kind, shape) in inputs.items()],
        [value(name, kind, None) for name, kind in outputs.items()],
        [numpy_helper.from_array(np.asarray(data), name) for name, data in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def one(
    kind: str, shape: Sequence[int], constants: Sequence[Any] = (), opset: int = 17, **attributes: Any
) -> Any:
    """A model of one operator, behind a convolution of one pixel so that channels lie last."""
    names = [f"c{i}" for i in range(len(constants))]
    nodes = [helper.make_node(kind, ["x", *names], ["y"], **attributes)]
    return model(nodes, {"x": shape}, ["y"], dict(zip(names, constants, strict=True)), opset)


def network(batch: int | str = 1, opset: int = 17) -> Any:
    """Convolutions, batch normalization, a residual sum, pooling, Flatten and Gemm, as PyTorch has them."""
    node = helper.make_node
    nodes = [
        node("Conv", ["x", "w0"], ["a0"], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("BatchNormalization", ["a0", "s0", "b0", "m0", "v0"], ["a1"]),
        node("Clip", ["a1", "zero", "six"], ["a2"]),
        node("Conv", ["a2", "w1", "b1"], ["a3"], pads=[1, 1, 1, 1], group=8),
        node("Relu", ["a3"], ["a4"]),
        node("Conv", ["a4", "w2", "b2"], ["a5"]),
        node("Add", ["a5", "a2"], ["a6"]),
        node("MaxPool", ["a6"], ["a7"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Flatten", ["a7"], ["a8"]),
        node("Gemm", ["a8", "w3", "b3"], ["a9"], transB=1),
        node("Softmax", ["a9"], ["y"]),
    ]
    constants = {
        "w0": array(8, 3, 3, 3, seed=1, scale=0.3),
        "s0": array(8, seed=2, scale=0.2) + 1,
        "b0": array(8, seed=3, scale=0.2),
        "m0": array(8, seed=4, scale=0.2),
        "v0": np.abs(array(8, seed=5)) + np.float32(0.5),
        "zero": np.float32(0),
        "six": np.float32(6),
        "w1": array(8, 1, 3, 3, seed=6, scale=0.4),
        "b1": array(8, seed=7, scale=0.1),
        "w2": array(8, 8, 1, 1, seed=8, scale=0.4),
        "b2": array(8, seed=9, scale=0.1),
        "w3": array(5, 8 * 3 * 4, seed=10, scale=0.1),
        "b3": array(5, seed=11, scale=0.1),
    }
    return model(nodes, {"x": [batch, 3, 12, 16]}, ["y"], constants, opset)
