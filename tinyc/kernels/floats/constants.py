"""Constants and parameters that several kernels of float32 read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.ir import Activation, Array, Graph
from tinyc.kernels.base import Constant, Ref
from tinyc.numerics.activation import float_limits

Float32 = npt.NDArray[np.float32]

#: Output channels whose weights lie together.
LANES = 4


def limits(activation: Activation) -> tuple[tuple[str, float], tuple[str, float]]:
    """Return `act_min` and `act_max`."""
    low, high = float_limits(activation)
    return ("act_min", low), ("act_max", high)


def float_constant(name: str, data: Array) -> Constant:
    return Constant(name, "float", np.ascontiguousarray(data, np.float32))


def data_of(graph: Graph, name: str) -> Float32:
    """Return the numbers of a constant."""
    data = graph.tensors[name].data
    assert data is not None
    return np.asarray(data, np.float32)


def float_source(graph: Graph, index: int, name: str) -> tuple[int | Ref, tuple[Constant, ...]]:
    """Return an input by its position, or as a constant of the op."""
    if not graph.is_constant(name):
        return index, ()
    return Ref(f"in{index}"), (float_constant(f"in{index}", data_of(graph, name)),)


def float_bias(graph: Graph, name: str) -> tuple[Constant, ...]:
    """Return the bias, if there is one."""
    data = graph.tensors[name].data if name else None
    return () if data is None else (float_constant("bias", data.reshape(-1)),)


def in_fours(weights: Float32) -> Float32:
    """[O, taps] -> of every four outputs [taps, 4], then of each one that is left [taps]; flat."""
    whole = len(weights) - len(weights) % LANES
    fours = weights[:whole].reshape(-1, LANES, weights.shape[1]).transpose(0, 2, 1)
    return np.concatenate([fours.reshape(-1), weights[whole:].reshape(-1)])
