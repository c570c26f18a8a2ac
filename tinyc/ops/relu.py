"""RELU, RELU6, RELU_N1_TO_1 as nodes of their own (fused ones are an op's activation)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Reference, TensorType
from tinyc.numerics.rectifiers import relu_table
from tinyc.ops.lookup import Lookup


@dataclass(frozen=True)
class Relu(Lookup):
    """inputs: x int8; output: int8, x after the activation."""

    activation: Activation

    kind: ClassVar[str] = "relu"

    def table(self, x: TensorType, out: TensorType, reference: Reference) -> npt.NDArray[np.int8]:
        return relu_table(x, out, self.activation, reference)
