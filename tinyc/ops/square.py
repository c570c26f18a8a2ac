"""SQUARE: x times itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Square(Function):
    """inputs: x int8 or float32; output: the same, x * x."""

    kind: ClassVar[str] = "square"

    def real(self, x: Float32) -> Float32:
        return x * x
