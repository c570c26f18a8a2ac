"""uint8 networks, as TensorFlow 1 wrote them: every uint8 tensor becomes the int8 of 128 less, exactly.

Zero points move with the bytes, so that `byte - zero point` stays. The model's interface stays uint8: an op that
flips the sign bit lies between it and the network. Tensors between bytes and QUANTIZE alone are left as they are.
"""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.frontends.tflite.schema import FileGraph
from tinyc.ir import Op, Origin, Tensor
from tinyc.numerics.unsigned import as_signed
from tinyc.ops.requantize import Requantize


def computed(graph: FileGraph) -> frozenset[int]:
    """Return the uint8 tensors that an operator other than QUANTIZE from bytes to bytes or CAST reads or writes."""
    tensors = graph.tensors
    operands = [(op.kind, [at for at in (*op.inputs, *op.outputs) if at >= 0]) for op in graph.ops]
    used = {
        at
        for kind, every in operands
        for at in every
        if kind != "CAST"
        and (kind != "QUANTIZE" or not {tensors[i].type for i in every} <= {"UINT8", "INT8"})
    }
    return frozenset(at for at in used if tensors[at].type == "UINT8")


def converted(t: Tensor) -> Tensor:
    """Return a uint8 tensor as int8. Raises ModelError with a message that does not name the file yet."""
    if t.type.quant is None:
        raise ModelError(f"tensor '{t.name}' is uint8 without scale and zero point")
    return as_signed(t)


def flip(source: str, result: str, file: str, name: str) -> Op:
    """Return the op between a tensor of the interface and the network's. name: the file's, of the tensor."""
    return Requantize((source,), (result,), Origin(file, -1, "uint8", name))
