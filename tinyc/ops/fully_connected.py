"""FULLY_CONNECTED by constant weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operands, TensorType
from tinyc.numerics.dense import largest_accumulators
from tinyc.ops.dense import Dense
from tinyc.ops.guard import need


@dataclass(frozen=True)
class FullyConnected(Dense):
    """A Dense whose weights are constant, with one scale and zero point, or a scale per row."""

    kind: ClassVar[str] = "fully_connected"

    def check_weights(self, w: TensorType, constants: Operands[Array]) -> None:
        need(w.dtype == "int8", self, f"weights are {w.dtype}; only int8 is supported")
        known = constants.get("weights") is not None
        need(known, self, "weights are computed; only constant ones are supported")
        need(w.quant is not None, self, "weights have no scale and zero point")
        if w.q.per_channel:
            rows = w.shape[0]
            need(len(w.q.scales) == rows, self, f"{len(w.q.scales)} scales for {rows} rows of weights")
            need(not any(w.q.zero_points), self, "weights with a scale per row need zero points of 0")

    def reach(self, w: TensorType, constants: Operands[Array]) -> npt.NDArray[np.float64]:
        return largest_accumulators(constants.weights, w.q.zero_point, constants.get("bias"))
