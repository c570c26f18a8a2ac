"""Layers that are functions of elements or vectors, and reductions: what newer converters write."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.modelgen.layers import _rescaled, _some_axes
from tests.modelgen.net import Net


def _real(kind: str) -> Callable[[Net, int], list[int]]:
    """A function of each element, of int8 itself; its output's scale holds its values."""

    def layer(net: Net, x: int) -> list[int]:
        y = net.activation(net.shape(x), float(np.float32(net.rng.uniform(0.005, 0.1))))
        if kind == "EXP":
            x = _small(net, x)
        options = {"approximate": net.chance(0.5)} if kind == "GELU" else {}
        net.writer.op(kind, [x], [y], **options)
        return [y]

    return layer


def _small(net: Net, x: int) -> int:
    """x in a scale whose exponentials fit."""
    y = net.activation(net.shape(x), 0.02)
    net.writer.op("QUANTIZE", [x], [y])
    return y


def _island(kind: str) -> Callable[[Net, int], list[int]]:
    """The same in float32 between int8 tensors."""

    def layer(net: Net, x: int) -> list[int]:
        shape = net.shape(x)
        real, made = (net.writer.tensor(shape, "float32") for _ in range(2))
        y = _rescaled(net, x)
        net.writer.op("DEQUANTIZE", [x], [real])
        net.writer.op(kind, [real], [made])
        net.writer.op("QUANTIZE", [made], [y])
        return [y]

    return layer


def reduce_min(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    axes = [1, 2] if len(shape) == 4 and net.chance(0.4) else _some_axes(net, len(shape))
    keep = net.chance(0.5)
    y = net.like(x, tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes))
    net.writer.op("REDUCE_MIN", [x, net.writer.constant(axes)], [y], keep_dims=keep)
    return [y]


def sum_(net: Net, x: int) -> list[int]:
    shape = net.shape(x)
    axes = [1, 2] if len(shape) == 4 and net.chance(0.5) else _some_axes(net, len(shape))
    keep = net.chance(0.5)
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes)
    y = net.activation(kept, float(np.float32(net.spec(x).scale * net.rng.uniform(1.1, 9))))
    net.writer.op("SUM", [x, net.writer.constant(axes)], [y], keep_dims=keep)
    return [y]


def squared_difference(net: Net, x: int) -> list[int]:
    spec = net.spec(x)
    shape = tuple(n if net.chance(0.7) else 1 for n in spec.shape)
    if net.chance(0.4):
        given = net.pick((shape, shape[-1:]))
        other = net.writer.tensor(given, "int8", net.scale(), net.zero_point(), data=net.bytes(given, -128))
    else:
        other = net.input((1, *shape[1:]))
    largest = (255 * (spec.scale + net.spec(other).scale)) ** 2
    y = net.activation(
        np.broadcast_shapes(spec.shape, net.shape(other)),
        float(np.float32(largest / net.rng.uniform(200, 2000))),
    )
    net.writer.op("SQUARED_DIFFERENCE", [x, other] if net.chance(0.7) else [other, x], [y])
    return [y]


def l2_normalization(net: Net, x: int) -> list[int]:
    y = net.activation(net.shape(x), 1 / 128, 0)
    net.writer.op("L2_NORMALIZATION", [x], [y])
    return [y]


def log_softmax(net: Net, x: int) -> list[int]:
    y = net.activation(net.shape(x), 1 / 16, 127)
    net.writer.op("LOG_SOFTMAX", [x], [y])
    return [y]


def float_tail(net: Net, x: int) -> list[int]:
    """SOFTMAX or its logarithm of float32 as the end of the network."""
    real, y = (net.writer.tensor(net.shape(x), "float32") for _ in range(2))
    net.writer.op("DEQUANTIZE", [x], [real])
    if net.chance(0.5):
        net.writer.op("SOFTMAX", [real], [y], beta=net.pick((1.0, 0.5, 2.0)))
    else:
        net.writer.op("LOG_SOFTMAX", [real], [y])
    return [y]


