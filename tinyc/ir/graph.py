"""The network as a value: tensors, ops in execution order, and the model's outside interface."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tinyc.errors import InternalError
from tinyc.ir.op import Op
from tinyc.ir.operand import Operands
from tinyc.ir.types import Array, Reference, Tensor, TensorType


@dataclass(frozen=True)
class Port:
    """One input or output of the model as its file declares it.

    name: the file's name of it; tensor: the graph's tensor that carries it; type: type at the outside, which
    differs from the tensor's where a QUANTIZE or DEQUANTIZE at the border was folded away.
    """

    name: str
    tensor: str
    type: TensorType
    #: Whether the file has [N, C, ...] where the tensor is [N, ..., C]; `type` has the file's shape.
    channels_second: bool = False


@dataclass(frozen=True, eq=False)
class State:
    """A tensor whose value outlives an inference: each begins with what the one before it left."""

    #: What ops read: the value when an inference begins.
    tensor: str
    #: The tensor of the same type whose value it has when the inference is over.
    next: str
    #: Its value before the first inference.
    initial: Array


@dataclass(frozen=True, eq=False)
class Graph:
    """A network. Every tensor is written once, before it is read; batch size is 1."""

    name: str
    #: By name, constants included.
    tensors: Mapping[str, Tensor]
    ops: tuple[Op, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    #: The interpreter whose arithmetic the ops follow.
    reference: Reference = "litert"
    states: tuple[State, ...] = ()

    def type(self, name: str) -> TensorType:
        return self.tensors[name].type

    def types(self, op: Op) -> Operands[TensorType]:
        """Types of an op's inputs."""
        return op.named(self.tensors[n].type if n else None for n in op.inputs)

    def outs(self, op: Op) -> tuple[TensorType, ...]:
        """Types of an op's outputs."""
        return tuple(self.tensors[n].type for n in op.outputs)

    def constants(self, op: Op) -> Operands[Array]:
        """Values of those inputs of an op that are constants."""
        return op.named(self.tensors[n].data if n else None for n in op.inputs)

    def is_constant(self, name: str) -> bool:
        return bool(name) and self.tensors[name].data is not None

    def activations(self, op: Op) -> tuple[str, ...]:
        """Inputs of `op` that are computed at run time, in order."""
        return tuple(n for n in op.inputs if n and not self.is_constant(n))

    @cached_property
    def producer(self) -> dict[str, int]:
        """Index of the op that writes each tensor."""
        return {name: i for i, op in enumerate(self.ops) for name in op.outputs}

    def writer(self, name: str) -> Op | None:
        """The op that writes a tensor; None where it is an input, a state, a constant, or left out."""
        at = self.producer.get(name)
        return None if at is None else self.ops[at]

    @cached_property
    def consumers(self) -> dict[str, tuple[int, ...]]:
        """Indices of the ops that read each tensor, in order."""
        found: dict[str, list[int]] = {name: [] for name in self.tensors}
        for i, op in enumerate(self.ops):
            for name in dict.fromkeys(n for n in op.inputs if n):
                found[name].append(i)
        return {name: tuple(at) for name, at in found.items()}

    @property
    def output_tensors(self) -> frozenset[str]:
        return frozenset(p.tensor for p in self.outputs)

    @property
    def kept_tensors(self) -> frozenset[str]:
        """Tensors that are needed when the last op has run: the outputs, and what states hold and become."""
        return self.output_tensors | {n for s in self.states for n in (s.tensor, s.next)}

    @cached_property
    def is_float(self) -> bool:
        """Whether the network computes in float32: nothing in it is quantized."""
        types = [t.type for t in self.tensors.values()]
        return any(t.dtype == "float32" for t in types) and not any(
            t.quant is not None or t.dtype in ("int8", "uint8", "int16") for t in types
        )

    def macs(self) -> int:
        """Nominal multiply-accumulates of one inference."""
        return sum(op.macs(self.types(op), self.outs(op)) for op in self.ops)

    def fresh(self, name: str) -> str:
        """`name`, or a longer one where a tensor has it already."""
        while name in self.tensors:
            name += "'"
        return name

    def with_ops(self, ops: Iterable[Op], tensors: Mapping[str, Tensor] | None = None) -> Graph:
        """The same model with other ops; tensors that nothing uses any more are dropped."""
        kept = tuple(ops)
        table = self.tensors if tensors is None else tensors
        used = {n for op in kept for n in (*op.inputs, *op.outputs) if n}
        used |= {p.tensor for p in self.inputs} | self.kept_tensors
        return replace(self, ops=kept, tensors={n: t for n, t in table.items() if n in used})


