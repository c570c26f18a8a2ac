"""The int8 graph, from a float graph and what was chosen for its tensors."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.ir import Array, Graph, Op, Origin, Port, Quant, Tensor, TensorType, fresh_name, verify
from tinyc.numerics.affine import quantize
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.check import check_graph
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.guard import LitertRejectsError
from tinyc.ops.quantize import Quantize
from tinyc.ops.requantize import Requantize
from tinyc.quantize.rules import fixed, is_float_only, within_reach
from tinyc.quantize.weights import Weighted, Weights, is_weighted


def int8_graph(
    graph: Graph,
    quants: Mapping[str, Quant],
    weights: Mapping[str, Weights],
    floats: Container[str] = frozenset(),
) -> Graph:
    """Return the graph in int8 between QUANTIZE and DEQUANTIZE. Raises ModelError for what int8 cannot compute.

    floats: of ops that stay float, the first outputs.
    """
    return _Builder(graph, quants, weights, floats).graph()


class _Builder:
    """The int8 graph in the making. Tensors keep their names; those of the float borders get other ones inside."""

    def __init__(
        self,
        graph: Graph,
        quants: Mapping[str, Quant],
        weights: Mapping[str, Weights],
        floats: Container[str],
    ) -> None:
        self._graph = graph
        self._floats = floats
        self._quants = quants
        self._weights = weights
        self._tensors: dict[str, Tensor] = {}
        self._ops: list[Op] = []
        #: Names inside of what is float at the border.
        self._inside: dict[str, str] = {}
        #: Names of the real numbers of a tensor, as float layers read and write them.
        self._real: dict[str, str] = {}

    def graph(self) -> Graph:
        if not self._graph.ops:
            raise ModelError(f"{self._graph.name}: no operator of the model computes anything")
        for port in self._graph.inputs:
            self._input(port)
        for op in self._graph.ops:
            self._op(op)
        for port in self._graph.outputs:
            self._output(port)
        try:
            return _checked(verify(self._graph.with_ops(self._ops, self._tensors)), set(self._real.values()))
        except LitertRejectsError as problem:
            raise ModelError(str(problem)) from problem

    def _input(self, port: Port) -> None:
        outer = self._graph.tensors[port.tensor]
        self._tensors[outer.name] = outer
        self._real[outer.name] = outer.name
        readers = [self._graph.ops[i] for i in self._graph.consumers[outer.name]]
        if outer.type.dtype != "float32":
            return
        if not readers or any(op.outputs[0] not in self._floats for op in readers):
            self._quantized(outer.name, f"{outer.name}_int8", self._graph.ops[0].origin)

    def _quantized(self, name: str, inside: str, origin: Origin) -> str:
        """Name the bytes of a tensor whose real numbers are there."""
        self._inside[name] = self._add(inside, self._int8(name))
        self._ops.append(Quantize((self._real[name],), (self._inside[name],), origin))
        return self._inside[name]

    def _output(self, port: Port) -> None:
        name = port.tensor
        if self._graph.type(name).dtype != "float32" or name not in self._inside or name in self._real:
            return
        at = self._graph.producer.get(name)
        if at is None:
            return
        self._tensors[name] = self._graph.tensors[name]
        self._real[name] = name  # another output may be the same tensor
        self._ops.append(Dequantize((self._inside[name],), (name,), self._graph.ops[at].origin))

    def _op(self, op: Op) -> None:
        """Add the op in int8; the outputs of the model are int8 under another name first."""
        if op.outputs[0] in self._floats:
            self._float(op)
            return
        if is_float_only(op):
            self._island(op)
            return
        inputs = tuple(self._read(op, i, n) if n else "" for i, n in enumerate(op.inputs))
        (out,) = op.outputs
        if isinstance(op, ArgMax):
            self._tensors[out] = self._graph.tensors[out]
            self._ops.append(replace(op, inputs=inputs))
            return
        made = self._made(out)
        given = fixed(op)
        if given is not None and given != self._quants[out]:
            own = self._add(f"{out}_fixed", replace(self._graph.type(out), dtype="int8", quant=given))
            self._ops.append(replace(op, inputs=inputs, outputs=(own,)))
            self._ops.append(Requantize((own,), (made,), op.origin))
            return
        op = within_reach(op, self._int8(out))
        self._ops.append(replace(op, inputs=self._with_bias(op, inputs), outputs=(made,)))

    def _float(self, op: Op) -> None:
        """Add the op as it is; what others made as bytes is dequantized first."""
        inputs = tuple(self._float_read(op, n) if n else "" for n in op.inputs)
        for name in op.outputs:
            self._tensors[name] = self._graph.tensors[name]
            self._real[name] = name
        self._ops.append(replace(op, inputs=inputs))

    def _float_read(self, op: Op, name: str) -> str:
        """Name the real numbers of a tensor."""
        tensor = self._graph.tensors[name]
        if tensor.data is not None or tensor.type.dtype != "float32":
            own = name in self._tensors and self._tensors[name].type != tensor.type
            if own:  # an int8 layer has its bytes under this name
                return self._add(f"{name}_real", tensor.type, tensor.data)
            self._tensors[name] = tensor
            return name
        if name not in self._real:
            is_output = name in self._graph.output_tensors
            self._real[name] = name if is_output else self._add(f"{name}_real", tensor.type)
            self._tensors[self._real[name]] = Tensor(self._real[name], tensor.type)
            self._ops.append(Dequantize((self._inside[name],), (self._real[name],), op.origin))
        return self._real[name]

    def _island(self, op: Op) -> None:
        """Add the op in float between DEQUANTIZE and QUANTIZE."""
        x, (out,) = op.inputs[0], op.outputs
        if x not in self._inside:
            self._quantized(x, f"{x}_int8", op.origin)
        real_x = self._add(f"{x}_real", self._graph.type(x))
        real = self._add(f"{out}_real", self._graph.type(out))
        self._ops.append(Dequantize((self._inside[x],), (real_x,), op.origin))
        self._ops.append(replace(op, inputs=(real_x,), outputs=(real,)))
        self._ops.append(Quantize((real,), (self._made(out),), op.origin))

    def _made(self, out: str) -> str:
        """Name the int8 tensor that an op writes."""
        name = f"{out}_int8" if out in self._graph.output_tensors else out
        self._inside[out] = self._add(name, self._int8(out))
        return self._inside[out]

    def _read(self, op: Op, index: int, name: str) -> str:
        """Name what the int8 op reads; constants are quantized where they are first read."""
        if name in self._inside:
            return self._inside[name]
        if name in self._real:
            return self._quantized(name, f"{name}_int8", op.origin)
        tensor = self._graph.tensors[name]
        if tensor.data is None:
            raise ModelError(f"{op.origin}: input {index} '{name}' is no activation")
        if name in op.trained and is_weighted(op, self._graph):
            return self._trained(op, index, name)
        if tensor.type.dtype != "float32":
            self._tensors[name] = tensor
            return name
        kind = self._int8(name)
        self._inside[name] = self._add(name, kind, quantize(tensor.data, kind))
        return self._inside[name]

    def _trained(self, op: Weighted, index: int, name: str) -> str:
        """Name the quantized weights or bias of an op: new ones for each op that reads them."""
        weights, x = self._weights[op.weights], self._quants[op.x]
        scales = weights.scales_for(x)
        if index == 1:
            quant = _symmetric(scales, weights.axis)
            kind = TensorType(weights.data.shape, "int8", quant)
            return self._add(name, kind, _rescaled(weights, scales))
        return self._bias(name, weights, scales * x.scale)

    def _with_bias(self, op: Op, inputs: tuple[str, ...]) -> tuple[str, ...]:
        """Return the inputs with a bias, where the float op has none and the chosen weights need one."""
        if not is_weighted(op, self._graph) or op.bias or self._weights[op.weights].bias is None:
            return inputs
        weights, x = self._weights[op.weights], self._quants[op.x]
        bias = self._bias(f"{op.outputs[0]}_bias", weights, weights.scales_for(x) * x.scale)
        return (*inputs[:2], bias)

    def _bias(self, name: str, weights: Weights, scales: Any) -> str:
        assert weights.bias is not None
        data = np.round(weights.bias / scales).astype(np.int32)
        quant = _symmetric(np.float32(scales))
        return self._add(name, TensorType(data.shape, "int32", quant), data)

    def _int8(self, name: str) -> TensorType:
        return replace(self._graph.type(name), dtype="int8", quant=self._quants[name])

    def _add(self, name: str, kind: TensorType, data: Array | None = None) -> str:
        found = fresh_name(name, self._tensors)
        self._tensors[found] = Tensor(found, kind, data)
        return found


def _checked(graph: Graph, real: Container[str]) -> Graph:
    """Return the graph. Raises ModelError for what int8 cannot compute of it; real: tensors of float layers."""
    ints = [op for op in graph.ops if op.outputs[0] not in real or isinstance(op, Dequantize)]
    check_graph(replace(graph, ops=tuple(ints)))
    return graph


def _symmetric(scales: Any, axis: int = 0) -> Quant:
    return Quant(tuple(float(s) for s in scales), (0,) * len(scales), axis)


def _rescaled(weights: Weights, scales: Any) -> Array:
    """Return the bytes under larger scales."""
    if np.array_equal(scales, weights.scales):
        return weights.data
    shape = [1] * weights.data.ndim
    shape[weights.axis] = -1
    return np.asarray(np.round(weights.real() / scales.reshape(shape)), np.int8)
