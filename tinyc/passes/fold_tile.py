"""A TILE that repeats every row or every column of an image becomes a RESIZE to the nearest, which can be streamed.

Keras writes up-sampling as RESHAPE, TILE, RESHAPE, once for the rows and once for the columns; two resizes in a row
become one. Exact: the same bytes are copied, and a resize is taken only where its float32 arithmetic finds them.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

from tinyc.ir import Graph, Op, Tensor
from tinyc.ops.reshape import Reshape
from tinyc.ops.resize_nearest import ResizeNearest
from tinyc.ops.tile import Tile
from tinyc.passes.remove_dead import remove_dead


def fold_tile(graph: Graph) -> Graph:
    at = 0
    while at < len(graph.ops):
        op = graph.ops[at]
        image = _image(graph, op.x) if isinstance(op, Tile) else None
        size = _resized(graph, op, image) if isinstance(op, Tile) and image is not None else None
        if image is not None and size is not None:
            graph = _with_resize(graph, at, op, image, size)
        at += 1
    return remove_dead(graph)


def _image(graph: Graph, name: str) -> str | None:
    """The nearest tensor [1, H, W, C] that `name` is, or is a view of."""
    quant = graph.type(name).quant
    while True:
        kind = graph.type(name)
        if len(kind.shape) == 4 and kind.shape[0] == 1 and kind.quant == quant:
            return name
        view = graph.writer(name)
        if not isinstance(view, Reshape):
            return None
        name = view.x


def _resized(graph: Graph, op: Tile, image: str) -> tuple[int, int] | None:
    """Rows and columns of the image that the tiles make up; None where they make up something else."""
    _, h, w, c = graph.type(image).shape
    repeated = [i for i, m in enumerate(op.multiples) if m > 1]
    if len(repeated) != 1 or graph.type(op.x).quant != graph.type(op.outputs[0]).quant:
        return None
    factor = op.multiples[repeated[0]]
    block = prod(graph.type(op.x).shape[repeated[0] :])
    if block == w * c:
        return h * factor, w
    return (h, w * factor) if block == c else None


def _with_resize(graph: Graph, at: int, op: Op, image: str, size: tuple[int, int]) -> Graph:
    """The tiles as a resize of the image, or of what the image itself was resized from, and a view of it."""
    kind = graph.type(image)
    rows, cols = (
        tuple(i * old // new for i in range(new)) for old, new in zip(kind.shape[1:3], size, strict=True)
    )
    source = image
    before = graph.writer(image)
    if isinstance(before, ResizeNearest) and graph.type(before.x).quant == kind.quant:
        source = before.x
        first_rows, first_cols = (
            before.sources(n, m) for n, m in zip(graph.type(source).shape[1:3], before.size, strict=True)
        )
        rows, cols = tuple(first_rows[i] for i in rows), tuple(first_cols[i] for i in cols)
    name = graph.fresh(f"{op.outputs[0]}:resized")
    resize = ResizeNearest((source,), (name,), op.origin, size, align_corners=False, half_pixel=False)
    _, h, w, c = graph.type(source).shape
    if (rows, cols) != (resize.sources(h, size[0]), resize.sources(w, size[1])):
        return graph
    view = Reshape((name,), op.outputs, op.origin, graph.type(op.outputs[0]).shape)
    tensors = {**graph.tensors, name: Tensor(name, replace(kind, shape=(1, *size, c)))}
    return graph.with_ops([*graph.ops[:at], resize, view, *graph.ops[at + 1 :]], tensors)
