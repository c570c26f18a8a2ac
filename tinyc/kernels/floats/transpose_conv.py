"""TRANSPOSE_CONV of float32."""

from __future__ import annotations

from tinyc.ir import Graph
from tinyc.kernels.access import RowSegment
from tinyc.kernels.base import Lowering
from tinyc.kernels.floats.constants import data_of, in_fours, limits
from tinyc.kernels.floats.weighted import weighted
from tinyc.kernels.ref.transpose_conv import source_rows, window_fields
from tinyc.ops.transpose_conv import TransposeConv


def lower(op: TransposeConv, graph: Graph) -> Lowering:
    x, weights = graph.type(op.x), data_of(graph, op.weights)
    fields = (
        ("in_w", x.shape[2]),
        ("in_c", x.shape[3]),
        ("out_c", len(weights)),
        *window_fields(op),
        *limits(op.activation),
    )
    rows, first = source_rows(op)
    packed = in_fours(weights.reshape(len(weights), -1))
    return weighted(op, graph, "transpose_conv_f32", fields, rows, RowSegment(), packed, first)
