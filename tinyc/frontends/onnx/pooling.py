"""Readers of ONNX pooling: windows over images and sequences, and any other along one dimension after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.compose import Read, both, gathered, mixed
from tinyc.frontends.onnx.sums import powers, root
from tinyc.frontends.onnx.values import Lazy, Node
from tinyc.frontends.onnx.windowed import image_of, leave, window_of
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.maximum import Maximum
from tinyc.ops.pad import Pad
from tinyc.ops.window import Padding, Window, same_padding


@dataclass(frozen=True)
class _Line:
    """A window along one dimension. axis: of the value; size: of the input; before, after: elements of padding."""

    axis: int
    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    ceils: bool

    @property
    def outputs(self) -> int:
        """How many windows there are; with `ceils` also one that ends behind the padding, if it begins before it."""
        left = self.size + self.before + self.after - (self.kernel - 1) * self.dilation - 1
        found = (ceil(left / self.stride) if self.ceils else left // self.stride) + 1
        return found - ((found - 1) * self.stride >= self.size + self.before)

    @property
    def taps(self) -> npt.NDArray[np.int64]:
        """Which input elements each window covers, in the padding or not: [outputs, kernel]."""
        starts = np.arange(self.outputs) * self.stride - self.before
        return np.asarray(starts[:, None] + np.arange(self.kernel) * self.dilation)

    @property
    def inside(self) -> npt.NDArray[np.bool_]:
        """Which of the taps lie in the input."""
        return np.asarray((self.taps >= 0) & (self.taps < self.size))

    def sums(self) -> npt.NDArray[np.float64]:
        """Return the matrix [outputs, size] that adds up each window."""
        matrix = np.zeros((self.outputs, self.size))
        rows = np.broadcast_to(np.arange(self.outputs)[:, None], self.taps.shape)
        np.add.at(matrix, (rows[self.inside], self.taps[self.inside]), 1.0)
        return matrix

    def counts(self, *, padding: bool) -> npt.NDArray[np.int64]:
        """Return how many elements each window has, with those of the padding or without: [outputs, 1]."""
        counted = (
            (self.taps >= -self.before) & (self.taps < self.size + self.after) if padding else self.inside
        )
        return np.asarray(counted.sum(axis=1, keepdims=True), np.int64)


def max_pool(n: Node) -> Read:
    n.need(len(n.outputs) == 1, "the indices are not supported")
    if _is_plain(n):
        return _pool(n, MaxPool2D, counts_padding=False)
    made = n.computed()
    for line in _lines(n):
        made = _largest(n, made, line)
    return [made]


def average_pool(n: Node) -> Read:
    padding = bool(n.attributes.get("count_include_pad", 0))
    if _is_plain(n):
        return _pool(n, AveragePool2D, counts_padding=padding)
    made = n.computed()
    for line in _lines(n):
        made = mixed(n, made, line.axis, line.sums() / line.counts(padding=padding))
    return [made]


def lp_pool(n: Node) -> Read:
    """The root of a window's sum of powers."""
    made = powers(n, n.computed())
    for line in _lines(n):
        made = mixed(n, made, line.axis, line.sums())
    return [root(n, made)]


def _largest(n: Node, x: Lazy, line: _Line) -> Lazy:
    """What lies in the padding is replaced by another element of its window, which changes no maximum."""
    n.need(bool(line.inside.any(axis=1).all()), "a window lies in the padding alone")
    first = np.take_along_axis(line.taps, line.inside.argmax(axis=1)[:, None], axis=1)
    taps = np.where(line.inside, line.taps, first)
    made = gathered(n, x, line.axis, tuple(taps[:, 0].tolist()))
    for tap in taps.T[1:]:
        made = both(n, Maximum, made, gathered(n, x, line.axis, tuple(tap.tolist())))
    return made


def _is_plain(n: Node) -> bool:
    """Whether it is a window of neighbours over an image or a sequence, which have kernels."""
    return n.rank() <= 4 and all(int(d) == 1 for d in n.attributes.get("dilations", ()))


def _lines(n: Node) -> Iterator[_Line]:
    """Yield the window along each spatial dimension of [N, C, ...]."""
    shape = n.draft.shape(n.computed())
    kernel = [int(k) for k in n.attributes["kernel_shape"]]
    axes = len(kernel)
    n.need(len(shape) == axes + 2, f"a window of {axes} dimensions for an input of {len(shape)}")
    strides, dilations = (
        [int(v) for v in n.attributes.get(name, ()) or (1,) * axes] for name in ("strides", "dilations")
    )
    pads = [int(p) for p in n.attributes.get("pads", ()) or (0,) * (2 * axes)]
    mode = n.text("auto_pad", "NOTSET")
    n.need(mode in ("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"), f"auto_pad is {mode}")
    for i, size in enumerate(shape[2:]):
        before, after = pads[i], pads[axes + i]
        if mode.startswith("SAME"):
            less, more = same_padding(size, kernel[i], strides[i], dilations[i])
            before, after = (less, more) if mode == "SAME_UPPER" else (more, less)
        ceils = bool(n.attributes.get("ceil_mode", 0))
        line = _Line(2 + i, size, kernel[i], strides[i], dilations[i], before, after, ceils)
        n.need(line.outputs > 0, f"a window of {kernel} does not fit into {list(shape[2:])}")
        yield line


def _pool(n: Node, kind: type[MaxPool2D] | type[AveragePool2D], *, counts_padding: bool) -> Read:
    x, lines = image_of(n)
    stored = n.draft.tensors[x].type.shape
    kernel = tuple(int(k) for k in n.attributes["kernel_shape"])
    window = window_of(n, (1, *kernel) if lines else kernel, stored[1:3], lines)
    if counts_padding and any(window.padding):
        # what ceil_mode adds behind the padding does not count
        around = [(0, 0)] * lines + [(line.before, line.after) for line in _lines(n)]
        (top, bottom), (left, right) = around
        pads = ((0, 0), (top, bottom), (left, right), (0, 0))
        beyond = (0, 0, window.padding[2] - bottom, window.padding[3] - right)
        wider = n.draft.tensor(f"{x}_padded", [s + a + b for s, (a, b) in zip(stored, pads, strict=True)])
        n.draft.ops.append(Pad((x,), (wider,), n.origin, pads))
        x, stored = wider, n.draft.tensors[wider].type.shape
        window = Window(window.kernel, window.stride, (1, 1), beyond, Padding.EXPLICIT)
    size = window.output_size(*stored[1:3])
    out = n.draft.tensor(n.outputs[0], (stored[0], *size, stored[3]))
    n.draft.ops.append(kind((x,), (out,), n.origin, window))
    return [leave(n, out, lines)]
