"""PRELU: x, or alpha * x where x is negative, alpha a tensor that broadcasts to x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.rectifiers import prelu, prelu_scales
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import DIFFERENCE_SHIFT, PRODUCT_SHIFT, need, scale_fits


@dataclass(frozen=True)
class Prelu(Broadcast):
    """inputs: x int8, alpha int8; output: x, or alpha * x where x is negative, int8 of x's shape."""

    x = Operand(0)
    alpha = Operand(1)

    kind: ClassVar[str] = "prelu"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        need(
            x.shape == out.shape,
            self,
            f"input has shape {list(x.shape)}, output {list(out.shape)}: they must be equal",
        )
        above, below = prelu_scales(types, out, reference)
        scale_fits(self, above, most=DIFFERENCE_SHIFT)
        scale_fits(self, below, most=PRODUCT_SHIFT)

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        return (prelu(values.x, values.alpha, types, outs[0], reference),)
