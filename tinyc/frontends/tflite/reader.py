"""The .tflite front end: an int8 model, its borders int8 or float32, as a Graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import prod
from pathlib import PurePath
from typing import TypeVar

import numpy as np

from tinyc.errors import InternalError, ModelError
from tinyc.frontends.batches import split_batches
from tinyc.frontends.limits import check_elements, check_limits
from tinyc.frontends.tflite import dilation, unsigned
from tinyc.frontends.tflite.kinds import not_int8
from tinyc.frontends.tflite.node import Node
from tinyc.frontends.tflite.operator import Operator
from tinyc.frontends.tflite.operators import BY_KIND
from tinyc.frontends.tflite.problems import FollowsError, Problems
from tinyc.frontends.tflite.schema import FileGraph, FileOp, read_model
from tinyc.frontends.tflite.tensors import (
    PACKED,
    PACKED_WEIGHTS,
    check_litert_quantization,
    converted,
    unique_names,
)
from tinyc.ir import Array, Graph, Op, Operands, Origin, Port, Reference, Tensor, TensorType, verify
from tinyc.numerics.unsigned import as_unsigned
from tinyc.ops.check import check_graph, check_op
from tinyc.ops.copy import Copy
from tinyc.ops.guard import LitertRejectsError

T = TypeVar("T")


def load_tflite(data: bytes, file: str, reference: Reference) -> Graph:
    """The file's first subgraph; data: the file's bytes; file: its name, for messages; reference: "litert" or "tflm".

    The graph follows the arithmetic of `reference`, or that of TFLM where LiteRT rejects the file
    (docs/numerics.md lists what that is). Raises ModelError.
    """
    if reference not in ("litert", "tflm"):
        raise InternalError(f"no reference named '{reference}'")
    return _by_either(read_model(data, file).graphs[0], file, reference, lambda loader: loader.graph())


def inferred_shapes(data: bytes, file: str) -> dict[int, tuple[int, ...]]:
    """Shapes of the first subgraph's tensors by number, as its inputs' shapes give them; constants left out."""
    graph = read_model(data, file).graphs[0]
    return _by_either(graph, file, "litert", lambda loader: loader.shapes(), resize=True)


def tensor_names(data: bytes, file: str) -> tuple[str, ...]:
    """The graph's name of every tensor of the first subgraph, by its number in the file."""
    return unique_names(read_model(data, file).graphs[0].tensors)


def _by_either(
    graph: FileGraph, file: str, reference: Reference, read: Callable[[Loader], T], *, resize: bool = False
) -> T:
    """Return what is read by `reference`, or by TFLM where LiteRT rejects the file and TFLM has its operators."""
    try:
        return read(Loader(graph, file, reference, resize=resize))
    except LitertRejectsError as reason:
        if unsigned.computed(graph):
            raise ModelError(f"{file}: LiteRT rejects this uint8 model: {reason}") from None
        return read(Loader(graph, file, "tflm", resize=resize))


