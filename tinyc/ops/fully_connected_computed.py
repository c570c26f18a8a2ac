"""FULLY_CONNECTED by weights that the network computes, or that are an input of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tinyc.ir import Array, Operand, Operands, TensorType
from tinyc.ops.dense import Dense
from tinyc.ops.guard import need

#: Longest vector whose products add up in 32 bits.
MAX_DEPTH = 2**15


@dataclass(frozen=True)
class FullyConnectedComputed(Dense):
    """A Dense whose weights are an activation, with any zero point."""

    weights = Operand(1)

    kind: ClassVar[str] = "fully_connected_computed"

    def check_weights(self, w: TensorType, constants: Operands[Array]) -> None:
        need(
            w.shape[1] <= MAX_DEPTH,
            self,
            f"vectors of {w.shape[1]}; at most {MAX_DEPTH} with computed weights",
        )

    def reach(self, w: TensorType, constants: Operands[Array]) -> npt.NDArray[np.float64]:
        bias = constants.get("bias")
        most = 0.0 if bias is None else float(np.abs(bias.astype(np.float64)).max())
        return np.asarray(min(w.shape[1] * 255.0 * 255.0 + most, 2.0**31))
