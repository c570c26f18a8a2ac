"""Float models: float32, float16 or integer weights behind DEQUANTIZE, int8 to int2 weights of float layers.

All become a graph of float32. What is packed is unpacked: the graph holds the values that the runtimes compute with.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.tflite.problems import Problems
from tinyc.frontends.tflite.reader import Loader
from tinyc.frontends.tflite.schema import FileGraph, read_model
from tinyc.frontends.tflite.tensors import PACKED_WEIGHTS, converted
from tinyc.ir import Array, Graph, Op, Operands, Tensor, TensorType
from tinyc.ops.add import Add
from tinyc.ops.binary import Binary
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.float_binary import FloatBinary
from tinyc.ops.guard import LitertRejectsError
from tinyc.ops.maximum import Maximum
from tinyc.ops.minimum import Minimum
from tinyc.ops.mul import Mul
from tinyc.ops.quantize import Quantize
from tinyc.ops.squared_difference import SquaredDifference
from tinyc.ops.sub import Sub
from tinyc.passes.floats.whole_numbers import whole_numbers

#: Arithmetic of two tensors, by the format's name.
_SHARED: dict[str, type[Op]] = {
    "ADD": Add,
    "MAXIMUM": Maximum,
    "MINIMUM": Minimum,
    "MUL": Mul,
    "SQUARED_DIFFERENCE": SquaredDifference,
    "SUB": Sub,
}
#: Element types that float graphs have besides float32: of indices.
_INDICES = frozenset(("bool", "int32", "int64"))


def load_float_tflite(data: bytes, file: str) -> Graph:
    """Return the file's first subgraph as a graph of float32. Raises ModelError where it computes in integers."""
    try:
        return _FloatLoader(read_model(data, file).graphs[0], file).graph()
    except LitertRejectsError as problem:
        raise ModelError(f"{problem} (litert)") from problem


class _FloatLoader(Loader):
    def __init__(self, graph: FileGraph, file: str) -> None:
        super().__init__(graph, file, "litert")
        self._graph = graph
        self._problems = Problems(graph, file, None)

    def converted(self, index: int, name: str) -> Tensor:
        tensor = self._graph.tensors[index]
        if tensor.type != "FLOAT16":
            return converted(tensor, name, "litert")
        if tensor.data is None:
            raise ModelError(f"tensor '{name}' is computed in FLOAT16; only constants may be")
        halves = np.frombuffer(tensor.data, "<f2")
        if halves.size != np.prod(tensor.shape, dtype=np.int64):
            raise ModelError(f"constant '{name}' has {halves.size} elements for shape {list(tensor.shape)}")
        kind = TensorType(tensor.shape, "float32")
        return Tensor(name, kind, halves.astype(np.float32).reshape(tensor.shape))

    def packed_weights(self, kind: str) -> tuple[str, ...]:
        """Those of int4, whatever the bits: their real numbers are computed with."""
        del kind
        return PACKED_WEIGHTS["INT4"]

    def check(
        self, op: Op, types: Operands[TensorType], constants: Operands[Array], outs: Sequence[TensorType]
    ) -> None:
        """Check nothing: what float arithmetic cannot do is known once constants are unpacked."""

    def checked(self, graph: Graph) -> Graph:
        return whole_numbers(_only_floats(_unpacked(graph.with_ops(map(_shared_form, graph.ops)))))


def _shared_form(op: Op) -> Op:
    """Return the op that float and int8 graphs share, where there is one."""
    if not isinstance(op, FloatBinary) or op.function not in _SHARED:
        return op
    kind = _SHARED[op.function]
    fused = (op.activation,) if issubclass(kind, Binary) else ()
    return kind(op.inputs, op.outputs, op.origin, *fused)


def _unpacked(graph: Graph) -> Graph:
    """Return the graph with constants of float32 in place of those that are dequantized at run time."""
    known: dict[str, Tensor] = {}
    ops: list[Op] = []
    for op in graph.ops:
        constant = graph.tensors[op.inputs[0]] if op.inputs[0] else None
        if isinstance(op, Dequantize) and constant is not None and constant.data is not None:
            (name,) = op.outputs
            known[name] = Tensor(name, TensorType(constant.type.shape, "float32"), _real(constant))
            continue
        for name in op.trained:
            weights = graph.tensors[name]
            if weights.data is not None and weights.type.dtype == "int8":
                known[name] = Tensor(name, TensorType(weights.type.shape, "float32"), _real(weights))
        ops.append(op)
    return graph.with_ops(ops, {**graph.tensors, **known})


def _real(constant: Tensor) -> Array:
    """Return the real numbers that a constant stands for, float32."""
    assert constant.data is not None
    kind = constant.type
    if kind.dtype == "float32":
        return constant.data
    shape = [-1 if axis == kind.q.axis else 1 for axis in range(len(kind.shape))]
    scales, zeros = (np.array(x, np.float64).reshape(shape) for x in (kind.q.scales, kind.q.zero_points))
    return np.asarray(scales * (constant.data.astype(np.float64) - zeros), np.float32)


def _only_floats(graph: Graph) -> Graph:
    """Refuse a graph that computes in integers."""
    problems = []
    for op in graph.ops:
        for name in (*op.inputs, *op.outputs):
            dtype = graph.type(name).dtype if name else "float32"
            if dtype != "float32" and dtype not in _INDICES:
                problems.append(f"{op.origin}: '{name}' is {dtype}; a float model computes in float32")
                break
        if isinstance(op, Quantize | Dequantize):
            problems.append(f"{op.origin}: a part of the model is quantized; all of it or nothing may be")
    if problems:
        raise ModelError("\n".join(problems))
    return graph