class Loader:
    """One reading of a subgraph under one reference. resize: all shapes but those of inputs and constants are open."""

    def __init__(self, graph: FileGraph, file: str, reference: Reference, *, resize: bool = False) -> None:
        self._model = graph
        self._file = file
        self._reference = reference
        self._resize = resize
        self._names = unique_names(graph.tensors)
        self._tensors: dict[int, Tensor] = {}
        self._types: dict[str, TensorType] = {}
        #: uint8 tensors that are int8 in the graph.
        self._signed = unsigned.computed(graph)
        #: Tensors that cannot be read, or are no tensor for the interface.
        self._refused: set[int] = set()
        #: Parts that an operator wrote, of no elements.
        self._empty: set[int] = set()
        self._problems = Problems(graph, file, not_int8(graph))
        #: Tensors that the file does not have, by name.
        self._made: dict[str, Tensor] = {}

    def graph(self) -> Graph:
        model = self._model
        if self._signed and self._reference == "tflm":
            raise ModelError(
                f"{self._file}: this is a uint8 model; TFLM computes in int8 only (tflm)",
                "compile it with --reference litert, or convert it to int8",
            )
        if self._reference == "litert":
            for tensor in model.tensors:
                check_litert_quantization(tensor)
        if not model.ops:
            raise ModelError(f"{self._file}: the model has no operators")
        if not model.inputs or not model.outputs:
            raise ModelError(f"{self._file}: the model has no {'outputs' if model.inputs else 'inputs'}")
        self._check_interface()
        written = self._written_first()
        ops = self._all_ops(written)
        self._problems.raise_any()
        for at in model.outputs:
            if at not in written:
                raise ModelError(f"{self._file}: output '{self._names[at]}' is never written")
        inputs, first = self._inputs()
        outputs, last = self._outputs()
        tensors = self._in_order() | self._made
        graph = Graph(PurePath(self._file).stem, tensors, (), inputs, outputs, self._reference)
        graph = split_batches(dilation.fold_dilations(graph.with_ops([*first, *ops, *last])))
        check_limits(graph, self._file)
        return self.checked(verify(graph))

    def converted(self, index: int, name: str) -> Tensor:
        """Return a tensor of the file as one of the graph."""
        tensor = converted(self._model.tensors[index], name, self._reference)
        return unsigned.converted(tensor) if index in self._signed else tensor

    def check(
        self, op: Op, types: Operands[TensorType], constants: Operands[Array], outs: Sequence[TensorType]
    ) -> None:
        """Refuse what the arithmetic cannot do."""
        check_op(op, types, constants, outs, self._reference)

    def checked(self, graph: Graph) -> Graph:
        """Return the graph, its ops checked once more as the steps above left them."""
        return check_graph(graph)

    def shapes(self) -> dict[int, tuple[int, ...]]:
        """Of every tensor that is not a constant, once the operators are read."""
        self.graph()
        return {at: t.type.shape for at, t in self._tensors.items() if self._model.tensors[at].data is None}

    def _check_interface(self) -> None:
        """Note what is wrong with the model's inputs and outputs."""
        for at in dict.fromkeys((*self._model.inputs, *self._model.outputs)):
            try:
                self._check_border(at)
            except ModelError as problem:
                self._refused.add(at)
                self._problems.add(problem)

    def _written_first(self) -> set[int]:
        """Tensors that hold a value before the first operator runs."""
        constants = {t.index for t in self._model.tensors if t.data is not None or prod(t.shape) == 0}
        return constants | set(self._model.inputs)

    def _is_empty(self, at: int) -> bool:
        return self._model.tensors[at].data is None and prod(self._model.tensors[at].shape) == 0

    def _all_ops(self, written: set[int]) -> list[Op]:
        """The ops of all operators that an output depends on; problems are noted."""
        needed = self._needed()
        found: list[Op] = []
        for file_op in self._model.ops:
            try:
                found += self._ops(file_op, written, read=file_op.index in needed)
            except ModelError as problem:
                self._problems.add(problem, file_op)
            except FollowsError:
                self._problems.spread(file_op)
        return found

    def _needed(self) -> set[int]:
        """Indices of the operators that an output depends on, and of those that have another effect."""
        tensors, needed = set(self._model.outputs), set()
        for file_op in reversed(self._model.ops):
            if not file_op.outputs or not tensors.isdisjoint(file_op.outputs):
                needed.add(file_op.index)
                tensors.update(file_op.inputs)
        return needed

    def _ops(self, file_op: FileOp, written: set[int], *, read: bool) -> tuple[Op, ...]:
        """The ops of one operator of the file; its outputs count as written even where it is refused.

        read: an output depends on it; else only the order is checked.
        """
        first = self._names[file_op.outputs[0]] if file_op.outputs and file_op.outputs[0] >= 0 else ""
        origin = Origin(self._file, file_op.index, file_op.kind, first)
        unwritten = [at for at in file_op.inputs if at >= 0 and at not in written]
        twice = [at for at in file_op.outputs if at in written and not self._is_empty(at)]
        written.update(file_op.outputs)
        empty = [at for at in file_op.inputs if at in self._empty]
        self._empty.update(at for at in file_op.outputs if at >= 0 and self._is_empty(at))
        operator = BY_KIND.get(file_op.kind)
        if operator is None and read:
            raise ModelError(f"{origin}: this operator is not supported")
        if min(file_op.outputs, default=-1) < 0:
            raise ModelError(f"{origin}: no output, or one left out")
        if empty:
            raise ModelError(f"{origin}: input '{self._names[empty[0]]}' is an empty part")
        if unwritten:
            raise ModelError(f"{origin}: input '{self._names[unwritten[0]]}' is read before it is written")
        if twice or len(set(file_op.outputs)) != len(file_op.outputs):
            raise ModelError(f"{origin}: writes a tensor that already has a value")
        if operator is None or not read:
            return ()
        if self._problems.follow(file_op):
            raise FollowsError
        return self._read(operator, file_op, origin)

    def _read(self, operator: Operator, file_op: FileOp, origin: Origin) -> tuple[Op, ...]:
        try:
            inputs = tuple(self._tensor(at) if at >= 0 else None for at in file_op.inputs)
            outputs = tuple(self._tensor(at) for at in file_op.outputs)
        except ModelError as problem:
            raise ModelError(f"{origin}: {problem.message}", problem.hint) from None
        for place, at in enumerate(file_op.inputs):
            self._check_packed(file_op, at, place, origin)
        node = Node(origin, inputs, outputs, file_op.options, self._reference)
        node.litert_needs(
            1 <= file_op.version <= operator.newest,
            f"version {file_op.version} of at most {operator.newest}",
        )
        allowed = ("NONE", *operator.options)
        node.need(
            file_op.options_kind in allowed,
            f"options are {file_op.options_kind}; {' or '.join(allowed)} is needed",
        )
        found = operator.read(node)
        if isinstance(found, np.ndarray):
            self._tensors[file_op.outputs[0]] = replace(outputs[0], data=found)
            return ()
        ops = found if isinstance(found, tuple) else (found,)
        known = {t.name: t.data for t in (*inputs, *outputs) if t}
        for op in ops:
            self._check_shapes(op, {self._names[at]: at for at in file_op.outputs})
            types = op.named(self._types[n] if n else None for n in op.inputs)
            constants = op.named(known.get(n) for n in op.inputs)
            self.check(op, types, constants, [self._types[n] for n in op.outputs])
        return ops

    def _check_packed(self, file_op: FileOp, at: int, place: int, origin: Origin) -> None:
        """Refuse a constant of int4 or int2 where the references take none."""
        kind = self._model.tensors[at].type if at >= 0 else ""
        if kind not in PACKED or (file_op.kind == "DEQUANTIZE" and self._reference == "litert"):
            return
        allowed = self.packed_weights(kind)
        if file_op.kind not in allowed or place != 1:
            raise ModelError(
                f"{origin}: input {place} is {kind}; only weights of {', '.join(allowed)} may be"
            )
        quant = self._types[self._names[at]].quant
        if self._reference == "tflm" and file_op.kind == "FULLY_CONNECTED" and quant and quant.per_channel:
            raise ModelError(f"{origin}: {kind} weights have {len(quant.scales)} scales; 1 is needed (tflm)")
        if self._reference == "tflm" and kind != "INT4":
            raise ModelError(f"{origin}: {kind} weights do not exist (tflm)")

    def packed_weights(self, kind: str) -> tuple[str, ...]:
        """Return the operators whose weights may be of a packed type."""
        return PACKED_WEIGHTS[kind]

    def _check_shapes(self, op: Op, numbers: Mapping[str, int]) -> None:
        """numbers: of the operator's outputs, by name. LiteRT works out the shapes that the file leaves open."""
        types = self._types
        shapes = op.infer(op.named(types[name] if name else None for name in op.inputs))
        for name, shape in zip(op.outputs, shapes, strict=True):
            if types[name].shape != shape:
                is_open = self._model.tensors[numbers[name]].is_open and self._reference == "litert"
                if is_open or self._resize:
                    self._reshape(numbers[name], shape)
                    continue
                raise ModelError(
                    f"{op.origin}: output '{name}' is declared as {list(types[name].shape)}, "
                    f"its inputs give {list(shape)}"
                )

    def _reshape(self, index: int, shape: tuple[int, ...]) -> None:
        name, kind = self._names[index], replace(self._types[self._names[index]], shape=shape)
        check_elements(shape, f"{self._file}: tensor '{name}'")
        self._types[name], self._tensors[index] = kind, Tensor(name, kind)

    def _tensor(self, index: int) -> Tensor:
        """Raises FollowsError for a tensor that was refused before."""
        if index in self._refused:
            raise FollowsError
        if index not in self._tensors:
            self._refused.add(index)
            tensor = self.converted(index, self._names[index])
            self._refused.remove(index)
            self._tensors[index] = tensor
            self._types[tensor.name] = tensor.type
        return self._tensors[index]

    def _inputs(self) -> tuple[tuple[Port, ...], list[Op]]:
        """The model's inputs, and what makes int8 of those that the network has as int8 and the model as uint8."""
        flips: dict[int, Op] = {}
        for at in self._model.inputs:
            if at in self._signed and at not in flips:
                inner = self._tensor(at).name
                outer = self._new(f"{inner}:uint8", as_unsigned(self._tensor(at)).type)
                flips[at] = unsigned.flip(outer, inner, self._file, inner)
        ports = []
        for at in self._model.inputs:
            name = self._tensor(at).name
            tensor = flips[at].inputs[0] if at in flips else name
            ports.append(Port(name, tensor, self._type(tensor)))
        return tuple(ports), list(flips.values())

    def _outputs(self) -> tuple[tuple[Port, ...], list[Op]]:
        """The model's outputs, copies of those that are constants, and what makes uint8 of int8 ones.

        A constant is copied since at run time it lies where outputs do.
        """
        made: dict[int, str] = {}
        ops: list[Op] = []
        for at in dict.fromkeys(self._model.outputs):
            name = made[at] = self._tensor(at).name
            if self._tensor(at).data is not None:
                made[at] = self._new(f"{name}:copy", self._types[name])
                ops.append(Copy((name,), (made[at],), Origin(self._file, -1, "constant", name)))
            if at in self._signed:
                outer = self._new(f"{name}:uint8", as_unsigned(self._tensor(at)).type)
                ops.append(unsigned.flip(made[at], outer, self._file, name))
                made[at] = outer
        ports = (Port(self._tensor(at).name, made[at], self._type(made[at])) for at in self._model.outputs)
        return tuple(ports), ops

    def _new(self, name: str, kind: TensorType) -> str:
        """The name of a tensor that the file does not have, `name` or like it."""
        while name in self._names or name in self._made:
            name += "'"
        self._made[name] = Tensor(name, kind)
        return name

    def _type(self, name: str) -> TensorType:
        return self._made[name].type if name in self._made else self._types[name]

    def _in_order(self) -> dict[str, Tensor]:
        """The tensors by name, in the order in which operators use them."""
        model = self._model
        used = [at for op in model.ops for at in (*op.inputs, *op.outputs)]
        order = dict.fromkeys((*model.inputs, *used, *model.outputs))
        return {self._tensors[at].name: self._tensors[at] for at in order if at in self._tensors}

    def _check_border(self, at: int) -> None:
        """Refuse a tensor that the model's interface cannot have."""
        try:
            tensor = self._tensor(at)
        except ModelError as problem:
            raise ModelError(f"{self._file}: {problem.message}", problem.hint) from None
        t = tensor.type
        where = f"{self._file}: tensor '{tensor.name}' of the interface"
        allowed = ("int8", "uint8", "float32") + (
            () if at in self._model.inputs else ("int32", "int64", "bool")
        )
        if t.dtype not in allowed:
            raise ModelError(f"{where} is {t.dtype}; only {', '.join(allowed)} are supported")
        if t.elements == 0:
            raise ModelError(f"{where} is empty: shape {list(t.shape)}")
        if at in self._model.inputs and tensor.data is not None:
            raise ModelError(f"{self._file}: input '{tensor.name}' is a constant")
        if at in self._model.inputs:
            self._check_open(at)

    def _check_open(self, at: int) -> None:
        """Refuse an input that leaves open more than its batch, which is 1 then."""
        tensor, name = self._model.tensors[at], self._names[at]
        is_open = [i in tensor.open_dims for i in range(len(tensor.shape))]
        if any(is_open[1:]):
            told = ["?" if unknown else str(n) for n, unknown in zip(tensor.shape, is_open, strict=True)]
            example = [1 if unknown else n for n, unknown in zip(tensor.shape[:1], is_open, strict=False)]
            example += [
                96 if unknown else n for n, unknown in zip(tensor.shape[1:], is_open[1:], strict=True)
            ]
            raise ModelError(
                f"{self._file}: input '{name}' leaves its shape open: [{', '.join(told)}]",
                f"say which one is meant, for instance --shape {name}={','.join(map(str, example))}",
            )
