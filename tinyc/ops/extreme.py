"""Base of MAXIMUM and MINIMUM: two int8 operands, compared byte by byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinyc.ir import Array, TensorType
from tinyc.ops.broadcast import Broadcast


@dataclass(frozen=True)
class Extreme(Broadcast):
    """Operands and output have one scale and zero point, so that bytes compare as their values do."""

    def choose(self, a: Array, b: Array) -> Array:
        """The larger or the smaller of each pair, broadcast."""
        raise NotImplementedError

    def reference(
        self, values: Sequence[Array | None], types: Sequence[TensorType | None], outs: Sequence[TensorType]
    ) -> tuple[Array, ...]:
        a, b = values[0], values[1]
        assert a is not None and b is not None
        return (np.asarray(self.choose(a, b), np.int8),)
