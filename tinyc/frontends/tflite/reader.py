"""The .tflite front end: an int8 model, its borders int8 or float32, as a Graph."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import PurePath

import numpy as np

from tinyc.errors import InternalError, ModelError
from tinyc.frontends.tflite import dilation
from tinyc.frontends.tflite.node import LitertRejectsError, Node
from tinyc.frontends.tflite.operators import BY_KIND
from tinyc.frontends.tflite.schema import FileModel, FileOp, FileTensor, read_model
from tinyc.ir import DTYPES, Graph, Op, Origin, Port, Quant, Tensor, TensorType, verify
from tinyc.plain import printable

#: Bytes of the largest tensor, and dimensions of any.
MAX_BYTES, MAX_RANK = 2**26, 8
#: Refused nodes that one error lists.
_MAX_LINES = 40
_QUANTIZE = (
    "quantize the model to INT8 first: post-training quantization of weights and activations, with a "
    "representative data set (README, Limits)"
)
_FIX_BATCH = (
    "the model leaves its batch open: convert it with a batch of 1, from a concrete function of "
    "tf.TensorSpec([1, ...]); the converter then needs fewer operators"
)

_DTYPES = {name.upper(): name for name in DTYPES}


def load_tflite(data: bytes, file: str, reference: str) -> Graph:
    """data: the file's bytes; file: its name, for messages; reference: "litert" or "tflm".

    The graph follows the arithmetic of `reference`, or that of TFLM where LiteRT rejects the file
    (docs/numerics.md lists what that is). Raises ModelError.
    """
    if reference not in ("litert", "tflm"):
        raise InternalError(f"no reference named '{reference}'")
    model = read_model(data, file)
    try:
        return _Loader(model, file, reference).graph()
    except LitertRejectsError:
        return _Loader(model, file, "tflm").graph()


def tensor_names(data: bytes, file: str) -> tuple[str, ...]:
    """The graph's name of every tensor of the file, by its number in the file."""
    return _unique_names(read_model(data, file).tensors)


