"""ADD, SUB and MUL by portable kernels."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.access import EveryUnit, SameUnit, Units, Whole
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.ref.in_place import in_place
from tinyc.kernels.strided import RANK, broadcast_strides, dense_strides, merge
from tinyc.kernels.variant import Refusal
from tinyc.ops.binary import Binary


@dataclass(frozen=True)
class Walk:
    """Two operands element by element, where one may be the same for every unit."""

    units: Units
    #: Of each operand.
    accesses: tuple[SameUnit | EveryUnit, ...]


def walk(op: Binary, graph: Graph) -> Walk | None:
    """How the operands go together; None where one repeats along inner dimensions, or is a single byte."""
    out = graph.type(op.outputs[0]).shape
    shapes = [graph.type(n).shape for n in op.inputs]
    padded = [(1,) * (len(out) - len(shape)) + shape for shape in shapes]
    small = tuple(i for i, shape in enumerate(padded) if shape != out)
    if not small:
        return Walk(Units(prod(out)), (SameUnit(), SameUnit()))
    (first, *others) = small
    inner = next((i for i, n in enumerate(padded[first]) if n > 1), len(out))
    if others or inner == len(out) or padded[first][inner:] != out[inner:]:
        return None
    accesses = tuple(EveryUnit() if i == first else SameUnit() for i in range(len(shapes)))
    return Walk(Units(prod(out[:inner]), each=prod(out[inner:])), accesses)


def not_one_walk(op: Binary, graph: Graph) -> Refusal | None:
    """Why the operands do not go together element by element."""
    return None if walk(op, graph) else Refusal("operands of different shapes")


def lower(op: Binary, graph: Graph) -> Lowering:
    a, b, out = graph.type(op.a), graph.type(op.b), graph.type(op.outputs[0])
    p = op.params(graph.types(op), out, graph.reference)
    params = Struct(
        "tc_binary_params",
        (
            ("a", {"zp": a.q.zero_point, "multiplier": p.a_multiplier, "shift": p.a_shift}),
            ("b", {"zp": b.q.zero_point, "multiplier": p.b_multiplier, "shift": p.b_shift}),
            ("left_shift", p.left_shift),
            ("multiplier", p.out_multiplier),
            ("shift", p.out_shift),
            ("out_zp", out.q.zero_point),
            *activation_fields(op.activation, out),
        ),
    )
    constants: list[Constant] = []
    sources: list[int | Ref] = []
    for i, name in enumerate(op.inputs):
        data = graph.tensors[name].data
        if data is None:
            sources.append(i)
        else:
            constants.append(Constant("ab"[i], "int8_t", data))
            sources.append(Ref("ab"[i]))
    found = walk(op, graph)
    if found is not None:
        symbol = f"tc_{op.kind}_s8_ref"
        reads = tuple(Argument(s, access) for s, access in zip(sources, found.accesses, strict=True))
        call = Call(symbol, "binary", (params,), reads, writes=(Result(found.units),))
        return Lowering((call,), tuple(constants), in_place(op, graph))
    try:
        dims, (a_strides, b_strides, _) = merge(
            out.shape,
            broadcast_strides(a.shape, out.shape),
            broadcast_strides(b.shape, out.shape),
            dense_strides(out.shape),
        )
    except ValueError as problem:
        raise ModelError(f"{op.origin}: broadcasts along {problem}; at most {RANK} are supported") from None
    shapes = Struct("tc_broadcast", (("dims", dims), ("a_stride", a_strides), ("b_stride", b_strides)))
    symbol = f"tc_{op.kind}_broadcast_s8_ref"
    reads = tuple(Argument(source, Whole()) for source in sources)
    call = Call(symbol, "binary", (params, shapes), reads)
    return Lowering((call,), tuple(constants), in_place(op, graph), why="operands of different shapes")
