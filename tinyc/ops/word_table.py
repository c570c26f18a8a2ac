"""A function of one byte whose values are float32, that the compiler put together from several ops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from tinyc.ir import Array, Operands, Reference, TensorType
from tinyc.ops.unary import Unary


@dataclass(frozen=True)
class WordTable(Unary):
    """inputs: x int8, or uint8 as the int8 of the same bits; output: float32."""

    #: 256 float32 by input byte + 128.
    entries: bytes = field(repr=False)

    kind: ClassVar[str] = "float_table"
    is_int8: ClassVar[bool] = False

    def compute(
        self,
        values: Operands[Array],
        types: Operands[TensorType],
        outs: Sequence[TensorType],
        reference: Reference,
    ) -> tuple[Array, ...]:
        table = np.frombuffer(self.entries, np.float32)
        return (table[values.x.view(np.int8).astype(np.int16) + 128],)
