"""Generated models with ternary weights in place of their own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.export import export_tflite
from tinyc.frontends import load_tflite
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.weighted import Weighted


def ternary(model: bytes, seed: int) -> bytes:
    """Return the model with weights of -k, 0 and k, a k for each output channel."""
    rng = np.random.default_rng(seed)
    graph = load_tflite(model, "ternary", "litert")
    tensors = dict(graph.tensors)
    for op in graph.ops:
        if isinstance(op, Weighted) and tensors[op.weights].data is not None:
            weights = tensors[op.weights]
            shape = weights.type.shape
            axis = len(shape) - 1 if isinstance(op, DepthwiseConv2D) else 0
            most = rng.integers(1, 128, [n if i == axis else 1 for i, n in enumerate(shape)])
            signs = rng.choice((-1, 0, 1), shape)
            tensors[op.weights] = replace(weights, data=(most * signs).astype(np.int8))
    return export_tflite(graph.with_ops(graph.ops, tensors), "ternary weights")
