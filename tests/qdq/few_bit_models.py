"""Models of ONNX's types of 4 and 2 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

#: Least and greatest number, and the opset that has the type.
TYPES = {"INT4": (-8, 7, 21), "UINT4": (0, 15, 21), "INT2": (-2, 1, 25), "UINT2": (0, 3, 25)}


def tensor(name: str, kind: str, values: Any) -> Any:
    return helper.make_tensor(name, getattr(TensorProto, kind), np.shape(values), np.ravel(values).tolist())


def real(name: str, value: Any) -> Any:
    return numpy_helper.from_array(np.asarray(value, np.float32), name)


def model(
    nodes: list[Any], constants: list[Any], shape: tuple[int, ...], made: tuple[int, ...], opset: int
) -> Any:
    graph = helper.make_graph(
        nodes,
        "few",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, made)],
        constants,
    )
    version = 13 if opset >= 25 else 10
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=version)


def weighted(kind: str, per_channel: bool = True, seed: int = 0) -> Any:
    """A convolution whose weights, input and output all are of a type."""
    low, high, opset = TYPES[kind]
    rng, node = np.random.default_rng(seed), helper.make_node
    zero = (low + high + 1) // 2
    scales = rng.uniform(0.1, 0.4, 7 if per_channel else 1)
    around = {"axis": 0} if per_channel else {}
    nodes = [
        node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        node("DequantizeLinear", ["q", "s", "z"], ["xr"]),
        node("DequantizeLinear", ["w", "ws", "wz"], ["wr"], **around),
        node("Conv", ["xr", "wr", "b"], ["c"], pads=[1, 1, 1, 1]),
        node("QuantizeLinear", ["c", "so", "z"], ["cq"]),
        node("DequantizeLinear", ["cq", "so", "z"], ["y"]),
    ]
    constants = [
        real("s", 0.3), real("so", 0.71), real("b", rng.normal(0, 0.5, 7)), tensor("z", kind, zero),
        tensor("w", kind, rng.integers(low, high + 1, (7, 3, 3, 3))), real("ws", scales if per_channel else scales[0]),
        tensor("wz", kind, [zero] * 7 if per_channel else zero),
    ]  # fmt: skip
    return model(nodes, constants, (1, 3, 9, 6), (1, 7, 9, 6), opset)
