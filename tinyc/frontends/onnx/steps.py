"""Steps of which a byte has more: their range, and QuantizeLinear with a Clip behind it that leaves only a few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array

#: Steps between the least and the greatest of a byte.
SPAN = 255
Float32 = npt.NDArray[np.float32]
_ENDS: Mapping[str, tuple[int, int]] = {"int8": (-128, 127), "uint8": (0, 255)}
#: Returns a constant by its name.
Known = Callable[[str], Array | None]


@dataclass(frozen=True, eq=False)
class Range:
    """scale: float32, one or along one dimension; low, high: the least and the greatest step, from that of 0."""

    scale: Float32
    low: int
    high: int

    @property
    def fits_bytes(self) -> bool:
        return self.high - self.low <= SPAN and self.low <= 0 <= self.high


@dataclass(frozen=True, eq=False)
class Clipped:
    """x: what is rounded; nodes: outputs of the operators in between, which nothing else reads."""

    x: str
    range: Range
    nodes: tuple[str, ...]


def clipped(graph: Any, known: Known) -> Mapping[str, Clipped]:
    """Return each DequantizeLinear, by its output, behind a Clip of the steps of a QuantizeLinear of the same scale."""
    makers = {name: node for node in graph.node for name in node.output}
    readers: dict[str, list[Any]] = {one.name: [one] for one in graph.output}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    found = {}
    for last in graph.node:
        clip = makers.get(last.input[0]) if last.op_type == "DequantizeLinear" and last.input else None
        first = makers.get(clip.input[0]) if clip is not None and clip.op_type == "Clip" else None
        if clip is None or first is None or first.op_type != "QuantizeLinear":
            continue
        inside = (first.output[0], clip.output[0])
        steps = _steps(first, clip, last, known)
        if steps is not None and steps.fits_bytes and all(len(readers[name]) == 1 for name in inside):
            found[last.output[0]] = Clipped(first.input[0], steps, inside)
    return found


def _steps(first: Any, clip: Any, last: Any, known: Known) -> Range | None:
    """Return the steps that are left, None where they have more than one scale or are no bytes."""
    (scale, zero), (other, end) = (_scale(node, known) for node in (first, last))
    if scale is None or zero is None or not (_same(scale, other) and _same(zero, end)):
        return None
    number: Any = scale.reshape(-1)[0]
    if zero.dtype.name not in _ENDS or not (np.isfinite(number) and number > 0):
        return None
    ends = list(_ENDS[zero.dtype.name])
    for at, name in enumerate(clip.input[1:3]):
        bound = known(name) if name else None
        if name and (bound is None or bound.size != 1):
            return None
        ends[at] = ends[at] if bound is None else int(bound.reshape(-1)[0])
    middle = int(zero.reshape(-1)[0])
    return Range(scale.reshape(()).astype(np.float32), ends[0] - middle, ends[1] - middle)


def _scale(node: Any, known: Known) -> tuple[Array | None, Array | None]:
    """Return the scale and the zero point where there is one of each."""
    names = [*node.input[1:3], "", ""]
    scale, zero = known(names[0]), known(names[1]) if names[1] else np.zeros((), np.uint8)
    is_one = scale is not None and zero is not None and scale.size == zero.size == 1
    return (scale, zero) if is_one else (None, None)


def _same(one: Array, other: Array | None) -> bool:
    return other is not None and one.dtype == other.dtype and bool(one.reshape(-1)[0] == other.reshape(-1)[0])
