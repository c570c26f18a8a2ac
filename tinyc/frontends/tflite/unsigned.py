"""uint8 networks, as TensorFlow 1 wrote them: every uint8 tensor becomes the int8 of 128 less, exactly.

Zero points move with the bytes, so that `byte - zero point` stays. The model's interface stays uint8: an op that
flips the sign bit lies between it and the network. Tensors between bytes and QUANTIZE alone are left as they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.tflite.schema import FileGraph
from tinyc.ir import Op, Origin, Quant, Tensor, TensorType
from tinyc.ops.requantize import Requantize

#: What an int8 has less than the uint8 of the same bits with the sign bit flipped.
OFFSET = 128


def computed(graph: FileGraph) -> frozenset[int]:
    """Return the uint8 tensors that an operator other than QUANTIZE from bytes to bytes reads or writes."""
    tensors = graph.tensors
    operands = [(op.kind, [at for at in (*op.inputs, *op.outputs) if at >= 0]) for op in graph.ops]
    used = {
        at
        for kind, every in operands
        for at in every
        if kind != "QUANTIZE" or not {tensors[i].type for i in every} <= {"UINT8", "INT8"}
    }
    return frozenset(at for at in used if tensors[at].type == "UINT8")


def as_signed(t: Tensor) -> Tensor:
    """Return a uint8 tensor as int8. Raises ModelError with a message that does not name the file yet."""
    data = None if t.data is None else (t.data.astype(np.int16) - OFFSET).astype(np.int8)
    q = t.type.quant
    if q is None:
        raise ModelError(f"tensor '{t.name}' is uint8 without scale and zero point")
    moved = replace(q, zero_points=_moved(q, -OFFSET), is_unsigned=True)
    return Tensor(t.name, TensorType(t.type.shape, "int8", moved), data)


def outside(t: TensorType) -> TensorType:
    """Return the type that the model's interface has for a tensor made int8."""
    q = t.q
    return replace(t, dtype="uint8", quant=replace(q, zero_points=_moved(q, OFFSET), is_unsigned=False))


def flip(source: str, result: str, file: str, name: str) -> Op:
    """Return the op between a tensor of the interface and the network's. name: the file's, of the tensor."""
    return Requantize((source,), (result,), Origin(file, -1, "uint8", name))


def _moved(q: Quant, by: int) -> tuple[int, ...]:
    return tuple(z + by for z in q.zero_points)