class _Loader:
    """One reading of a file under one reference."""

    def __init__(self, model: FileModel, file: str, reference: str) -> None:
        self._model = model
        self._file = file
        self._reference = reference
        self._names = _unique_names(model.tensors)
        self._tensors: dict[int, Tensor] = {}
        self._types: dict[str, TensorType] = {}

    def graph(self) -> Graph:
        model = self._model
        if self._reference == "litert":
            for tensor in model.tensors:
                self._check_litert_quantization(tensor)
        if not model.ops:
            raise ModelError(f"{self._file}: the model has no operators")
        problems: list[str] = []
        floats = False
        written = self._written_first(model.inputs)
        ops: list[Op] = []
        for file_op in model.ops:
            try:
                ops += self._ops(file_op, written)
            except ModelError as problem:
                problems.append(problem.message)
                floats |= any(model.tensors[at].type == "FLOAT32" for at in file_op.inputs if at >= 0)
        if problems:
            is_open = any(t.is_open for t in model.tensors)
            raise ModelError(_listed(problems), _QUANTIZE if floats else _FIX_BATCH if is_open else "")
        inputs = tuple(self._port(at) for at in model.inputs)
        outputs = tuple(self._output_port(at, written) for at in model.outputs)
        if len({p.tensor for p in outputs}) != len(outputs) or not outputs:
            raise ModelError(f"{self._file}: the model has no outputs, or one twice")
        self._check_reached(ops, {p.tensor for p in inputs}, outputs)
        tensors = {t.name: t for t in self._tensors.values()}
        graph = Graph(PurePath(self._file).stem, tensors, (), inputs, outputs, self._reference)
        return verify(dilation.fold_dilations(graph.with_ops(ops)))

    def _written_first(self, inputs: tuple[int, ...]) -> set[int]:
        """Tensors that hold a value before the first operator runs."""
        if len(set(inputs)) != len(inputs) or not inputs:
            raise ModelError(f"{self._file}: the model has no inputs, or one twice")
        for at in inputs:
            tensor = self._border(at)
            shape = tensor.type.shape
            where = f"{self._file}: input '{tensor.name}'"
            if tensor.data is not None:
                raise ModelError(f"{where} is a constant")
            if len(shape) > 1 and shape[0] != 1:
                raise ModelError(f"{where} has a batch of {shape[0]}; only 1 is supported")
        constants = {t.index for t in self._model.tensors if t.data is not None or prod(t.shape) == 0}
        return constants | set(inputs)

    def _ops(self, file_op: FileOp, written: set[int]) -> tuple[Op, ...]:
        """The ops of one operator of the file; its outputs count as written even where it is refused."""
        first = self._names[file_op.outputs[0]] if file_op.outputs and file_op.outputs[0] >= 0 else ""
        origin = Origin(self._file, file_op.index, file_op.kind, first)
        unwritten = [at for at in file_op.inputs if at >= 0 and at not in written]
        twice = [at for at in file_op.outputs if at in written]
        written.update(file_op.outputs)
        operator = BY_KIND.get(file_op.kind)
        if operator is None:
            raise ModelError(f"{origin}: this operator is not supported")
        if min(file_op.outputs, default=-1) < 0:
            raise ModelError(f"{origin}: no output, or one left out")
        if unwritten:
            raise ModelError(f"{origin}: input '{self._names[unwritten[0]]}' is read before it is written")
        if twice or len(set(file_op.outputs)) != len(file_op.outputs):
            raise ModelError(f"{origin}: writes a tensor that already has a value")
        try:
            inputs = tuple(self._tensor(at) if at >= 0 else None for at in file_op.inputs)
            outputs = tuple(self._tensor(at) for at in file_op.outputs)
        except ModelError as problem:
            raise ModelError(f"{origin}: {problem.message}") from None
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
        for op in ops:
            self._check_shapes(op, {self._names[at]: at for at in file_op.outputs})
        return ops

    def _check_shapes(self, op: Op, numbers: Mapping[str, int]) -> None:
        """numbers: of the operator's outputs, by name. LiteRT works out the shapes that the file leaves open."""
        types = self._types
        shapes = op.infer(op.named(types[name] if name else None for name in op.inputs))
        for name, shape in zip(op.outputs, shapes, strict=True):
            if types[name].shape != shape:
                if self._model.tensors[numbers[name]].is_open and self._reference == "litert":
                    self._reshape(numbers[name], shape)
                    continue
                raise ModelError(
                    f"{op.origin}: output '{name}' is declared as {list(types[name].shape)}, "
                    f"its inputs give {list(shape)}"
                )

    def _reshape(self, index: int, shape: tuple[int, ...]) -> None:
        name, kind = self._names[index], replace(self._types[self._names[index]], shape=shape)
        if kind.bytes > MAX_BYTES:
            raise ModelError(f"{self._file}: tensor '{name}' has {kind.bytes} bytes; at most {MAX_BYTES}")
        self._types[name], self._tensors[index] = kind, Tensor(name, kind)

    def _tensor(self, index: int) -> Tensor:
        if index not in self._tensors:
            tensor = self._converted(self._model.tensors[index])
            self._tensors[index] = tensor
            self._types[tensor.name] = tensor.type
        return self._tensors[index]

    def _converted(self, t: FileTensor) -> Tensor:
        """Raises ModelError with a message that does not name the file yet."""
        name = self._names[t.index]
        dtype = _DTYPES.get(t.type)
        if dtype is None:
            raise ModelError(f"tensor '{name}' is {t.type}; only int8 is supported")
        if t.is_variable:
            raise ModelError(f"tensor '{name}' is a variable; they are not supported")
        if t.is_sparse:
            raise ModelError(f"tensor '{name}' is sparse; only dense ones are supported")
        if len(t.shape) > MAX_RANK or min(t.shape, default=1) < 0:
            raise ModelError(f"tensor '{name}' has shape {list(t.shape[:9])}")
        size = prod(t.shape) * DTYPES[dtype].itemsize
        if size > MAX_BYTES:
            raise ModelError(f"tensor '{name}' has {size} bytes; at most {MAX_BYTES} are supported")
        kind = TensorType(t.shape, dtype, self._quant(t, name, dtype))
        if t.data is None and size:
            return Tensor(name, kind)
        content = t.data or memoryview(b"")
        if len(content) != size:
            raise ModelError(f"constant '{name}' has {len(content)} bytes of data; {size} are needed")
        return Tensor(name, kind, np.frombuffer(content, DTYPES[dtype].newbyteorder("<")).reshape(t.shape))

    def _quant(self, t: FileTensor, name: str, dtype: str) -> Quant | None:
        q = t.quant
        if q is None:
            return None
        if len(q.zero_points) != len(q.scales):
            raise ModelError(
                f"tensor '{name}' has {len(q.scales)} scales and {len(q.zero_points)} zero points"
            )
        if dtype == "int8":
            if not all(np.isfinite(s) and s > 0 for s in q.scales):
                raise ModelError(f"tensor '{name}' has a scale that is not a positive number")
            if not all(-128 <= z <= 127 for z in q.zero_points):
                raise ModelError(f"tensor '{name}' has a zero point that is not in [-128, 127]")
        return Quant(q.scales, q.zero_points, q.quantized_dimension)

    def _check_litert_quantization(self, t: FileTensor) -> None:
        """What LiteRT enforces for every tensor of a file when it opens it, used or not."""
        q = t.quant
        if q is None or not t.shape:
            return
        axis = q.quantized_dimension
        if len(q.zero_points) != len(q.scales) or not 0 <= axis < len(t.shape):
            raise LitertRejectsError(f"quantized dimension {axis} of '{t.name}'")
        if len(q.scales) not in (1, t.shape[axis]):
            raise LitertRejectsError(f"{len(q.scales)} scales of '{t.name}'")

    def _check_reached(self, ops: list[Op], reached: set[str], outputs: tuple[Port, ...]) -> None:
        """Refuse outputs that are the same whatever the inputs are."""
        for op in ops:
            if reached.intersection(op.inputs):
                reached.update(op.outputs)
        for port in outputs:
            if port.tensor not in reached:
                raise ModelError(f"{self._file}: output '{port.name}' does not depend on any input")

    def _port(self, at: int) -> Port:
        tensor = self._tensor(at)
        return Port(tensor.name, tensor.name, tensor.type)

    def _output_port(self, at: int, written: set[int]) -> Port:
        tensor = self._border(at)
        where = f"{self._file}: output '{tensor.name}'"
        if at not in written:
            raise ModelError(f"{where} is never written")
        if tensor.data is not None:
            raise ModelError(f"{where} is a constant")
        if at in self._model.inputs:
            raise ModelError(f"{where} is an input, passed through")
        return self._port(at)

    def _border(self, at: int) -> Tensor:
        """A tensor of the model's interface."""
        try:
            tensor = self._tensor(at)
        except ModelError as problem:
            raise ModelError(f"{self._file}: {problem.message}") from None
        t = tensor.type
        where = f"{self._file}: tensor '{tensor.name}' of the interface"
        if t.dtype not in ("int8", "float32"):
            raise ModelError(f"{where} is {t.dtype}; only int8 and float32 are supported")
        if t.elements == 0:
            raise ModelError(f"{where} is empty: shape {list(t.shape)}")
        return tensor


def _unique_names(tensors: tuple[FileTensor, ...]) -> tuple[str, ...]:
    """The file's names as people can read them, with the tensor's number where one is missing or taken."""
    taken: set[str] = set()
    names = []
    for tensor in tensors:
        name = printable(tensor.name) or f"tensor_{tensor.index}"
        while name in taken:
            name += f"_{tensor.index}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _listed(problems: list[str]) -> str:
    """All refused nodes, one per line."""
    more = len(problems) - _MAX_LINES
    return "\n".join(problems[:_MAX_LINES] + ([f"... and {more} more"] if more > 0 else []))
