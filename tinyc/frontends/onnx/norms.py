"""Readers of ONNX normalizations: means, differences, products and one over a square root, as integers have them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tinyc.frontends.onnx.compose import number
from tinyc.frontends.onnx.elementwise import reduced
from tinyc.frontends.onnx.operands import joined
from tinyc.frontends.onnx.values import Known, Lazy, Node, like
from tinyc.ir import Array
from tinyc.ops.add import Add
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.rsqrt import Rsqrt
from tinyc.ops.sub import Sub


def layer_normalization(n: Node) -> list[Lazy | Known]:
    rank = n.rank()
    first = n.axis(int(n.attributes.get("axis", -1)), rank)
    made, *others = _normalized(n, n.computed(), range(first, rank), _epsilon(n, 1e-5), centred=True)
    return [_with_factors(n, made, _parameter(n, 1, "the scale"), _parameter(n, 2, "the bias")), *others]


def rms_normalization(n: Node) -> list[Lazy | Known]:
    rank = n.rank()
    first = n.axis(int(n.attributes.get("axis", -1)), rank)
    made, *_ = _normalized(n, n.computed(), range(first, rank), _epsilon(n, 1e-5), centred=False)
    return [_with_factors(n, made, _parameter(n, 1, "the scale"), None)]


def instance_normalization(n: Node) -> list[Lazy | Known]:
    rank = n.rank()
    n.need(rank > 2, f"input has {rank} dimensions; 3 and more are supported")
    made, *_ = _normalized(n, n.computed(), range(2, rank), _epsilon(n, 1e-5), centred=True)
    return [_with_factors(n, made, *_by_channel(n, rank, 1))]


def group_normalization(n: Node) -> list[Lazy | Known]:
    """Of groups of channels: a view, normalized along all but its first two dimensions."""
    shape = n.draft.shape(n.computed())
    groups = int(n.attributes["num_groups"])
    n.need(len(shape) > 2, f"input has {len(shape)} dimensions; 3 and more are supported")
    n.need(shape[1] % groups == 0, f"{shape[1]} channels do not make {groups} groups")
    apart = (shape[0], groups, shape[1] // groups, *shape[2:])
    made, *_ = _normalized(
        n, _viewed(n, n.computed(), apart), range(2, len(apart)), _epsilon(n, 1e-5), centred=True
    )
    every = shape[1] // groups if n.known(1, "the scale").size == groups else 1
    return [_with_factors(n, _viewed(n, made, shape), *_by_channel(n, len(shape), every))]


def _viewed(n: Node, x: Lazy, shape: tuple[int, ...]) -> Lazy:
    view = n.draft.view(x).reshaped(shape)
    n.need(view is not None, "its groups are no view of the input")
    assert view is not None
    return view


def _normalized(
    n: Node, x: Lazy, axes: Sequence[int], epsilon: float, *, centred: bool
) -> tuple[Lazy, Lazy, Lazy]:
    """Return x, less its mean where centred, over the root of its mean square; the mean; and the factor."""
    mean = x
    if centred:
        mean = reduced(_part(n, "mean"), Mean, x, axes, keep=True)
        x = joined(_part(n, "centred"), Sub, x, mean)
    square = joined(_part(n, "square"), Mul, x, x)
    power = reduced(_part(n, "power"), Mean, square, axes, keep=True)
    power = number(_part(n, "shifted"), Add, power, epsilon)
    part = _part(n, "factor")
    factor = part.draft.tensor(part.outputs[0], part.draft.tensors[power.name].type.shape)
    n.draft.ops.append(Rsqrt((power.name,), (factor,), n.origin))
    by = like(power, factor)
    return joined(_part(n, "normalized"), Mul, x, by), mean, by


def _with_factors(n: Node, x: Lazy, scale: Array | None, shift: Array | None) -> Lazy:
    """Scale and shift, unless by 1 and 0."""
    if scale is not None and np.any(scale != 1):
        x = joined(_part(n, "scaled"), Mul, x, Known(scale))
    if shift is not None and np.any(shift != 0):
        x = joined(n, Add, x, Known(shift))
    return x


def _by_channel(n: Node, rank: int, every: int) -> tuple[Array, Array]:
    """Return scale and bias, one per channel of an input of `rank` dimensions; each stands for `every` channels."""
    ends = (-1,) + (1,) * (rank - 2)
    scale, shift = (
        np.repeat(n.known(i, what).reshape(-1), every) for i, what in ((1, "the scale"), (2, "the bias"))
    )
    return scale.reshape(ends), shift.reshape(ends)


def _parameter(n: Node, index: int, what: str) -> Array | None:
    return None if n.optional(index) is None else n.known(index, what)


def _epsilon(n: Node, default: float) -> float:
    return float(n.attributes.get("epsilon", default))


def _part(n: Node, what: str) -> Node:
    """Return the node as one that makes a value on the way."""
    return replace(n, outputs=(f"{n.outputs[0]}_{what}",))
