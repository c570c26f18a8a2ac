"""Views: a value under other dimensions than its tensor has, which no op has needed yet.

A RESHAPE or TRANSPOSE of the file changes a view on paper. Often the next one takes it back: channels split into groups
and joined again, an image flattened and averaged. Elements move only where an op needs an order that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

import numpy as np

from tinyc.ir import Array

Perm = tuple[int, ...]
Shape = tuple[int, ...]


@dataclass(frozen=True)
class Outside:
    """The value of the file that a tensor of the graph holds, and in which order.

    sizes: of the axes that the value's dimensions are made of; back: where each of them is in the tensor's own order.
    """

    name: str
    sizes: Shape
    back: Perm

    def inside(self, value: Array, shape: Shape) -> Array:
        """Return the value's elements as the tensor of that shape has them."""
        return np.ascontiguousarray(value.reshape(self.sizes).transpose(self.back)).reshape(shape)


@dataclass(frozen=True)
class View:
    """The elements of a tensor, in its own order, under dimensions of ONNX.

    sizes: of axes that the tensor's elements are counted along, the slowest first; dims: of each dimension, the axes
    that it is made of, the slowest first. Axes of size 1 may belong to none.
    """

    name: str
    sizes: Shape
    dims: tuple[tuple[int, ...], ...]

    @property
    def shape(self) -> Shape:
        """In the order of ONNX."""
        return tuple(prod(self.sizes[a] for a in axes) for axes in self.dims)

    def outside(self, name: str) -> Outside:
        """Return how the view is the value of that name."""
        order = [a for axes in self.dims for a in axes]
        return Outside(name, tuple(self.sizes[a] for a in order), tuple(int(i) for i in np.argsort(order)))

    def turned(self, perm: Sequence[int]) -> View:
        """Return the view whose dimension i is dimension perm[i] of this one."""
        return View(self.name, self.sizes, tuple(self.dims[d] for d in perm))

    def reshaped(self, shape: Shape) -> View | None:
        """Return the view of another shape with as many elements; None where an axis cannot be split for it."""
        waiting = [(a, self.sizes[a]) for axes in self.dims for a in axes if self.sizes[a] != 1]
        pieces: dict[int, list[int]] = {}
        made: list[list[tuple[int, int]]] = []
        for size in shape:
            group: list[tuple[int, int]] = []
            left = size
            while left > 1:
                axis, have = waiting.pop(0)
                taken = min(have, left)
                if have % taken or left % taken:
                    return None
                if have > taken:
                    waiting.insert(0, (axis, have // taken))
                pieces.setdefault(axis, []).append(taken)
                group.append((axis, len(pieces[axis]) - 1))
                left //= taken
            made.append(group)
        order = [(a, i) for a in range(len(self.sizes)) for i in range(len(pieces.get(a, ())))]
        at = {piece: i for i, piece in enumerate(order)}
        sizes = tuple(pieces[a][i] for a, i in order)
        return View(self.name, sizes, tuple(tuple(at[p] for p in group) for group in made))

    def simplified(self) -> View:
        """Return the view without axes of 1, and with one axis where neighbours follow each other in a dimension."""
        dims = [[a for a in axes if self.sizes[a] != 1] for axes in self.dims]
        follows = {b for axes in dims for a, b in pairwise(axes) if self._next(a) == b}
        number: dict[int, int] = {}
        sizes: list[int] = []
        for a, size in enumerate(self.sizes):
            if size == 1:
                continue
            if a in follows:
                sizes[-1] *= size
            else:
                number[a] = len(sizes)
                sizes.append(size)
        return View(
            self.name, tuple(sizes), tuple(tuple(number[a] for a in axes if a in number) for axes in dims)
        )

    def _next(self, axis: int) -> int:
        """Return the axis of more than 1 behind another."""
        return next((a for a in range(axis + 1, len(self.sizes)) if self.sizes[a] != 1), -1)

    def natural_order(self) -> Perm:
        """Return the dimensions in the order in which their axes lie; those of 1 stand where they stand in ONNX."""
        seen = [[a for a in axes if self.sizes[a] != 1] for axes in self.dims]
        order = sorted((d for d, axes in enumerate(seen) if axes), key=lambda d: min(seen[d]))
        for d, axes in enumerate(seen):
            if not axes:
                order.insert(min(d, len(order)), d)
        return tuple(order)

    def axes_in(self, perm: Perm) -> tuple[int, ...]:
        """Return the axes of more than 1 in the order that the dimensions have in `perm`."""
        return tuple(a for d in perm for a in self.dims[d] if self.sizes[a] != 1)
