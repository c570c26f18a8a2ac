"""Reader of Resize and Upsample: nearest by gathering, linear by RESIZE_BILINEAR where that is it, else by a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.compose import Read, gathered, mixed
from tinyc.frontends.onnx.logic import chosen
from tinyc.frontends.onnx.values import Known, Lazy, Node, Value, channels_last
from tinyc.ops.resize_bilinear import ResizeBilinear
from tinyc.ops.resize_nearest import ResizeNearest

_IMAGE = 4
Matrix = npt.NDArray[np.float64]
#: How a coordinate between two pixels becomes one of them.
_NEAREST: dict[str, Callable[[float], int]] = {
    "round_prefer_floor": lambda x: ceil(x - 0.5),
    "round_prefer_ceil": lambda x: floor(x + 0.5),
    "floor": floor,
    "ceil": ceil,
}
#: What the flags align_corners and half_pixel of RESIZE_BILINEAR stand for.
_FLAGS = {"align_corners": (True, False), "half_pixel": (False, True), "asymmetric": (False, False)}


@dataclass(frozen=True)
class _Axis:
    """One dimension. scale: output pixels to an input pixel; roi: the part that is seen, from 0 to 1."""

    at: int
    have: int
    size: int
    scale: float
    roi: tuple[float, float]

    def coordinate(self, i: int, how: str) -> float:
        """Return where output pixel i lies in the input. how: coordinate_transformation_mode."""
        if how == "asymmetric":
            return i / self.scale
        if how == "align_corners":
            # as the tests of ONNX have it, the size is not rounded here
            return i * (self.have - 1) / (self.scale * self.have - 1) if self.size > 1 else 0.0
        if how == "tf_crop_and_resize":
            begin, end = (part * (self.have - 1) for part in self.roi)
            return begin + i * (end - begin) / (self.size - 1) if self.size > 1 else (begin + end) / 2
        if how == "pytorch_half_pixel" and self.size == 1:
            return 0.0
        middle = (i + 0.5) / self.scale - (0 if how == "tf_half_pixel_for_nn" else 0.5)
        if how == "half_pixel_symmetric":
            return middle + self.have / 2 * (1 - self.size / (self.scale * self.have))
        return middle


def resize(n: Node) -> Read:
    how = "asymmetric" if n.kind == "Upsample" else n.text("coordinate_transformation_mode", "half_pixel")
    mode = n.text("mode", "nearest")
    axes = [a for a in _axes(n) if a.size != a.have or how == "tf_crop_and_resize"]
    x = n.computed()
    if not axes:
        return [x]
    known = (
        *_FLAGS,
        "half_pixel_symmetric",
        "pytorch_half_pixel",
        "tf_crop_and_resize",
        "tf_half_pixel_for_nn",
    )
    n.need(how in known, f"coordinate_transformation_mode is {how}; {', '.join(known)} are supported")
    sizes = {a.at: a.size for a in axes}
    image = n.rank() == _IMAGE and set(sizes) <= {2, 3}
    if mode == "nearest":
        return [_nearest(n, x, axes, how, image=image)]
    n.need(mode in ("linear", "cubic"), f"mode is {mode}; nearest, linear and cubic are supported")
    plain = mode == "linear" and not n.attributes.get("antialias", 0)
    simple = "half_pixel" if how == "pytorch_half_pixel" and min(sizes.values()) > 1 else how
    if plain and image and simple in _FLAGS and all(_is_ratio(a) for a in axes):
        return [_bilinear(n, sizes, _FLAGS[simple])]
    for axis in axes:
        x = mixed(n, x, axis.at, _matrix(n, axis, how, mode))
    outside = [_outside(a, how) for a in axes] if how == "tf_crop_and_resize" else []
    return [_extrapolated(n, x, axes, outside) if any(o.any() for o in outside) else x]


def _is_ratio(axis: _Axis) -> bool:
    """Whether the scale is that of the sizes, and not one that was rounded to them."""
    return abs(axis.scale * axis.have - axis.size) < 1e-4


def _axes(n: Node) -> list[_Axis]:
    """Return the dimensions that the operator names, all where it names none."""
    shape = n.draft.shape(n.lazy())
    at = [n.axis(int(a), len(shape)) for a in n.attributes.get("axes", range(len(shape)))]
    given = n.optional(3)
    roi = [0.0] * len(at) + [1.0] * len(at)
    if n.text("coordinate_transformation_mode", "") == "tf_crop_and_resize":
        roi = [float(v) for v in n.known(1, "the region").reshape(-1)]
    if given is not None and n.known(3, "the size").size:
        sizes = [int(s) for s in n.known(3, "the size").reshape(-1)]
        scales = [s / shape[a] for s, a in zip(sizes, at, strict=True)]
        policy = n.text("keep_aspect_ratio_policy", "stretch")
        if policy != "stretch":
            scales = [(min if policy == "not_larger" else max)(scales)] * len(at)
            sizes = [floor(s * shape[a] + 0.5) for s, a in zip(scales, at, strict=True)]
    else:
        scales = [float(s) for s in n.known(1 if n.kind == "Upsample" else 2, "the scales").reshape(-1)]
        sizes = [floor(s * shape[a] + 1e-6) for s, a in zip(scales, at, strict=True)]
    n.need(min(sizes) > 0, f"sizes are {sizes}")
    ends = zip(roi[: len(at)], roi[len(at) :], strict=True)
    return [
        _Axis(a, shape[a], size, scale, part)
        for a, size, scale, part in zip(at, sizes, scales, ends, strict=True)
    ]


def _nearest(n: Node, x: Lazy, axes: list[_Axis], how: str, *, image: bool) -> Lazy:
    rounding = "floor" if n.kind == "Upsample" else n.text("nearest_mode", "round_prefer_floor")
    n.need(rounding in _NEAREST, f"nearest_mode is {rounding}; {', '.join(_NEAREST)} are supported")
    sources = {}
    for a in axes:
        # runtimes divide in single precision, which decides halves
        single: Any = replace(a, scale=cast(float, np.float32(a.scale)))
        found = (_NEAREST[rounding](single.coordinate(np.float32(i), how)) for i in range(a.size))
        sources[a.at] = tuple(min(max(i, 0), a.have - 1) for i in found)
    shape = n.draft.shape(x)
    # by whole factors it is what RESIZE_NEAREST_NEIGHBOR does
    whole = all(sources[a.at] == tuple(i * a.have // a.size for i in range(a.size)) for a in axes)
    if image and whole and all(a.size % a.have == 0 for a in axes):
        last = channels_last(_IMAGE)
        name = n.draft.ordered(x, last, n.origin)
        sizes = {a.at: a.size for a in axes}
        size = sizes.get(2, shape[2]), sizes.get(3, shape[3])
        out = n.draft.tensor(n.outputs[0], (shape[0], *size, shape[1]))
        n.draft.ops.append(ResizeNearest((name,), (out,), n.origin, size, False, False))
        return Value(out, last)
    for at, indices in sources.items():
        x = gathered(n, x, at, indices)
    return x


def _bilinear(n: Node, sizes: dict[int, int], flags: tuple[bool, bool]) -> Lazy:
    last = channels_last(_IMAGE)
    name = n.draft.ordered(n.computed(), last, n.origin)
    batch, height, width, channels = n.draft.tensors[name].type.shape
    size = sizes.get(2, height), sizes.get(3, width)
    out = n.draft.tensor(n.outputs[0], (batch, *size, channels))
    n.draft.ops.append(ResizeBilinear((name,), (out,), n.origin, size, *flags))
    return Value(out, last)


def _matrix(n: Node, axis: _Axis, how: str, mode: str) -> Matrix:
    """Return [size, have]: how much of each input pixel there is in an output pixel."""
    excluded = bool(n.attributes.get("exclude_outside", 0))
    wide = min(axis.scale, 1.0) if n.attributes.get("antialias", 0) else 1.0
    curve = float(n.attributes.get("cubic_coeff_a", -0.75))
    reach = ceil((2 if mode == "cubic" else 1) / wide)
    found = np.zeros((axis.size, axis.have))
    for i in range(axis.size):
        at = axis.coordinate(i, how)
        near = np.arange(floor(at) - reach, floor(at) + reach + 2)
        weights = np.array([_weight(abs(at - j) * wide, mode, curve) for j in near])
        if excluded:
            weights[(near < 0) | (near >= axis.have)] = 0
        np.add.at(found[i], np.clip(near, 0, axis.have - 1), weights / weights.sum())
    return found


def _weight(away: float, mode: str, a: float) -> float:
    """Return what a pixel counts that is so far away."""
    if mode == "linear":
        return max(0.0, 1 - away)
    if away <= 1:
        return ((a + 2) * away - (a + 3)) * away * away + 1
    return ((a * away - 5 * a) * away + 8 * a) * away - 4 * a if away < 2 else 0.0


def _outside(axis: _Axis, how: str) -> npt.NDArray[np.bool_]:
    at = np.array([axis.coordinate(i, how) for i in range(axis.size)])
    return np.asarray((at < 0) | (at > axis.have - 1))


def _extrapolated(n: Node, x: Lazy, axes: list[_Axis], outside: list[npt.NDArray[np.bool_]]) -> Lazy:
    """Return x with a fixed number where the image ends."""
    rank = len(n.draft.shape(x))
    mask = np.zeros((1,) * rank, np.bool_)
    for axis, one in zip(axes, outside, strict=True):
        mask = mask | one.reshape([-1 if d == axis.at else 1 for d in range(rank)])
    value = np.float32(n.attributes.get("extrapolation_value", 0.0))
    return chosen(n, Known(mask), Known(np.asarray(value)), x)
