"""Ops that only move elements, of float32: the walks of int8, by kernels that move words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from tinyc.ir import Graph, Op
from tinyc.kernels.base import Call, Constant, Lowering
from tinyc.kernels.resize import real_mixture
from tinyc.ops.resize_bilinear import ResizeBilinear

OpT = TypeVar("OpT", bound=Op)
#: Whose parameters hold an element.
_FILLING = ("tc_pad_params", "tc_fill_params")


def moved(lower: Callable[[OpT, Graph], Lowering]) -> Callable[[OpT, Graph], Lowering]:
    """Return the lowering of float32. lower: that of int8, whose sizes count elements."""

    def found(op: OpT, graph: Graph) -> Lowering:
        low = lower(op, graph)
        return replace(
            low, calls=tuple(map(_of_words, low.calls)), constants=tuple(map(_words, low.constants))
        )

    return found


def _of_words(call: Call) -> Call:
    structs = tuple(
        replace(s, ctype=s.ctype.replace("_params", "_f32_params")) if s.ctype in _FILLING else s
        for s in call.structs
    )
    symbol = call.symbol.replace("_s8_", "_f32_")
    return replace(call, symbol=symbol, folder=f"{call.folder}_f32", structs=structs)


def _words(constant: Constant) -> Constant:
    data = constant.data
    return replace(constant, ctype="float") if data.dtype == np.float32 else constant


def lower_bilinear(op: ResizeBilinear, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    _, height, width, _ = x.shape
    taps = op.real_taps(height, op.size[0]), op.real_taps(width, op.size[1])
    return real_mixture("tc_resize_bilinear_f32_ref", "resize_f32", x, *taps)