def fresh_name(name: str, *taken: Container[str]) -> str:
    """Return `name`, or with a number behind it where something has it already."""
    found, more = name, 1
    while any(found in names for names in taken):
        found, more = f"{name}_{more}", more + 1
    return found


def verify(graph: Graph) -> Graph:
    """Check every invariant of a graph and return it. Raises InternalError: a front end or pass is wrong."""
    written = {p.tensor for p in graph.inputs} | {n for n, t in graph.tensors.items() if t.data is not None}
    written |= {s.tensor for s in graph.states}
    for op in graph.ops:
        _verify_op(graph, op, written)
        written.update(op.outputs)
    for port in graph.outputs:
        if port.tensor not in written:
            raise InternalError(f"{graph.name}: output '{port.name}' is never written")
    for state in graph.states:
        _verify_state(graph, state, written)
    for name, tensor in graph.tensors.items():
        if tensor.data is not None and tensor.data.shape != tensor.type.shape:
            raise InternalError(f"{graph.name}: constant '{name}' has data of shape {tensor.data.shape}")
    return graph


def _verify_op(graph: Graph, op: Op, written: set[str]) -> None:
    for name in op.inputs:
        if name and name not in graph.tensors:
            raise InternalError(f"{op.origin}: input '{name}' is not a tensor of the graph")
        if name and name not in written:
            raise InternalError(f"{op.origin}: input '{name}' is read before it is written")
    shapes = op.infer(graph.types(op))
    if len(shapes) != len(op.outputs):
        raise InternalError(f"{op.origin}: {len(op.outputs)} outputs, {len(shapes)} inferred")
    for name, shape in zip(op.outputs, shapes, strict=True):
        if name in written:
            raise InternalError(f"{op.origin}: output '{name}' is written twice")
        if graph.type(name).shape != shape:
            raise InternalError(
                f"{op.origin}: output '{name}' has shape {list(graph.type(name).shape)}, "
                f"inferred {list(shape)}"
            )


def _verify_state(graph: Graph, state: State, written: set[str]) -> None:
    if state.tensor in {p.tensor for p in graph.inputs} or graph.is_constant(state.tensor):
        raise InternalError(f"{graph.name}: state '{state.tensor}' is an input or a constant")
    if state.next not in written or state.next == state.tensor:
        raise InternalError(f"{graph.name}: what state '{state.tensor}' becomes is never written")
    if graph.type(state.next) != graph.type(state.tensor):
        raise InternalError(f"{graph.name}: state '{state.tensor}' becomes a tensor of another type")
    if state.initial.shape != graph.type(state.tensor).shape:
        raise InternalError(f"{graph.name}: state '{state.tensor}' begins with shape {state.initial.shape}")


def to_text(graph: Graph) -> str:
    """A stable text form, one line per op, for dumps, diffs and goldens."""
    lines = [f"graph {graph.name} reference={graph.reference}"]
    lines += [f"  in  {p.tensor}: {graph.type(p.tensor)}" for p in graph.inputs]
    lines += [f"  state {s.tensor}: {graph.type(s.tensor)}, then {s.next}" for s in graph.states]
    for op in graph.ops:
        outs = ", ".join(f"{n}: {graph.type(n)}" for n in op.outputs)
        attrs = "".join(f" {k}={v}" for k, v in op.attributes())
        args = ", ".join(f"{n}{'*' if graph.is_constant(n) else ''}" if n else "-" for n in op.inputs)
        lines.append(f"  {outs} = {op.kind}({args}){attrs}")
    lines += [f"  out {p.tensor}" for p in graph.outputs]
    return "\n".join(lines) + "\n"
