"""AVERAGE_POOL_2D and MAX_POOL_2D by CMSIS-NN."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import Whole
from tinyc.kernels.base import Argument, Call, Lowering, Struct
from tinyc.kernels.cmsis_nn import FOLDER, LEAST
from tinyc.kernels.constants import activation_fields
from tinyc.kernels.ref.pool import rounds_up
from tinyc.kernels.variant import Refusal
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.pool import Pool2D


def lower(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    return rounds_up(op, graph) or _lowering(op, graph, 4 * graph.type(op.x).shape[3])


def lower_mve(op: Pool2D, graph: Graph) -> Lowering | Refusal:
    return rounds_up(op, graph) or _lowering(op, graph, LEAST)


def _lowering(op: Pool2D, graph: Graph, scratch: int) -> Lowering:
    x, out, window = graph.type(op.x), graph.type(op.outputs[0]), op.window
    params = Struct(
        "tc_cmsis_pool_params",
        (
            ("in_h", x.shape[1]), ("in_w", x.shape[2]), ("channels", x.shape[3]),
            ("out_h", out.shape[1]), ("out_w", out.shape[2]),
            ("kernel_h", window.kernel[0]), ("kernel_w", window.kernel[1]),
            ("stride_h", window.stride[0]), ("stride_w", window.stride[1]),
            ("pad_top", window.padding[0]), ("pad_left", window.padding[1]),
            *activation_fields(op.activation, out),
        ),
    )  # fmt: skip
    symbol, scratch = f"tc_{op.kind}_s8_cmsis", scratch if op.kind == AveragePool2D.kind else 0
    return Lowering((Call(symbol, FOLDER, (params,), (Argument(0, Whole()),), scratch=scratch),))
