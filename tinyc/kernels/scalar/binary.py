"""ADD and SUB of equal shapes by a portable kernel made for speed, which takes what the SIMD one takes."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.dsp.binary import linear
from tinyc.kernels.variant import Refusal
from tinyc.ops.binary import Binary


def lower_linear(op: Binary, graph: Graph) -> Lowering | Refusal:
    return linear("tc_linear_s8_scalar", op, graph)
