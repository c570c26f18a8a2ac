"""What kind of model a .tflite file holds, where it is not INT8: float, float16, dynamic range, 16x8."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.frontends.tflite.schema import FileGraph, FileOp
from tinyc.frontends.tflite.tensors import PACKED

#: Operators whose operand types tell how a model is quantized; where there are none, all operators do.
_WEIGHTED = frozenset(
    (
        "BATCH_MATMUL",
        "CONV_2D",
        "CONV_3D",
        "DEPTHWISE_CONV_2D",
        "FULLY_CONNECTED",
        "LSTM",
        "RNN",
        "SVDF",
        "TRANSPOSE_CONV",
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        "UNIDIRECTIONAL_SEQUENCE_RNN",
    )
)
_BYTES = frozenset(("INT8", "UINT8", *PACKED))
_MOVES_BORDER = frozenset(("QUANTIZE", "DEQUANTIZE"))

_QUANTIZE = (
    "quantize it: --quantize int8 --calibration DATA, of a few hundred inputs as the model will see them; "
    "docs/quantize.md"
)


@dataclass(frozen=True)
class Kind:
    """told: what the model is, as the end of a sentence; hint: the way to go."""

    told: str
    hint: str
    #: Whether float32 can stand for all its numbers.
    is_float: bool = True
    #: Whether the runtimes quantize activations on the way, by the samples they see.
    is_dynamic: bool = False


def not_int8(graph: FileGraph) -> Kind | None:
    """The kind of the model, None where an operator computes in INT8, or an activation is INT8 between others."""
    ops = [op for op in graph.ops if op.kind in _WEIGHTED] or [
        op for op in graph.ops if op.kind not in _MOVES_BORDER
    ]
    activations = [_activation(graph, op) for op in ops]
    values = {t.type for t in graph.tensors if t.data is None}
    weights = {graph.tensors[at].type for op in ops for at in op.inputs[1:2] if _is_constant(graph, at)}
    if values & _BYTES and not (weights & _BYTES and any(op.kind in _WEIGHTED for op in ops)):
        return None
    if not activations or not set(activations) <= {"FLOAT32", "FLOAT16", "INT16"}:
        return None
    count = f"{len(graph.ops)} operator{'s' if len(graph.ops) != 1 else ''}"
    if "INT16" in activations:
        return Kind(
            "this is a 16x8 model, of INT16 activations and INT8 weights; only INT8 activations are supported",
            "quantize it with tf.lite.OpsSet.TFLITE_BUILTINS_INT8; docs/quantize.md has the ten lines",
            is_float=False,
        )
    constants = {graph.tensors[at].type for op in graph.ops for at in op.inputs if _is_constant(graph, at)}
    if weights & _BYTES:
        told = f"this is a dynamic-range model: INT8 weights, but its {count} compute on float activations"
    elif "FLOAT16" in constants:
        told = f"this is a float16 model: its {count} compute in float"
    else:
        told = f"this is a float32 model: its {count} compute in float"
    return Kind(f"{told}; only INT8 is supported", _QUANTIZE, is_dynamic=bool(weights & _BYTES))


def _activation(graph: FileGraph, op: FileOp) -> str:
    """Type of the first input that is computed, "" where there is none."""
    return next(
        (graph.tensors[at].type for at in op.inputs if at >= 0 and graph.tensors[at].data is None), ""
    )


def _is_constant(graph: FileGraph, index: int) -> bool:
    return index >= 0 and graph.tensors[index].data is not None
