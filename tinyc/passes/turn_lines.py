"""Windows over a sequence that is laid out both ways go along one row.

Keras makes an image of one row [1, 1, T, C] of a sequence for Conv1D, and an image of one column [1, T, 1, C] for the
pools of one dimension; PAD takes it as it is, [1, T, C]. Where a sequence is an image of one row somewhere, windows and
PAD take it so everywhere: the window is transposed, with its weights, between two RESHAPEs. Exact: the same products
are added up in the same order. So are sequences that a convolution of ternary weights takes, whose kernels compute
pixels of a row together; others that are nowhere an image of one row are left alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Graph, Op, Tensor, TensorType
from tinyc.numerics.ternary import ternary_magnitudes
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.pad import Pad
from tinyc.ops.pool import Pool2D
from tinyc.ops.reshape import Reshape
from tinyc.ops.window import Window

_Windowed = Conv2D | DepthwiseConv2D | Pool2D
_IMAGE = 4
#: Weights of a channel of which any are often -k, 0 and k.
_FEW = 4


def turn_lines(graph: Graph) -> Graph:
    lines = _sequences(graph)
    tensors = dict(graph.tensors)
    ops: list[Op] = []
    for op in graph.ops:
        ops += _turned(graph, op, tensors) if _turns(graph, op) and op.inputs[0] in lines else (op,)
    return graph if len(ops) == len(graph.ops) else graph.with_ops(ops, tensors)


def _steps(kind: TensorType) -> int:
    """Steps of a sequence [1, 1, T, C], [1, T, 1, C] or [1, T, C]; 0 where it is none."""
    match kind.shape:
        case (1, 1, steps, _) | (1, steps, 1, _) | (1, steps, _):
            return steps
        case _:
            return 0


def _is_column(kind: TensorType) -> bool:
    return len(kind.shape) == _IMAGE and kind.shape[2] == 1 < kind.shape[1]


def _sequences(graph: Graph) -> set[str]:
    """Sequences that are computed from, or lead to, a window along one row, step by step."""
    found: set[str] = set()
    links: list[tuple[str, ...]] = []
    for op in graph.ops:
        touched = (*graph.activations(op), *op.outputs)
        if not all(_steps(graph.type(n)) for n in touched):
            continue
        same = len({_steps(graph.type(n)) for n in touched}) == 1
        if isinstance(op, _Windowed | Pad) or (same and (op.is_elementwise or isinstance(op, Reshape))):
            links.append(touched)
        rows = [graph.type(n).shape[:2] == (1, 1) and _steps(graph.type(n)) > 1 for n in touched]
        if isinstance(op, _Windowed) and (all(rows) or _is_wide(graph, op, touched)):
            found.update(touched)
    size = -1
    while size < len(found):
        size = len(found)
        for touched in links:
            if found.intersection(touched):
                found.update(touched)
    return found


def _is_wide(graph: Graph, op: _Windowed, touched: tuple[str, ...]) -> bool:
    """Whether it has weights of -k, 0 and k for each channel, more than a few, over an image of one column."""
    if not isinstance(op, Conv2D) or not all(_is_column(graph.type(n)) for n in touched):
        return False
    data = graph.tensors[op.weights].data
    if data is None or data.dtype != np.int8 or data[0].size <= _FEW:
        return False
    return ternary_magnitudes(data.astype(np.int64).reshape(len(data), -1)) is not None


def _turns(graph: Graph, op: Op) -> bool:
    """Whether the op takes a sequence as something else than an image of one row, and could."""
    kinds = [graph.type(n) for n in (*op.inputs[:1], *op.outputs)]
    if isinstance(op, _Windowed):
        return all(map(_is_column, kinds)) and graph.type(op.inputs[0]).shape[0] == 1
    if not isinstance(op, Pad) or not all(_steps(kind) for kind in kinds):
        return False
    along = [axis for axis, pad in enumerate(op.pads) if pad != (0, 0)]
    return along == [1] and (len(op.pads) == _IMAGE - 1 or all(map(_is_column, kinds)))


def _turned(graph: Graph, op: Op, tensors: dict[str, Tensor]) -> tuple[Op, ...]:
    """The op between RESHAPEs to an image of one row and back. tensors: gets the new ones."""

    def add(name: str, kind: TensorType, tensor: Tensor | None = None) -> str:
        while name in tensors:
            name += "'"
        tensors[name] = Tensor(name, kind, None if tensor is None else tensor.data)
        return name

    source, result = op.inputs[0], op.outputs[0]
    row_in, row_out = _row(graph.type(source)), _row(graph.type(result))
    entered, left = add(f"{source}:row", row_in), add(f"{result}:row", row_out)
    inputs = (entered, *op.inputs[1:])
    if isinstance(op, Conv2D | DepthwiseConv2D):
        weights = graph.tensors[op.inputs[1]]
        kind, data = weights.type, weights.data
        assert data is not None
        n, kh, kw, c = kind.shape
        turned = Tensor("", kind, data.transpose(0, 2, 1, 3))
        inputs = (
            entered,
            add(f"{weights.name}:row", replace(kind, shape=(n, kw, kh, c)), turned),
            *op.inputs[2:],
        )
    if isinstance(op, Pad):
        new: Op = replace(op, inputs=inputs, outputs=(left,), pads=((0, 0), (0, 0), op.pads[1], (0, 0)))
    else:
        assert isinstance(op, _Windowed)
        new = replace(op, inputs=inputs, outputs=(left,), window=_transposed(op.window))
    return (
        Reshape((source,), (entered,), op.origin, row_in.shape),
        new,
        Reshape((left,), (result,), op.origin, graph.type(result).shape),
    )


def _row(kind: TensorType) -> TensorType:
    return replace(kind, shape=(1, 1, kind.shape[1], kind.shape[-1]))


def _transposed(window: Window) -> Window:
    top, left, bottom, right = window.padding
    kernel, stride, dilation = window.kernel[::-1], window.stride[::-1], window.dilation[::-1]
    return replace(
        window, kernel=kernel, stride=stride, dilation=dilation, padding=(left, top, right, bottom)
    )
