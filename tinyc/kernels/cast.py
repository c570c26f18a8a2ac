"""CAST in C."""

from __future__ import annotations

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.ref.lookup import words_call
from tinyc.ops.cast import Cast

#: Those with a kernel of their own.
_SHORT = {"int8": "s8", "bool": "s8", "int32": "s32", "int64": "s64", "float32": "f32"}
_KERNELS = (
    ("s8", "s32"),
    ("s32", "f32"),
    ("s32", "s64"),
    ("s64", "f32"),
    ("f32", "s32"),
    ("f32", "s64"),
    ("f32", "bool"),
)


def lower(op: Cast, graph: Graph) -> Lowering:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    source, target = _SHORT.get(x.dtype), _SHORT[out.dtype]
    if (source, out.dtype) == ("f32", "bool"):
        target = "bool"
    if source == target:
        return Lowering((), why="a view: no bytes change")
    units = (Result(Units(out.elements)),)
    if (source, target) == ("s8", "f32"):
        as_it_is = Struct("tc_quantize_params", (("scale", 1.0), ("zp", 0)))
        call = Call(
            "tc_dequantize_s8_f32_ref", "quantize", (as_it_is,), (Argument(0, SameUnit()),), writes=units
        )
        return Lowering((call,))
    if (x.dtype, out.dtype) == ("uint8", "float32"):
        return words_call(
            np.arange(-128, 128).astype(np.int8).view(np.uint8).astype(np.float32), out.elements
        )
    if (source, target) not in _KERNELS:
        raise ModelError(
            f"{op.origin}: {x.dtype} to {out.dtype} is supported only where a function of one byte follows from it"
        )
    return Lowering(
        (Call(f"tc_cast_{source}_{target}_ref", "cast", (), (Argument(0, SameUnit()),), writes=units),)
    )
