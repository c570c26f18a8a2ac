"""The one call of an op with constant weights."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import Read, Write
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result, Struct, Value
from tinyc.kernels.floats.constants import Float32, float_bias, float_constant
from tinyc.ops.weighted import Weighted


def weighted(
    op: Weighted,
    graph: Graph,
    name: str,
    fields: tuple[tuple[str, Value], ...],
    read: Read,
    write: Write,
    weights: Float32,
    *others: Constant,
) -> Lowering:
    """Return the call of a kernel tc_<name>_ref, which adds the op's bias. weights: in the kernel's order."""
    bias = float_bias(graph, op.bias)
    call = Call(
        f"tc_{name}_ref",
        name,
        (Struct(f"tc_{name}_params", fields),),
        (Argument(0, read),),
        (Ref("weights"), Ref("bias") if bias else None),
        (Result(write),),
    )
    return Lowering((call,), (*others, float_constant("weights", weights), *bias))
