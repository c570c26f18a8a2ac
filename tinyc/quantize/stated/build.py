"""From a graph with QUANTIZE and DEQUANTIZE around ops in float to one whose ops compute on bytes.

An op becomes one on int8 where what it reads has bytes and what it makes is given some: by a QUANTIZE behind it, or
because it only moves and compares. Any other stays in float between DEQUANTIZE and QUANTIZE. TFLite ties scales that
the file may have free; a QUANTIZE of bytes stands between then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.onnx.grids import Grid
from tinyc.ir import Array, Graph, Op, Port, Quant, Tensor, TensorType, fresh_name, verify
from tinyc.ops.add import Add
from tinyc.ops.check import check_op
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.guard import LitertRejectsError
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.quantize import Quantize
from tinyc.ops.requantize import Requantize
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.quantize.floats import in_known_forms
from tinyc.quantize.prepare import prepared
from tinyc.quantize.stated import forms
from tinyc.quantize.stated.scaled import with_scaling_layers
from tinyc.quantize.stated.signs import add_signs, signs_of
from tinyc.quantize.stated.sums import add_sums, exact_quant, sums_of
from tinyc.quantize.stated.wanted import commutes, wanted


@np.errstate(all="ignore")  # of damaged constants
def stated_graph(
    graph: Graph, grids: Sequence[Grid], borders: Mapping[str, str], *, keeps_means: bool = False
) -> Graph:
    """Return the int8 graph. grids: of constants; borders: element type of each port that is no float, by its name.

    keeps_means: a mean over an image is MEAN, which rounds twice, also where a byte for each pixel would avoid that.
    Raises ModelError for an op that int8 cannot compute.
    """
    return _Builder(in_known_forms(with_scaling_layers(prepared(graph))), grids, borders, keeps_means).graph()


#: QUANTIZE by a smaller factor rounds twice: to half a step or less first, and away from the nearest one in every
#: fourth case. ADD of zero rounds once.
_COARSE = 0.5


class _Builder:
    """The int8 graph in the making; tensors of bytes keep their names."""

    def __init__(
        self, graph: Graph, grids: Sequence[Grid], borders: Mapping[str, str], keeps_means: bool
    ) -> None:
        self.source = graph
        self.grids = grids
        self.keeps_means = keeps_means
        self._borders = borders
        self._wanted = wanted(graph)
        self.tensors: dict[str, Tensor] = {}
        self.ops: list[Op] = []
        #: Which tensor has the bytes of a tensor of the source, and which its real numbers.
        self._bytes: dict[str, str] = {}
        self._real: dict[str, str] = {}
        #: What was rounded anew already, by tensor and its scale.
        self._rescaled: dict[tuple[str, Quant], str] = {}
        self.unsigned: dict[str, str] = {}
        #: First outputs of ops that another one stands for.
        self._done: set[str] = set()
        self._problems: list[str] = []

    def graph(self) -> Graph:
        inputs = [self._input(port) for port in self.source.inputs]
        for op in self.source.ops:
            self._op(op)
        outputs = [self._output(port) for port in self.source.outputs]
        made = replace(self.source, inputs=tuple(inputs), outputs=tuple(outputs))
        if self._problems:
            raise ModelError("\n".join(self._problems[:40]))
        return verify(made.with_ops(self.ops, self.tensors))

    def _input(self, port: Port) -> Port:
        name, kind = port.tensor, self.source.type(port.tensor)
        quant, border = self._wanted.get(name), self._borders.get(port.name)
        origin = self.source.ops[0].origin
        if border is None or quant is None:
            self.tensors[name] = self.source.tensors[name]
            self._real[name] = name
            if quant is not None:
                self._bytes[name] = self.add(f"{name}_int8", replace(kind, dtype="int8", quant=quant))
                self.ops.append(Quantize((name,), (self._bytes[name],), origin))
            return port
        inside = replace(kind, dtype="int8", quant=quant)
        if border == "int8":
            self._bytes[name] = self.add(name, inside)
            return Port(port.name, name, inside)
        outside = _unsigned(inside)
        self.tensors[name] = Tensor(name, outside)
        self._bytes[name] = self.add(f"{name}_int8", inside)
        self.ops.append(Requantize((name,), (self._bytes[name],), origin))
        return Port(port.name, name, outside)

    def _output(self, port: Port) -> Port:
        name, border = port.tensor, self._borders.get(port.name)
        origin = self.source.ops[-1].origin
        if border is None or name not in self._bytes:
            return Port(port.name, self.real(name, origin), self.source.type(name))
        inside = self.tensors[self._bytes[name]]
        if border == "int8":
            return Port(port.name, inside.name, inside.type)
        out = self.add(f"{name}_uint8", _unsigned(inside.type))
        self.ops.append(Requantize((inside.name,), (out,), origin))
        return Port(port.name, out, self.tensors[out].type)

    def _op(self, op: Op) -> None:
        if op.outputs[0] in self._done:
            return
        if isinstance(op, Quantize):
            self._round(op)
        elif isinstance(op, Dequantize):
            self._bytes[op.outputs[0]] = self._bytes[op.inputs[0]]
        else:
            quant = self._quant(op)
            before = len(self.ops)
            try:
                free = quant is None and forms.has_bytes(self, op)
                signs = signs_of(self, op) if free else None
                sums = sums_of(self, op) if free and signs is None else None
                quant = exact_quant(self, op) if free and signs is None and sums is None else quant
                if signs is not None:
                    self._bytes[signs.out] = add_signs(self, signs)
                    self._done |= signs.ops
                    self._check(before)
                elif sums is not None:
                    self._real[op.outputs[0]], bytes_ = add_sums(self, sums)
                    if bytes_ is not None:
                        self._bytes[op.outputs[0]] = bytes_
                    self._check(before, before + 1)
                elif quant is None or forms.is_float(op, quant) or not forms.has_bytes(self, op):
                    self._float(op)
                else:
                    made = forms.add(self, op, quant)
                    held = self._bytes if self.tensors[made].type.quant is not None else self._real
                    held[op.outputs[0]] = made  # indices are whole numbers of their own
                    self._check(before)
            except (ModelError, LitertRejectsError) as problem:
                self._problems.append(str(problem))
                kind = replace(
                    self.source.type(op.outputs[0]), dtype="int8", quant=quant or Quant((1.0,), (0,))
                )
                self._bytes[op.outputs[0]] = self.add(f"{op.outputs[0]}_refused", kind)

    def _round(self, op: Quantize) -> None:
        """Let an op's bytes be those behind the QUANTIZE, which it was given already."""
        x, out = op.inputs[0], op.outputs[0]
        kind = self.source.type(out)
        if x in self._bytes:
            self._bytes[out] = self.rescaled(self._bytes[x], kind.q, op)
        else:
            self._bytes[out] = self.add(out, kind)
            self.ops.append(replace(op, inputs=(self.real(x, op.origin),), outputs=(self._bytes[out],)))

    def _quant(self, op: Op) -> Quant | None:
        """Return the quantization of an op's output, None where it stays in float."""
        (out,) = op.outputs
        if self.source.type(out).dtype != "float32":
            return Quant((1.0,), (0,)) if forms.makes_indices(op) else None
        if out in self._wanted:
            return self._wanted[out]
        if not commutes(op):
            return None
        found = {self.tensors[self._bytes[n]].type.q for n in op.values if n in self._bytes}
        return found.pop() if len(found) == 1 else None

    def _float(self, op: Op) -> None:
        """Add an op in float."""
        inputs = tuple(self.real(n, op.origin) if n else "" for n in op.inputs)
        (out,) = op.outputs
        self._real[out] = self.add(out, self.source.type(out))
        made = replace(op, inputs=inputs, outputs=(self._real[out],))
        if isinstance(op, Softmax):
            made = SoftmaxOfFloats(inputs, made.outputs, op.origin, op.beta)
        elif isinstance(op, LogSoftmax):
            made = LogSoftmaxOfFloats(inputs, made.outputs, op.origin)
        self.ops.append(made)

    def _check(self, since: int, until: int | None = None) -> None:
        """Check the ops that were added, by the types that they have."""
        for op in self.ops[since:until]:
            types = op.named(self.tensors[n].type if n else None for n in op.inputs)
            constants = op.named(self.tensors[n].data if n else None for n in op.inputs)
            outs = [self.tensors[n].type for n in op.outputs]
            check_op(op, types, constants, outs, self.source.reference)

    def bytes_of(self, name: str) -> str | None:
        """Name the tensor that has the bytes of an activation of the source, None where there are none."""
        return self._bytes.get(name)

    def rescaled(self, name: str, quant: Quant, op: Op) -> str:
        """Name a tensor of bytes under another scale."""
        kind = self.tensors[name].type
        if kind.q == quant:
            return name
        if (name, quant) not in self._rescaled:
            made = self.add(f"{name}_rescaled", replace(kind, quant=quant))
            if kind.q.scale / quant.scale < _COARSE:
                zero = self.add("zero", TensorType((1,), "int8", kind.q), _byte(kind.q.zero_point))
                self.ops.append(Add((name, zero), (made,), op.origin))
            else:
                self.ops.append(Requantize((name,), (made,), op.origin))
            self._rescaled[name, quant] = made
        return self._rescaled[name, quant]

    def real(self, name: str, origin: object) -> str:
        """Name a tensor that has the real numbers of one of the source."""
        source = self.source.tensors[name]
        if name in self._real:
            return self._real[name]
        if source.data is not None:
            self._real[name] = self.add(name, source.type, source.data)
            return self._real[name]
        if name not in self._bytes:
            raise ModelError(f"{origin}: '{name}' has neither bytes nor real numbers")
        self._real[name] = self.add(name, replace(source.type, quant=None))
        at = self.source.producer.get(name)
        where = self.source.ops[at or 0].origin
        self.ops.append(Dequantize((self._bytes[name],), (self._real[name],), where))
        return self._real[name]

    def add(self, name: str, kind: TensorType, data: Array | None = None) -> str:
        found = fresh_name(name, self.tensors)
        self.tensors[found] = Tensor(found, kind, data)
        return found


def _byte(value: int) -> Array:
    return np.array([value], np.int8)


def _unsigned(kind: TensorType) -> TensorType:
    zero_points = tuple(int(np.int64(z) + 128) for z in kind.q.zero_points)
    return replace(kind, dtype="uint8", quant=replace(kind.q, zero_points=zero_points))