def pack(net: Net, x: int) -> list[int]:
    """Of the tensor itself, of constants and of inputs."""
    spec = net.spec(x)
    parts = [x]
    for _ in range(net.size(1, 3)):
        if net.chance(0.5) or spec.shape[0] != 1:
            data = net.bytes(spec.shape, -128)
            parts.append(net.writer.tensor(spec.shape, "int8", spec.scale, spec.zero_point, data=data))
        else:
            parts.append(net.input(spec.shape, spec.scale, spec.zero_point))
    parts = [parts[i] for i in net.rng.permutation(len(parts))]
    rank = len(spec.shape) + 1
    axis = net.size(1, rank - 1)
    y = net.like(x, (*spec.shape[:axis], len(parts), *spec.shape[axis:]))
    net.writer.op("PACK", parts, [y], values_count=len(parts), axis=axis - rank if net.chance(0.3) else axis)
    return [y]


def gather(net: Net, x: int) -> list[int]:
    """The first dimension stays where it is."""
    shape = net.shape(x)
    rank = len(shape)
    axis = net.size(min(1, rank - 1), rank - 1)
    picked = [net.size(1, 9)] if rank > 3 or net.chance(0.6) else net.pick(([], [2, 3]))
    if rank == 1 and not picked:
        picked = [1]
    indices = net.rng.integers(0, shape[axis], picked)
    y = net.like(x, (*shape[:axis], *picked, *shape[axis + 1 :]))
    net.writer.op(
        "GATHER", [x, net.writer.constant(indices)], [y], axis=axis - rank if net.chance(0.3) else axis
    )
    return [y]


def fully_connected_computed(net: Net, x: int) -> list[int]:
    """The weights are an input, or the input itself is."""
    spec = net.spec(x)
    depth, total = spec.shape[-1], int(np.prod(spec.shape))
    outputs = net.size(1, 9)
    w = net.input((1, outputs, depth))
    weights = net.like(w, (outputs, depth))
    net.writer.op("RESHAPE", [w, net.writer.constant((outputs, depth))], [weights])
    scale = spec.scale * net.spec(w).scale
    bias = -1
    if net.chance(0.5):
        data = net.rng.integers(-9000, 9000, outputs)
        bias = net.writer.tensor((outputs,), "int32", float(np.float32(scale)), 0, data=data)
    y = net.activation((total // depth, outputs), float(np.float32(scale * depth * net.rng.uniform(20, 300))))
    net.writer.op("FULLY_CONNECTED", [x, weights, bias], [y], fused_activation_function=net.size(0, 3))
    return [y]


def batch_matmul(net: Net, x: int) -> list[int]:
    """With another input or a constant, on either side, any of both transposed."""
    spec = net.spec(x)
    if len(spec.shape) == 1:
        x = net.like(x, (1, *spec.shape))
        net.writer.op("RESHAPE", [net.inputs[0], net.writer.constant((1, *spec.shape))], [x])
    *before, height, width = net.shape(x)
    first, adj_x, adj_y = net.chance(0.6), net.chance(0.4), net.chance(0.4)
    depth = (height if adj_x else width) if first else (width if adj_y else height)
    kept = width * height // depth
    size = net.size(1, 9)
    turned = adj_y if first else not adj_x
    given = (*(n if net.chance(0.7) else 1 for n in before), *((size, depth) if turned else (depth, size)))
    if given[0] != 1 or net.chance(0.3):
        data = net.bytes(given, -128)
        other = net.writer.tensor(given, "int8", net.scale(), net.zero_point(), data=data)
    else:
        other = net.input(given)
    scale = spec.scale * net.spec(other).scale * depth * net.rng.uniform(20, 300)
    y = net.activation((*before, *((kept, size) if first else (size, kept))), float(np.float32(scale)))
    net.writer.op("BATCH_MATMUL", [x, other] if first else [other, x], [y], adj_x=adj_x, adj_y=adj_y)
    return [y]


#: Layers of any rank that both references have.
FUNCTIONS: dict[str, Callable[[Net, int], list[int]]] = {
    "exp_of_floats": _island("EXP"),
    "square_of_floats": _island("SQUARE"),
    "reduce_min": reduce_min,
    "sum": sum_,
    "squared_difference": squared_difference,
    "l2_normalization": l2_normalization,
    "log_softmax": log_softmax,
    "float_tail": float_tail,
    "pack": pack,
    "gather": gather,
    "batch_matmul": batch_matmul,
    "fully_connected_computed": fully_connected_computed,
}

#: Layers that only LiteRT has.
LITERT_FUNCTIONS: dict[str, Callable[[Net, int], list[int]]] = {
    "exp": _real("EXP"),
    "gelu": _real("GELU"),
}
