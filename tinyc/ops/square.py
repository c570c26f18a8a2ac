"""SQUARE: x times itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Reference
from tinyc.numerics.sigmoid import Float32
from tinyc.ops.function import Function


@dataclass(frozen=True)
class Square(Function):
    """inputs: x float32; output: x * x, float32."""

    kind: ClassVar[str] = "square"
    of_int8: ClassVar[tuple[Reference, ...]] = ()

    def real(self, x: Float32) -> Float32:
        return x * x
