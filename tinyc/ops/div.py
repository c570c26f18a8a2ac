"""DIV of two int8 tensors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tinyc.ir import Activation, Array, Operand, Operands, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.divide import div_scale, least_shift, quotient
from tinyc.numerics.fixed_point import clamp_int8, quantize_multiplier
from tinyc.ops.broadcast import Broadcast
from tinyc.ops.guard import activation_fits, need, scale_fits


@dataclass(frozen=True)
class Div(Broadcast):
    """inputs: a, b int8; output: a / b, int8. The references are undefined for a b of 0, which counts as one step."""

    a = Operand(0)
    b = Operand(1)

    activation: Activation = Activation.NONE

    kind: ClassVar[str] = "div"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        scale = div_scale(types.a, types.b, outs[0], reference)
        scale_fits(self, scale, most=22)
        divisor, zero_point = constants.get("b"), types.b.q.zero_point
        need(divisor is None or not np.any(divisor == zero_point), self, "the divisor has a 0")
        largest = 128 if divisor is None else int(np.abs(divisor.astype(np.int64) - zero_point).max())
        least = least_shift(largest)
        need(
            quantize_multiplier(scale)[1] >= least,
            self,
            f"the quotient of the scales is {scale:g} of the output's; below {2 ** (least - 1)} both references "
            "shift by more than 31 bits, which is undefined",
        )
        activation_fits(self, self.activation, outs[0])

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        a, b = (x.astype(np.int64) - t.q.zero_point for x, t in ((values.a, types.a), (values.b, types.b)))
        factor = quantize_multiplier(div_scale(types.a, types.b, outs[0], reference))
        raw = quotient(a, b, *factor) + outs[0].q.zero_point
        return (clamp_int8(raw, *clamp(self.activation, outs[0])),)
