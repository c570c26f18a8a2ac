"""Kernels of float32: a row per op class, as LOWERINGS has them of int8.

An op is one of these where the first activation that it reads, or else its output, is float32.
"""

from __future__ import annotations

from typing import Any

from tinyc.ir import Graph, Op
from tinyc.kernels.floats import conv2d
from tinyc.kernels.variant import Variant
from tinyc.ops.conv2d import Conv2D

#: Op class, and the variants of it and its subclasses, in order of preference within an instruction set.
FLOAT_LOWERINGS: tuple[tuple[type[Op], tuple[Variant[Any], ...]], ...] = (
    (Conv2D, (Variant("tc_conv2d_f32_ref", "ref", conv2d.lower),)),
)


def float_variants(op: Op, graph: Graph) -> tuple[Variant[Any], ...]:
    """Return the kernels of an op of float32; none for another, and for one whose kernels are not of this table."""
    name = next(iter(graph.activations(op)), op.outputs[0])
    if graph.type(name).dtype != "float32":
        return ()
    return next((variants for kind, variants in FLOAT_LOWERINGS if isinstance(op, kind)), ())
