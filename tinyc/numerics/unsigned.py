"""uint8 tensors as int8 ones of 128 less, and back: exact, since zero points move with the bytes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Quant, Tensor, TensorType

#: What an int8 has less than the uint8 of the same bits with the sign bit flipped.
OFFSET = 128


def as_signed(t: Tensor) -> Tensor:
    """Return a uint8 tensor as int8, which is told by its quantization."""
    data = None if t.data is None else (t.data.astype(np.int16) - OFFSET).astype(np.int8)
    moved = replace(_moved(t.type.q, -OFFSET), is_unsigned=True)
    return Tensor(t.name, TensorType(t.type.shape, "int8", moved), data)


def as_unsigned(t: Tensor) -> Tensor:
    """Return the uint8 tensor that as_signed made a tensor of, and any other tensor as it is."""
    if not t.type.is_unsigned:
        return t
    data = None if t.data is None else (t.data.astype(np.int16) + OFFSET).astype(np.uint8)
    moved = replace(_moved(t.type.q, OFFSET), is_unsigned=False)
    return Tensor(t.name, TensorType(t.type.shape, "uint8", moved), data)


def _moved(q: Quant, by: int) -> Quant:
    return replace(q, zero_points=tuple(z + by for z in q.zero_points))
