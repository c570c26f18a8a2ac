"""RELU, RELU6, RELU_N1_TO_1 as nodes of their own (fused ones are an op's activation)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Operands, Reference, TensorType
from tinyc.numerics.rectifiers import relu_rescales, relu_table
from tinyc.ops.guard import DIFFERENCE_SHIFT, bounds_fit, scale_fits, tflm_needs
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Relu(Lookup):
    """inputs: x int8; output: int8, x after the activation."""

    activation: Activation

    kind: ClassVar[str] = "relu"

    def check(
        self,
        types: Operands[TensorType],
        constants: Operands[Array],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> None:
        x, out = types.x, outs[0]
        exists = self.activation is not Activation.RELU_N1_TO_1
        tflm_needs(exists, self, reference, "RELU_N1_TO_1 does not exist")
        rescales = relu_rescales(self.activation, reference)
        if rescales:
            scale_fits(self, x.q.scale / out.q.scale, most=DIFFERENCE_SHIFT)
        bounds_fit(self, self.activation, out if rescales else x)

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return relu_table(x, out, self.activation, reference)
