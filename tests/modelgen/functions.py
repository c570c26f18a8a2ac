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


def select(net: Net, x: int) -> list[int]:
    """Between x and another tensor, by comparisons of both or with a number, joined by logic."""
    spec = net.spec(x)
    scale = min(spec.scale, 0.9)
    compared = x
    if scale != spec.scale:
        compared = net.activation(spec.shape, scale)
        net.writer.op("QUANTIZE", [x], [compared])
    other = net.input((1, *spec.shape[1:])) if net.chance(0.5) else x
    shape = np.broadcast_shapes(spec.shape, net.shape(other))
    mask = -1
    for number_of, relation in enumerate(net.rng.permutation(len(_RELATIONS))[:4]):
        number = net.writer.tensor((1,), "int8", net.scale(-8, -3), 0, data=net.bytes((1,), -128))
        against = other if net.chance(0.5) and net.spec(other).scale < 1 else number
        found = net.writer.tensor(np.broadcast_shapes(spec.shape, net.shape(against)), "bool")
        net.writer.op(_RELATIONS[relation], [compared, against], [found])
        if not number_of:
            mask = net.writer.tensor(net.shape(found), "bool")
            net.writer.op("LOGICAL_NOT", [found], [mask])
            continue
        both = net.writer.tensor(np.broadcast_shapes(net.shape(mask), net.shape(found)), "bool")
        net.writer.op(("LOGICAL_OR", "LOGICAL_AND")[number_of % 2], [mask, found], [both])
        mask = both
    y = net.like(x, shape)
    net.writer.op("SELECT_V2", [mask, x, other], [y])
    return [y]


_RELATIONS = ("LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", "EQUAL", "NOT_EQUAL")


def div(net: Net, x: int) -> list[int]:
    """By what is never 0: a byte above -128 or so, and at times a constant."""
    spec = net.spec(x)
    shape = spec.shape if net.chance(0.6) else (*(1 for _ in spec.shape[1:]), spec.shape[-1])
    scale = spec.scale * float(net.rng.uniform(0.2, 1))
    least = net.size(1, 9)
    data = net.rng.integers(least - 128, 128, shape)
    divisor = net.writer.tensor(shape, "int8", float(np.float32(scale)), -128, data=data)
    if net.chance(0.6) and spec.shape[0] == 1:
        given = net.input((1, *shape[1:]), float(np.float32(scale)), -128)
        divisor = net.like(given, shape)
        floor = net.writer.tensor((1,), "int8", float(np.float32(scale)), -128, data=np.full(1, least - 128))
        net.writer.op("MAXIMUM", [given, floor], [divisor])
    ratio = spec.scale / scale
    y = net.activation(spec.shape, float(np.float32(ratio / 128 * net.rng.uniform(0.05, 0.9))))
    net.writer.op("DIV", [x, divisor], [y], fused_activation_function=net.pick((0, 0, 1)))
    return [y]


def float_pair(net: Net, x: int) -> list[int]:
    """Arithmetic of two tensors in float32 between int8 tensors."""
    shape = net.shape(x)
    other = net.input((1, *(n if net.chance(0.7) else 1 for n in shape[1:])))
    reals = [net.writer.tensor(net.shape(t), "float32") for t in (x, other)]
    for t, real in zip((x, other), reals, strict=True):
        net.writer.op("DEQUANTIZE", [t], [real])
    made = net.writer.tensor(np.broadcast_shapes(shape, net.shape(other)), "float32")
    if net.chance(0.6):
        net.writer.op(
            net.pick(("ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE")), reals, [made]
        )
    else:
        mask = net.writer.tensor(net.shape(made), "bool")
        net.writer.op(net.pick(_RELATIONS), reals, [mask])
        net.writer.op("CAST", [mask], [made])
    y = net.activation(net.shape(made))
    net.writer.op("QUANTIZE", [made], [y])
    return [y]


def float_values(net: Net, x: int) -> list[int]:
    """A function of each byte whose float32 values are outputs."""
    real, half, made, y = (net.writer.tensor(net.shape(x), "float32") for _ in range(4))
    picked = net.rng.permutation(["SIN", "COS", "FLOOR"])[:2]
    first, second = sorted(
        picked, key=lambda kind: kind != "FLOOR"
    )  # behind the others it would see their last bit
    net.writer.op("DEQUANTIZE", [x], [real])
    net.writer.op(str(first), [real], [half])
    net.writer.op(str(second), [half], [made])
    net.writer.op(net.pick(("ADD", "MUL")), [made, net.writer.constant(0.3, "float32")], [y])
    return [y]


def mirror_pad(net: Net, x: int) -> list[int]:
    shape, mode = net.shape(x), net.size(0, 1)
    few = [i for i in range(1, len(shape)) if net.chance(0.7)]
    most = [n - (mode == 0) if i in few else 0 for i, n in enumerate(shape)]
    pads = [[net.size(0, min(n, 3)), net.size(0, min(n, 3))] for n in most]
    y = net.like(x, tuple(n + sum(p) for n, p in zip(shape, pads, strict=True)))
    net.writer.op("MIRROR_PAD", [x, net.writer.constant(pads)], [y], mode=mode)
    return [y]


def broadcast_to(net: Net, x: int) -> list[int]:
    shape = tuple(net.size(1, 4) if n == 1 and i else n for i, n in enumerate(net.shape(x)))
    y = net.like(x, shape)
    net.writer.op("BROADCAST_TO", [x, net.writer.constant(shape)], [y])
    return [y]


def reverse(net: Net, x: int) -> list[int]:
    y = net.like(x, net.shape(x))
    first = net.size(min(1, len(net.shape(x)) - 1), len(net.shape(x)) - 1)
    axes = list(range(first, net.size(first, len(net.shape(x)) - 1) + 1))
    net.writer.op("REVERSE_V2", [x, net.writer.constant(axes)], [y])
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
    "select": select,
    "div": div,
    "float_pair": float_pair,
    "float_values": float_values,
    "mirror_pad": mirror_pad,
    "broadcast_to": broadcast_to,
    "reverse": reverse,
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
