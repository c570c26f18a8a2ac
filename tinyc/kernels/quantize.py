"""QUANTIZE and DEQUANTIZE between float32 and int8 in C, for those that are not at the border of the model."""

from __future__ import annotations

from tinyc.ir import Graph, TensorType
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.quantize import Quantize


def lower_quantize(op: Quantize, graph: Graph) -> Lowering:
    return _lowering("tc_quantize_f32_s8_ref", graph.type(op.outputs[0]))


def lower_dequantize(op: Dequantize, graph: Graph) -> Lowering:
    return _lowering("tc_dequantize_s8_f32_ref", graph.type(op.x))


def _lowering(symbol: str, int8: TensorType) -> Lowering:
    params = Struct("tc_quantize_params", (("scale", int8.q.scale), ("zp", int8.q.zero_point)))
    call = Call(
        symbol, "quantize", (params,), (Argument(0, SameUnit()),), writes=(Result(Units(int8.elements)),)
    )
    return Lowering((call,))
