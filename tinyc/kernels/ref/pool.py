"""AVERAGE_POOL_2D and MAX_POOL_2D by portable kernels."""

from __future__ import annotations

from math import prod

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Argument, Call, Lowering, Result, Struct
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.ref.unsigned import FOLDER
from tinyc.kernels.variant import Refusal
from tinyc.kernels.window import window_rows
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.pool import Pool2D


def rounds_up(op: Pool2D, graph: Graph) -> Refusal | None:
    """Why an average is none that rounds halves away from zero: it is of uint8, and of an even number somewhere."""
    if not isinstance(op, AveragePool2D) or not graph.type(op.x).is_unsigned:
        return None
    even = prod(op.window.kernel) % 2 == 0 or any(op.window.padding)
    return Refusal("an average of uint8 rounds halves up") if even else None


def lower(op: Pool2D, graph: Graph) -> Lowering:
    x = graph.type(op.x)
    window = op.window
    kind, folder = ("u8", FOLDER) if rounds_up(op, graph) else ("s8", "pool")
    params = Struct(
        "tc_pool_params",
        (
            ("in_w", x.shape[2]),
            ("channels", x.shape[3]),
            ("kernel_h", window.kernel[0]),
            ("kernel_w", window.kernel[1]),
            ("stride_w", window.stride[1]),
            ("pad_left", window.padding[1]),
            *activation_fields(op.activation, graph.type(op.outputs[0])),
        ),
    )
    rows = window_rows(window)
    call = Call(
        f"tc_{op.kind}_{kind}_ref", folder, (params,), (Argument(0, rows),), writes=(Result(RowSegment()),)
    )
    return Lowering((call,))
