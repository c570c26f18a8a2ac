"""Ops that together compute a known function of each element become that function's op, told by its values.

GELU by ERF or TANH, hard swish by a sum, a clamp and products, a sigmoid by EXP: however a file puts them together,
with whatever single numbers, the same function has the same values. It is looked at in some thousand points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy as np

from tinyc.ir import Activation, Graph, Op, TensorType
from tinyc.numerics.erf import erf
from tinyc.ops.elu import Elu
from tinyc.ops.floats import compute_floats
from tinyc.ops.gelu import Gelu
from tinyc.ops.hard_swish import HardSwish
from tinyc.ops.leaky_relu import LeakyRelu
from tinyc.ops.logistic import Logistic
from tinyc.ops.relu import Relu
from tinyc.ops.tanh import Tanh
from tinyc.passes.remove_dead import remove_dead

#: Where functions are looked at: dense near 0, and far out.
_POINTS = np.concatenate([np.linspace(-12, 12, 2401), [-40.0, -20.0, 20.0, 40.0]]).astype(np.float32)
#: How far values may be apart, as a share of the larger of the point, the value and 1.
_NEAR = 2e-6
#: Ops on the way from a tensor to what is a function of it.
_MOST_OPS = 12

#: Makes an op of the inputs, the outputs and the origin.
Make = Callable[[tuple[str, ...], tuple[str, ...], Any], Op]


@dataclass(frozen=True, eq=False)
class _Function:
    """values: at the points; ops: indices of those that compute them."""

    values: Any
    ops: frozenset[int]


def recognise_functions(graph: Graph, kinds: type[Op] | tuple[type[Op], ...] = Op) -> Graph:
    """Replace the last op of each; the ones before it go where nothing else reads them.

    kinds: ops that may be put there.
    """
    found: dict[str, tuple[int, Op]] = {}
    for root, tensor in graph.tensors.items():
        if tensor.data is not None or tensor.type.dtype != "float32":
            continue
        for name, function in _functions_of(graph, root).items():
            made = _match(graph, root, name, function)
            if isinstance(made, kinds) and len(function.ops) > found.get(name, (1, made))[0]:
                found[name] = (len(function.ops), made)
    ops = [found[op.outputs[0]][1] if op.outputs[0] in found else op for op in graph.ops]
    return remove_dead(graph.with_ops(ops))


def _functions_of(graph: Graph, root: str) -> dict[str, _Function]:
    """Return what is computed of each element of one tensor and single numbers alone."""
    found: dict[str, _Function] = {root: _Function(_POINTS, frozenset())}
    waiting = sorted(graph.consumers[root])
    while waiting:
        at = waiting.pop(0)
        op = graph.ops[at]
        out = op.outputs[0]
        function = None if out in found else _function(graph, at, found, graph.type(root))
        if function is None or len(function.ops) > _MOST_OPS:
            continue
        found[out] = function
        waiting = sorted({*waiting, *graph.consumers[out]})
    del found[root]
    return found


def _function(graph: Graph, at: int, known: Mapping[str, _Function], kind: TensorType) -> _Function | None:
    op = graph.ops[at]
    if not op.is_elementwise or len(op.outputs) != 1 or graph.type(op.outputs[0]) != kind:
        return None
    values, ops = [], frozenset((at,))
    for name in op.inputs:
        data = graph.tensors[name].data if name else None
        if name in known:
            values.append(known[name].values[None])
            ops |= known[name].ops
        elif data is not None and data.size and bool(np.all(data == data.reshape(-1)[0])):
            # a number next to 0 is there for what divides by this, or takes its logarithm
            if 0 < abs(data.reshape(-1)[0]) <= _NEAR:
                return None
            values.append(data.reshape(-1)[:1][None])
        else:
            return None
    made: Any = compute_floats(graph, op, op.named(values))
    return _Function(made.reshape(-1), ops) if made.size == len(_POINTS) else None


def _match(graph: Graph, root: str, name: str, function: _Function) -> Op | None:
    if len(function.ops) < 2:
        return None
    scale = np.maximum(np.maximum(np.abs(_POINTS), np.abs(function.values)), 1)
    for values, make in _known(function.values):
        if bool(np.all(np.abs(values - function.values) <= _NEAR * scale)):
            return make((root,), (name,), graph.ops[graph.producer[name]].origin)
    return None


def _known(values: Any) -> Iterator[tuple[Any, Make]]:
    """Yield functions and their ops. values: of the function that is looked for, which has the slope of a leaky one."""
    x = _POINTS.astype(np.float64)
    tanh = np.tanh(sqrt(2 / pi) * (x + 0.044715 * x**3))
    yield x * 0.5 * (1 + erf(x * sqrt(0.5))), lambda x, y, origin: Gelu(x, y, origin, False)
    yield x * 0.5 * (1 + tanh), lambda x, y, origin: Gelu(x, y, origin, True)
    yield x * np.clip(x + 3, 0, 6) / 6, HardSwish
    yield 1 / (1 + np.exp(-x)), Logistic
    yield np.tanh(x), Tanh
    for activation in (Activation.RELU, Activation.RELU6, Activation.RELU_N1_TO_1):
        yield np.clip(x, *activation.value), _relu(activation)
    yield np.where(x < 0, np.expm1(np.minimum(x, 0)), x), Elu
    slope = float(np.float32(values[0] / x[0]))
    if 0 < slope < 1:
        yield np.where(x < 0, slope * x, x), lambda x, y, origin: LeakyRelu(x, y, origin, slope)


def _relu(activation: Activation) -> Make:
    return lambda x, y, origin: Relu(x, y, origin, activation)
