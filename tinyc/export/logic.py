"""How comparisons, logic, casts and arithmetic of float32 are written as operators of the .tflite format."""

from __future__ import annotations

import tflite

from tinyc.export.draft import ACTIVATIONS, Draft, Write
from tinyc.export.file import Option
from tinyc.ops.cast import Cast
from tinyc.ops.compare import Compare
from tinyc.ops.div import Div
from tinyc.ops.expand import Expand
from tinyc.ops.float_binary import CLAMPED, FloatBinary
from tinyc.ops.mirror_pad import MirrorPad
from tinyc.ops.select import Select

#: Numbers of element types in the file.
_TYPES = {
    "bool": tflite.TensorType.BOOL,
    "int8": tflite.TensorType.INT8,
    "uint8": tflite.TensorType.UINT8,
    "int32": tflite.TensorType.INT32,
    "int64": tflite.TensorType.INT64,
    "float32": tflite.TensorType.FLOAT32,
}


def plain(kind: str, options: str = "") -> Write:
    def write(d: Draft, op: object) -> None:
        d.add(kind, 1, op.inputs, op.outputs, options)  # type: ignore[attr-defined]

    return write


def compare(d: Draft, op: Compare) -> None:
    options = "".join(part.capitalize() for part in op.relation.split("_")) + "Options"
    d.add(op.relation, d.version(op, 1, 2), op.inputs, op.outputs, options)


def select(d: Draft, op: Select) -> None:
    d.add("SELECT_V2", 1, op.inputs, op.outputs, "SelectV2Options")


def cast(d: Draft, op: Cast) -> None:
    types = (d.graph.type(n).dtype for n in (op.x, op.outputs[0]))
    source, target = (_TYPES[t] for t in types)
    d.add("CAST", 1, op.inputs, op.outputs, "CastOptions", InDataType=source, OutDataType=target)


def div(d: Draft, op: Div) -> None:
    fused = ACTIVATIONS[op.activation]
    d.add("DIV", 2, op.inputs, op.outputs, "DivOptions", FusedActivationFunction=fused)


def float_binary(d: Draft, op: FloatBinary) -> None:
    name = {"MAXIMUM": "MaximumMinimum", "MINIMUM": "MaximumMinimum"}.get(
        op.function, "".join(part.capitalize() for part in op.function.split("_"))
    )
    fields: dict[str, Option] = {}
    if op.function in CLAMPED:
        fields = {"FusedActivationFunction": ACTIVATIONS[op.activation]}
    d.add(op.function, 1, op.inputs, op.outputs, f"{name}Options", **fields)


def mirror_pad(d: Draft, op: MirrorPad) -> None:
    inputs = (op.x, d.integers(op.x, op.pads))
    d.add("MIRROR_PAD", d.version(op, 1, 2), inputs, op.outputs, "MirrorPadOptions", Mode=int(not op.reflect))


def expand(d: Draft, op: Expand) -> None:
    d.add("BROADCAST_TO", 2, (op.x, d.integers(op.x, op.shape)), op.outputs, "BroadcastToOptions")
