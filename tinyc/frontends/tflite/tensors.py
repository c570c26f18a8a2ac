"""Tensors of a .tflite file as tensors of the graph: name, type, quantization, content of constants."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.limits import check_elements
from tinyc.frontends.tflite.schema import FileQuant, FileTensor
from tinyc.ir import DTYPES, Array, Quant, Tensor, TensorType
from tinyc.ops.guard import LitertRejectsError
from tinyc.plain import printable

#: Dimensions of any tensor.
MAX_RANK = 8

_DTYPES = {name.upper(): name for name in DTYPES}


def unique_names(tensors: Sequence[FileTensor]) -> tuple[str, ...]:
    """The file's names as people can read them, with the tensor's number where one is missing or taken."""
    taken: set[str] = set()
    names = []
    for tensor in tensors:
        name = printable(tensor.name) or f"tensor_{tensor.index}"
        while name in taken:
            name += f"_{tensor.index}"
        taken.add(name)
        names.append(name)
    return tuple(names)


#: Types of which several elements share a byte, with the bits of one.
PACKED = {"INT4": 4, "INT2": 2}
#: Operators that LiteRT has with weights of these types on int8 activations; TFLM has those of int4.
PACKED_WEIGHTS = {
    "INT4": ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"),
    "INT2": ("FULLY_CONNECTED",),
}


def converted(t: FileTensor, name: str, reference: str) -> Tensor:
    """Return the tensor; a constant of int4 or int2 is unpacked to int8.

    Raises ModelError with a message that does not name the file yet.
    """
    bits = PACKED.get(t.type, 0) if t.data is not None else 0
    dtype = "int8" if bits else _DTYPES.get(t.type)
    if dtype is None:
        raise ModelError(f"tensor '{name}' is {t.type}; only int8 is supported")
    if t.is_variable:
        raise ModelError(f"tensor '{name}' is a variable; they are not supported")
    if t.is_sparse:
        raise ModelError(f"tensor '{name}' is sparse; only dense ones are supported")
    if len(t.shape) > MAX_RANK or min(t.shape, default=1) < 0:
        raise ModelError(f"tensor '{name}' has shape {list(t.shape[:9])}")
    if t.data is None:
        check_elements(t.shape, f"tensor '{name}'")
    size = -(-prod(t.shape) * bits // 8) if bits else prod(t.shape) * DTYPES[dtype].itemsize
    kind = TensorType(t.shape, dtype, None if t.quant is None else _quant(t.quant, name, dtype))
    if t.data is None and size:
        return Tensor(name, kind)
    content = t.data or memoryview(b"")
    if len(content) != size:
        raise ModelError(f"constant '{name}' has {len(content)} bytes of data; {size} are needed")
    if t.is_external and reference == "tflm":
        raise ModelError(f"constant '{name}' lies behind the flatbuffer, where TFLM does not look (tflm)")
    if bits:
        return Tensor(name, kind, _unpacked(content, t.shape, bits))
    return Tensor(name, kind, np.frombuffer(content, DTYPES[dtype].newbyteorder("<")).reshape(t.shape))


def _unpacked(content: memoryview, shape: tuple[int, ...], bits: int) -> Array:
    """Elements of some bits, the first in the lowest bits of a byte."""
    packed = np.frombuffer(content, np.int8)
    highest = 8 - bits
    fields = [packed << (highest - low) >> highest for low in range(0, 8, bits)]
    return np.stack(fields, axis=-1).reshape(-1)[: prod(shape)].reshape(shape)


def _quant(q: FileQuant, name: str, dtype: str) -> Quant:
    zero_points = q.zero_points
    if len(zero_points) == 1:
        zero_points *= len(q.scales)  # TFLM's reading; LiteRT rejects the file
    if len(zero_points) != len(q.scales):
        raise ModelError(f"tensor '{name}' has {len(q.scales)} scales and {len(zero_points)} zero points")
    if dtype in ("int8", "uint8"):
        low, high = (-128, 127) if dtype == "int8" else (0, 255)
        if not all(np.isfinite(s) and s > 0 for s in q.scales):
            raise ModelError(f"tensor '{name}' has a scale that is not a positive number")
        if not all(low <= z <= high for z in zero_points):
            raise ModelError(f"tensor '{name}' has a zero point that is not in [{low}, {high}]")
    return Quant(q.scales, zero_points, q.quantized_dimension)


def check_litert_quantization(t: FileTensor) -> None:
    """What LiteRT enforces for every tensor of a file when it opens it, used or not."""
    q = t.quant
    if q is None or not t.shape:
        return
    axis = q.quantized_dimension
    if len(q.zero_points) != len(q.scales) or not 0 <= axis < len(t.shape):
        raise LitertRejectsError(f"quantized dimension {axis} of '{t.name}'")
    if len(q.scales) not in (1, t.shape[axis]):
        raise LitertRejectsError(f"{len(q.scales)} scales of '{t.name}'")
