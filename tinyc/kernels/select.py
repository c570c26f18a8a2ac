"""SELECT in C: three operands, repeated against each other."""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph
from tinyc.kernels.access import EveryUnit, SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct
from tinyc.kernels.ref.in_place import in_place
from tinyc.kernels.ref.pair import content
from tinyc.kernels.strided import broadcast_strides, merge
from tinyc.ops.select import MAX_RANK, Select

_NAMES = ("mask", "a", "b")


def lower(op: Select, graph: Graph) -> Lowering:
    """Units are pixels, else rows, where each operand has them all or one for all, else there is one unit."""
    out = graph.type(op.outputs[0]).shape
    shapes = [(1,) * (len(out) - len(s)) + s for s in (graph.type(n).shape for n in op.inputs)]
    axis = next(
        (i for i in _axes(out) if all(prod(s[:i]) == 1 or s[:i] == out[:i] for s in shapes)),
        0,
    )
    strides = [broadcast_strides(s, out)[axis:] for s in shapes]
    dims, walked = merge(out[axis:], *strides, rank=MAX_RANK)
    steps = [0 if prod(s[:axis]) != prod(out[:axis]) else prod(s[axis:]) for s in shapes]
    fields = [("dims", dims), *((f"{n}_stride", s) for n, s in zip(_NAMES, walked, strict=True))]
    params = Struct(
        "tc_select_params", (*fields, *((f"{n}_step", s) for n, s in zip(_NAMES, steps, strict=True)))
    )
    arguments: list[Argument] = []
    constants: list[Constant] = []
    for i, (name, step) in enumerate(zip(op.inputs, steps, strict=True)):
        access, data = (SameUnit() if step else EveryUnit()), graph.tensors[name].data
        if data is None:
            arguments.append(Argument(i, access))
            continue
        constants.append(Constant(_NAMES[i], *content(data)))
        arguments.append(Argument(Ref(_NAMES[i]), access))
    units = Result(Units(prod(out[:axis])))
    symbol = "tc_select_f32_ref" if graph.type(op.outputs[0]).dtype == "float32" else "tc_select_s8_ref"
    call = Call(symbol, "select", (params,), tuple(arguments), writes=(units,))
    return Lowering((call,), tuple(constants), in_place(op, graph))


def _axes(out: tuple[int, ...]) -> tuple[int, ...]:
    """Where units may begin, the smallest units first."""
    if out[:1] != (1,):
        return ()
    return {4: (3, 2), 3: (2,)}.get(len(out), ())
