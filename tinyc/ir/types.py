"""What a tensor is: shape, element type, quantization; and where a node came from."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
import numpy.typing as npt

from tinyc.errors import InternalError

#: The interpreter whose arithmetic a graph follows, byte for byte.
Reference = Literal["litert", "tflm"]

Array = npt.NDArray[np.generic]
IntArray = npt.NDArray[np.int64]

#: Element types a tensor may have, with their numpy type.
DTYPES: dict[str, np.dtype[np.generic]] = {
    "int8": np.dtype(np.int8),
    "uint8": np.dtype(np.uint8),
    "int16": np.dtype(np.int16),
    "int32": np.dtype(np.int32),
    "int64": np.dtype(np.int64),
    "float32": np.dtype(np.float32),
    "bool": np.dtype(np.bool_),
}


@dataclass(frozen=True)
class Quant:
    """Affine quantization: real = scale * (q - zero_point).

    scales, zero_points: one entry per tensor, or one per channel of dimension `axis`.
    """

    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    axis: int = 0
    #: Whether the model has the tensor as uint8, 128 more than the int8 here: the references round some ops otherwise.
    is_unsigned: bool = False

    @property
    def scale(self) -> float:
        """The scale of a per-tensor quantization (float32 value)."""
        return self.scales[0]

    @property
    def zero_point(self) -> int:
        """The zero point of a per-tensor quantization."""
        return self.zero_points[0]

    @property
    def per_channel(self) -> bool:
        return len(self.scales) > 1

    def __str__(self) -> str:
        more = f" x{len(self.scales)} axis {self.axis}" if self.per_channel else ""
        return f"s={self.scale:.9g} z={self.zero_point}{more}{' of uint8' if self.is_unsigned else ''}"


@dataclass(frozen=True)
class TensorType:
    """shape: dimensions, NHWC where there are four; dtype: a key of DTYPES."""

    shape: tuple[int, ...]
    dtype: str
    quant: Quant | None = None

    @property
    def q(self) -> Quant:
        """The quantization of a tensor that has one."""
        if self.quant is None:
            raise InternalError(f"a tensor of type {self} has no scale and zero point")
        return self.quant

    @property
    def is_unsigned(self) -> bool:
        """Whether the model has it as uint8."""
        return self.quant is not None and self.quant.is_unsigned

    @property
    def elements(self) -> int:
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.elements * DTYPES[self.dtype].itemsize

    @property
    def hwc(self) -> tuple[int, int, int]:
        """Rows, columns, channels of one sample; what has no rows is one row of one column.

        Rank 4 is [1, H, W, C], rank 3 is [1, H, C]; everything else is a single row.
        """
        match self.shape:
            case (1, h, w, c):
                return h, w, c
            case (1, h, c):
                return h, 1, c
            case _:
                return 1, 1, self.elements

    @property
    def row_bytes(self) -> int:
        _, w, c = self.hwc
        return w * c * DTYPES[self.dtype].itemsize

    def __str__(self) -> str:
        quant = f" ({self.quant})" if self.quant else ""
        return f"{self.dtype}[{', '.join(map(str, self.shape))}]{quant}"


@dataclass(frozen=True, eq=False)
class Tensor:
    """A named value. data: its content where it is a constant, else None."""

    name: str
    type: TensorType
    data: Array | None = None


@dataclass(frozen=True)
class Origin:
    """The node of the user's file that an op came from.

    index: position in the file's operator list; kind: the file format's name of the op;
    name: name of its first output tensor.
    """

    file: str
    index: int
    kind: str
    name: str

    def __str__(self) -> str:
        """Of the name of a fused op, `a/conv;a/bias`, the first part."""
        return f"{self.file}: op {self.index} {self.kind} '{self.name.partition(';')[0]}'"


@dataclass(frozen=True)
class Region:
    """Rows [row0, row1) and columns [col0, col1) of a tensor's [H, W, C] view."""

    row0: int
    row1: int
    col0: int
    col1: int
