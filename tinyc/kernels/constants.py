"""Constants that several kernels read."""

from __future__ import annotations

import numpy as np

from tinyc.ir import Activation, Graph, TensorType
from tinyc.kernels.base import Constant, Ref
from tinyc.numerics.activation import clamp
from tinyc.numerics.requant import Requant


def requant_constants(requant: Requant) -> tuple[Constant, Constant]:
    """`multipliers` and `shifts`, one entry per output channel."""
    return (
        Constant("multipliers", "int32_t", np.array(requant.multipliers, np.int32)),
        Constant("shifts", "int8_t", np.array(requant.shifts, np.int8)),
    )


def activation_fields(activation: Activation, out: TensorType) -> tuple[tuple[str, int], ...]:
    """Return `act_min` and `act_max`: the bytes of the output that the activation leaves."""
    low, high = clamp(activation, out)
    return (("act_min", low), ("act_max", high))


def bias_constant(graph: Graph, name: str) -> tuple[Constant, ...]:
    """The bias as stored, if there is one."""
    data = graph.tensors[name].data if name else None
    return (Constant("bias", "int32_t", data),) if data is not None else ()


def source_of(graph: Graph, index: int, name: str) -> tuple[int | Ref, tuple[Constant, ...]]:
    """Return an input by its position, or as a constant of the op."""
    data = graph.tensors[name].data
    return (index, ()) if data is None else (Ref(f"in{index}"), (Constant(f"in{index}", "int8_t", data),))
