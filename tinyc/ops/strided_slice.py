"""STRIDED_SLICE, and each output of SPLIT: every n-th element along each dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import ClassVar

from tinyc.ir import Array, Op, Operand, Operands, Reference, Region, TensorType
from tinyc.ops.guard import moves_bytes, need


@dataclass(frozen=True)
class StridedSlice(Op):
    """inputs: x int8 of rank n; output: element i of x is begin + i * strides, `sliced_shape` of them."""

    x = Operand(0)

    #: In [0, size).
    begin: tuple[int, ...]
    #: Not 0, negative allowed.
    strides: tuple[int, ...]
    #: Of rank n, before dimensions are dropped.
    sliced_shape: tuple[int, ...]
    #: The output's: sliced_shape without the dimensions of 1 that the model drops.
    shape: tuple[int, ...]

    kind: ClassVar[str] = "strided_slice"
    is_int8: ClassVar[bool] = False
    only_moves: ClassVar[bool] = True

    def infer(self, types: Operands[TensorType]) -> tuple[tuple[int, ...], ...]:
        x = types.x
        rank = len(x.shape)
        need(
            len(self.begin) == len(self.strides) == len(self.sliced_shape) == rank,
            self,
            f"a slice of {len(self.begin)} dimensions of an input of {rank}",
        )
        need(
            prod(self.sliced_shape) > 0 and prod(self.shape) == prod(self.sliced_shape),
            self,
            f"slice has shape {list(self.sliced_shape)}, output {list(self.shape)}",
        )
        for size, first, step, count in zip(
            x.shape, self.begin, self.strides, self.sliced_shape, strict=True
        ):
            last = first + (count - 1) * step
            need(
                step != 0 and 0 <= first < size and 0 <= last < size,
                self,
                f"slice of {count} from {first} by {step} leaves a dimension of {size}",
            )
        return (self.shape,)

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        moves_bytes(self, types, outs)

    def is_identity(self, t: TensorType, reference: Reference) -> bool:
        return all(s > 0 for s in self.strides)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        x = values.x
        for axis, (first, step, count) in enumerate(
            zip(self.begin, self.strides, self.sliced_shape, strict=True)
        ):
            x = x.take([first + i * step for i in range(count)], axis=axis)
        return (x.reshape(self.shape),)

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        t = types.at(index)
        h, w, _ = t.hwc
        if len(t.shape) not in (3, 4) or t.shape[0] != 1 or self.shape != self.sliced_shape:
            return Region(0, h, 0, w)
        rows = _picked(self.begin[1], self.strides[1], region.row0, region.row1)
        if len(t.shape) == 3:
            return Region(*rows, 0, w)
        return Region(*rows, *_picked(self.begin[2], self.strides[2], region.col0, region.col1))


def _picked(first: int, step: int, start: int, stop: int) -> tuple[int, int]:
    """Half-open hull of the indices first + i * step for i in [start, stop)."""
    if stop <= start:
        return 0, 0
    ends = first + start * step, first + (stop - 1) * step
    return min(ends), max(ends) + 1
