"""A tensor as rows: the view under which a schedule streams it, whatever the tensor's rank is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from tinyc.ir import DTYPES, Graph, TensorType
from tinyc.kernels.base import Lowering
from tinyc.schedule.lines import lines_of, step_axis


@dataclass(frozen=True)
class RowView:
    """Rows one after the other in memory, and each row as columns."""

    #: The dimension whose indices are the rows, all before it being 1; None: the whole tensor is one row.
    axis: int | None
    #: Rows of the tensor.
    count: int
    #: Columns of a row: what a strip can cut.
    columns: int
    #: Bytes of one column.
    column_bytes: int
    #: Bytes of one element.
    element_bytes: int = 1
    #: Whether kernels take several rows at once, as columns of one image row: rows lie side by side, in order.
    side_by_side: bool = False

    @property
    def row_bytes(self) -> int:
        return self.columns * self.column_bytes


#: The view of every tensor, by its name.
RowViews = Mapping[str, RowView]


def rows_along(kind: TensorType, axis: int | None) -> RowView:
    """The view whose rows are the indices of `axis`; its columns are those of the next dimension but the last."""
    size = DTYPES[kind.dtype].itemsize
    if axis is None:
        return RowView(None, 1, 1, kind.bytes, size)
    before, inner = kind.shape[:axis], kind.shape[axis + 1 :]
    assert prod(before) == 1, f"rows of {kind} along dimension {axis} are not one after the other"
    columns = inner[0] if len(inner) > 1 else 1
    return RowView(axis, kind.shape[axis], columns, prod(inner[1:] if len(inner) > 1 else inner) * size, size)


def image_rows(kind: TensorType) -> RowView:
    """Rows of [1, H, W, C] and [1, H, C] along H; everything else is one row."""
    return rows_along(kind, 1 if len(kind.shape) in (3, 4) and kind.shape[0] == 1 else None)


def choose_rows(graph: Graph, lowerings: Sequence[Lowering]) -> dict[str, RowView]:
    """The view of every tensor of the graph: rows of the image, but of lines their steps. lowerings: one per op."""
    lines = lines_of(graph, lowerings)
    return {
        name: line_rows(tensor.type) if name in lines else image_rows(tensor.type)
        for name, tensor in graph.tensors.items()
    }


def line_rows(kind: TensorType) -> RowView:
    """Each step of a line as a row of one column."""
    return replace(rows_along(kind, step_axis(kind)), side_by_side=True)
