"""L2_NORMALIZATION in C."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.ref.unsigned import FOLDER
from tinyc.ops.l2_norm import L2Norm


def lower(op: L2Norm, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    depth = x.shape[-1]
    params = Struct("tc_l2_norm_params", (("depth", depth), ("in_zp", x.q.zero_point)))
    vectors = Result(Units(x.elements // depth))
    symbol, folder = ("tc_l2_norm_u8_ref", FOLDER) if x.is_unsigned else ("tc_l2_norm_s8_ref", "l2_norm")
    call = Call(symbol, folder, (params,), (Argument(0, SameUnit()),), writes=(vectors,))
    return Lowering((call,), in_place=(0,))
