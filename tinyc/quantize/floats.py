"""What stays float32 in an int8 network, because LiteRT's reference kernels have it in no other form.

And what they lack or compute wrongly, as ops that they have: SUM of int8 takes bytes as unsigned ones, so that a sum is
a mean and a product.

A function of one element between DEQUANTIZE and QUANTIZE becomes a table of bytes when it is compiled, whatever it is
made of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from tinyc.ir import Graph, Op, Quant, Tensor, TensorType, fresh_name
from tinyc.numerics.divide import div_scale, least_shift
from tinyc.numerics.fixed_point import quantize_multiplier
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.cast import Cast
from tinyc.ops.compare import Compare
from tinyc.ops.div import Div
from tinyc.ops.elu import Elu
from tinyc.ops.erf import Erf
from tinyc.ops.exp import Exp
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.float_function import Ceil, Floor, Round, Sign
from tinyc.ops.function import Function
from tinyc.ops.gelu import Gelu
from tinyc.ops.logical import Logical, LogicalNot
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.reduce_prod import ReduceProd
from tinyc.ops.select import Select
from tinyc.ops.sum import Sum
from tinyc.quantize.rules import is_float_only

#: Ops that LiteRT has in float alone, or that make or read what is true or not.
_FLOATS = (FloatBinary, ReduceProd, Compare, Logical, LogicalNot, Select, Cast)
#: Steps of a scale that references do not convert to bytes any more.
_OVERFLOW = 2.0**31 - 256
#: Added and taken away again, this leaves a float32 rounded to a whole number, halves to even.
_WHOLE = 1.5 * 2**23
#: An |x| below counts as this where ERF would be 0 / 0; its ERF is less than half a step of int8.
_NEAR_ZERO = 2.0**-10


def float_layers(graph: Graph) -> frozenset[str]:
    """Return the first outputs of the ops that stay float: and functions of one element among them."""
    found = {op.outputs[0] for op in graph.ops if isinstance(op, _FLOATS)}
    found |= {op.outputs[0] for op in graph.ops if _has_no_scale(graph, op)}
    found |= _of_integers(graph)
    for op in reversed(graph.ops):
        readers = {graph.ops[i].outputs[0] for i in graph.consumers[op.outputs[0]]}
        inside = bool(readers) and readers <= found and op.outputs[0] not in graph.output_tensors
        is_one = op.is_elementwise and len(op.inputs) == 1
        if inside and is_one and (is_float_only(op) or op.inputs[0] in found):
            found.add(op.outputs[0])
    return frozenset(found)


def _of_integers(graph: Graph) -> set[str]:
    """Return the outputs of ops that compute with whole numbers alone, which bytes would round: of places."""
    found: set[str] = set()
    for op in graph.ops:
        read = [n for n in op.inputs if n and not graph.is_constant(n)]
        begins = isinstance(op, Cast) and graph.type(op.inputs[0]).dtype in ("bool", "int32", "int64")
        if begins or (read and not op.trained and found.issuperset(read)):
            found.update(op.outputs)
    return found


def _has_no_scale(graph: Graph, op: Op) -> bool:
    """Whether the op makes indices, or what is true or not, of anything but a scan for the largest."""
    return graph.type(op.outputs[0]).dtype != "float32" and not isinstance(op, ArgMax)


def in_known_forms(graph: Graph) -> Graph:
    """Return a graph in which ops that LiteRT computes stand for those that it does not."""
    parts = _Parts(graph)
    for op in graph.ops:
        form = _FORMS.get(type(op))
        if form is not None:
            form(parts, op)
        elif isinstance(op, Div) and graph.is_constant(op.a):
            parts.ops.append(_divided(op))
        else:
            parts.ops.append(op)
    return graph.with_ops(parts.ops, parts.tensors)


def suited(graph: Graph, quants: Mapping[str, Quant]) -> Graph | None:
    """Return the graph with other forms of ops whose scales do not suit the references; None where all do.

    Divisions are in float then. A function whose values overflow where its input's scale ends, as EXP of a part of a
    tensor of larger numbers, reads a scale of its own.
    """

    def kind(name: str) -> TensorType:
        return replace(graph.type(name), dtype="int8", quant=quants[name])

    def suits(op: Op) -> bool:
        known = all(n in quants for n in (*op.inputs, *op.outputs))
        if isinstance(op, Div) and known:
            scale = div_scale(kind(op.a), kind(op.b), kind(op.outputs[0]), "litert")
            return 0 < scale < 2**22 and quantize_multiplier(scale)[1] >= least_shift(128)
        if isinstance(op, Function) and known and not isinstance(graph.writer(op.x), FloatBinary):
            return op.largest_byte(kind(op.x), kind(op.outputs[0])) < _OVERFLOW
        return True

    if all(map(suits, graph.ops)):
        return None
    parts = _Parts(graph)
    for op in graph.ops:
        if suits(op):
            parts.ops.append(op)
        elif isinstance(op, Div):
            parts.ops.append(_divided(op))
        else:
            parts.ops.append(replace(op, inputs=(parts.binary(op, "MUL", op.inputs[0], 1.0),)))
    return graph.with_ops(parts.ops, parts.tensors)


def _divided(op: Op) -> Op:
    assert isinstance(op, Div)
    return FloatBinary(op.inputs, op.outputs, op.origin, "DIV", op.activation)


class _Parts:
    """Ops so far, and what a form is put together of."""

    def __init__(self, graph: Graph) -> None:
        self.tensors = dict(graph.tensors)
        self.ops: list[Op] = []

    def unary(self, at: Op, kind: Callable[..., Op], x: str, *attributes: object, last: bool = False) -> str:
        """Return what a function makes of x. at: the op that it stands for; last: whether it is all of that."""
        out = self._out(at, last=last)
        self.ops.append(kind((x,), (out,), at.origin, *attributes))
        return out

    def binary(self, at: Op, function: str, x: str, other: str | float, *, last: bool = False) -> str:
        out = self._out(at, last=last)
        names = (x, other if isinstance(other, str) else self.number(at, other))
        self.ops.append(FloatBinary(names, (out,), at.origin, function))
        return out

    def size(self, at: Op, x: str) -> str:
        """Return |x|."""
        return self.binary(at, "MAXIMUM", x, self.binary(at, "MUL", x, -1.0))

    def _out(self, at: Op, *, last: bool) -> str:
        (out,) = at.outputs
        return out if last else self._added(f"{out}_part", self.tensors[out].type)

    def number(self, at: Op, value: float) -> str:
        shape = (1,) * len(self.tensors[at.outputs[0]].type.shape)
        return self._added(f"{at.outputs[0]}_number", TensorType(shape, "float32"), value)

    def _added(self, name: str, kind: TensorType, value: float | None = None) -> str:
        found = fresh_name(name, self.tensors)
        data = None if value is None else np.full(kind.shape, value, np.float32)
        self.tensors[found] = Tensor(found, kind, data)
        return found


def _elu(p: _Parts, op: Op) -> None:
    """max(x, 0) + (e^min(x, 0) - 1)."""
    (x,) = op.inputs
    below = p.binary(op, "SUB", p.unary(op, Exp, p.binary(op, "MINIMUM", x, 0.0)), 1.0)
    p.binary(op, "ADD", p.binary(op, "MAXIMUM", x, 0.0), below, last=True)


def _ceil(p: _Parts, op: Op) -> None:
    down = p.unary(op, Floor, p.binary(op, "MUL", op.inputs[0], -1.0))
    p.binary(op, "MUL", down, -1.0, last=True)


def _round(p: _Parts, op: Op) -> None:
    p.binary(op, "SUB", p.binary(op, "ADD", op.inputs[0], _WHOLE), _WHOLE, last=True)


def _erf(p: _Parts, op: Op) -> None:
    """By GELU(z) = z / 2 * (1 + erf(z / sqrt(2))) of |x|, with the sign of x."""
    (x,) = op.inputs
    size = p.binary(op, "MAXIMUM", p.size(op, x), _NEAR_ZERO)
    gelu = p.unary(op, Gelu, p.binary(op, "MUL", size, float(np.sqrt(2))), False)
    ratio = p.binary(op, "DIV", gelu, p.binary(op, "MUL", size, float(np.sqrt(0.5))))
    p.binary(op, "MUL", p.binary(op, "SUB", ratio, 1.0), p.unary(op, Sign, x), last=True)


def _fmod(p: _Parts, op: Op) -> None:
    """The rest with the sign of the dividend."""
    assert isinstance(op, FloatBinary)
    if op.function != "FMOD":
        p.ops.append(op)
        return
    a, b = op.inputs
    divisor = p.tensors[b]
    if divisor.data is not None:
        name = fresh_name(f"{b}_size", p.tensors)
        p.tensors[name] = replace(divisor, name=name, data=np.abs(divisor.data))
    else:
        name = p.size(op, b)
    rest = p.binary(op, "FLOOR_MOD", p.size(op, a), name)
    p.binary(op, "MUL", rest, p.unary(op, Sign, a), last=True)


def _sum(p: _Parts, op: Op) -> None:
    assert isinstance(op, Sum)
    x, (out,) = op.inputs[0], op.outputs
    count = p.tensors[x].type.elements // p.tensors[out].type.elements
    mean = p.unary(op, Mean, x, op.axes, op.keep_dims)
    p.ops.append(Mul((mean, p.number(op, count)), op.outputs, op.origin))


_FORMS: Mapping[type[Op], Callable[[_Parts, Op], None]] = {
    Ceil: _ceil,
    Elu: _elu,
    Erf: _erf,
    FloatBinary: _fmod,
    Round: _round,
    Sum: _sum,
}
