"""ADD, SUB and MUL by portable kernels."""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.base import Call, Constant, Form, Lowering, Operand, Ref, Struct
from tinyc.kernels.copy import RANK, broadcast_strides, dense_strides, merge
from tinyc.ops.binary import Binary


def lower(op: Binary, graph: Graph) -> Lowering:
    a, b, out = (graph.type(n) for n in (*op.inputs, *op.outputs))
    assert a.quant is not None and b.quant is not None and out.quant is not None
    p = op.params((a, b), out)
    params = Struct(
        "tc_binary_params",
        (
            ("a", {"zp": a.quant.zero_point, "multiplier": p.a_multiplier, "shift": p.a_shift}),
            ("b", {"zp": b.quant.zero_point, "multiplier": p.b_multiplier, "shift": p.b_shift}),
            ("left_shift", p.left_shift),
            ("multiplier", p.out_multiplier),
            ("shift", p.out_shift),
            ("out_zp", out.quant.zero_point),
            ("act_min", op.act_min),
            ("act_max", op.act_max),
        ),
    )
    constants: list[Constant] = []
    sources: list[Operand | Ref] = []
    for i, name in enumerate(op.inputs):
        data = graph.tensors[name].data
        if data is None:
            sources.append(Operand(i))
        else:
            constants.append(Constant("ab"[i], "int8_t", data))
            sources.append(Ref("ab"[i]))
    in_place = tuple(
        i
        for i, n in enumerate(op.inputs)
        if graph.type(n).shape == out.shape and op.inputs.count(n) == 1 and not graph.is_constant(n)
    )
    if a.shape == b.shape == out.shape:
        symbol = f"tc_{op.kind}_s8_ref"
        call = Call(symbol, "binary", Form.RUN, (params,), tuple(sources), units=out.elements)
        return Lowering((call,), tuple(constants), in_place)
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
    call = Call(symbol, "binary", Form.WHOLE, (params, shapes), tuple(sources))
    return Lowering((call,), tuple(constants), in_place, why="operands of different shapes")
