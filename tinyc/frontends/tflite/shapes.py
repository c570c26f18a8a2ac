"""Readers of the .tflite operators that compute shapes: int32 arithmetic on what is known when the file is read.

Converters emit chains of them, SHAPE to PACK to RESHAPE, where a model leaves its batch open. Their values are
constants once the batch is 1, so a reader returns the output's value and no op.
"""

from __future__ import annotations

from math import prod

import numpy as np

from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator
from tinyc.ir import Array

#: TensorType.INT32 in a SHAPE's options.
_INT32 = 2


def shape(n: Node) -> Array:
    n.counts((1,))
    n.need(n.number_of_type(0) == _INT32, "only shapes as int32 are supported")
    return _value(n, n.x().shape)


def pack(n: Node) -> Array:
    """Numbers joined into a vector."""
    n.counts((len(n.inputs) or 1,))
    parts = [_integers(n, i) for i in range(len(n.inputs))]
    n.need(n.number(0) == len(parts), f"{n.number(0)} values, {len(parts)} inputs")
    n.need(all(p.ndim == 0 for p in parts) and n.number(1) in (0, -1), "only numbers are joined")
    return _value(n, [int(p) for p in parts])


def concatenation(n: Node) -> Array:
    n.counts((len(n.inputs) or 1,))
    n.tflm_needs(len(n.inputs) <= 10, f"{len(n.inputs)} inputs; at most 10")
    parts = [_integers(n, i) for i in range(len(n.inputs))]
    n.need(n.options is None or n.options.integer(1, "b") == 0, "a fused activation is not supported")
    n.need(all(p.ndim == 1 for p in parts) and n.number(0) in (0, -1), "only vectors are joined")
    return _value(n, np.concatenate(parts))


def gather(n: Node) -> Array:
    n.counts((2,))
    n.tflm_needs(False, "GATHER of int32 does not exist")
    x, indices = n.integers(0), n.integers(1)
    n.need(
        len(n.x().shape) == 1 and n.number(0) in (0, -1) and n.number(1) == 0,
        "only elements of a vector are taken",
    )
    n.need(all(0 <= i < len(x) for i in indices), f"indices {list(indices)} of {len(x)} elements")
    return _value(n, np.array([x[i] for i in indices]).reshape(n.x(1).shape))


def reduce_prod(n: Node) -> Array:
    n.counts((2,))
    n.tflm_needs(False, "REDUCE_PROD does not exist")
    x, axes = _integers(n, 0), n.integers(1)
    n.need(x.ndim == 1 and set(axes) <= {0, -1} and len(axes) > 0, "only the product of a vector is taken")
    product = prod(int(v) for v in x)
    n.need(abs(product) < 2**31, f"the product of {x.tolist()} is beyond 32 bits")
    return _value(n, [product] if n.flag(0) else product)


def strided_slice(n: Node, first: int, step: int, count: int) -> Array:
    """Elements of a vector; the arguments as `move.strided_slice` works them out."""
    x = _integers(n, 0)
    found = x[[first + i * step for i in range(count)]]
    return _value(n, found if n.out.shape else found[0])


def _integers(n: Node, index: int) -> Array:
    return np.array(n.integers(index), np.int32).reshape(n.x(index).shape)


def _value(n: Node, value: object) -> Array:
    found = np.asarray(value, np.int32)
    n.need(n.out.dtype == "int32", f"output is {n.out.dtype}; int32 is needed")
    n.need(
        found.shape == n.out.shape,
        f"output is declared as {list(n.out.shape)}, its inputs give {list(found.shape)}",
    )
    return found


_SHAPES = "of the int32 shapes that a model with an open batch works out; computed by the compiler"

#: In the order of names.
OPERATORS: tuple[Operator, ...] = (
    Operator(
        "REDUCE_PROD",
        reduce_prod,
        options=("ReducerOptions",),
        newest=2,
        supported=f"{_SHAPES}; litert only",
    ),
    Operator("SHAPE", shape, options=("ShapeOptions",), supported=_SHAPES),
)
