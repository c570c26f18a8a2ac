"""Instructions of single ops over shapes, on every kind of core: the second half of RESULTS.md."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.kernels.layers import LINEAR, RELU, Table
from tests.kernels.on_board import profile
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mul import Mul
from tinyc.ops.window import Window, same_padding
from tinyc.schedule import plan_layers
from tinyc.target.boards import load_board

BOARDS = ("mps2-an385", "mps2-an386", "mps3-an547")


@dataclass(frozen=True)
class Shape:
    """title: for the table; add: puts the op into a Table; work: MACs, or output bytes where an op has none."""

    title: str
    add: Callable[[Table], None]
    work: int
    unit: str = "MAC"


def _same(rows: int, columns: int, kernel: tuple[int, int], stride: int) -> Window:
    (top, bottom), (left, right) = (
        same_padding(n, k, stride, 1) for n, k in zip((rows, columns), kernel, strict=True)
    )
    return Window(kernel, (stride, stride), (1, 1), (top, left, bottom, right))


def conv(rows: int, columns: int, channels: int, out: int, kernel: tuple[int, int], stride: int = 1) -> Shape:
    window = _same(rows, columns, kernel, stride)
    high, wide = window.output_size(rows, columns)
    return Shape(
        f"conv {kernel[0]}x{kernel[1]}/{stride}, {rows}x{columns}x{channels} -> {out}",
        lambda table: table.conv((rows, columns, channels), out, window, RELU),
        high * wide * out * channels * kernel[0] * kernel[1],
    )


def depthwise(rows: int, columns: int, channels: int, kernel: tuple[int, int], stride: int = 1) -> Shape:
    window = _same(rows, columns, kernel, stride)
    high, wide = window.output_size(rows, columns)
    return Shape(
        f"depthwise {kernel[0]}x{kernel[1]}/{stride}, {rows}x{columns}x{channels}",
        lambda table: table.depthwise((rows, columns, channels), window, RELU),
        high * wide * channels * kernel[0] * kernel[1],
    )


def dense(depth: int, out: int) -> Shape:
    return Shape(f"dense {depth} -> {out}", lambda table: table.dense(depth, out, LINEAR), depth * out)


def elementwise(kind: type[Add | Mul], rows: int, columns: int, channels: int) -> Shape:
    shape = (1, rows, columns, channels)
    title = f"{kind.kind}, {rows}x{columns}x{channels}"
    return Shape(title, lambda table: table.binary(kind, shape, LINEAR), rows * columns * channels, "byte")


def pool(kind: type[MaxPool2D | AveragePool2D], rows: int, columns: int, channels: int) -> Shape:
    window = Window((2, 2), (2, 2))
    return Shape(
        f"{kind.kind} 2x2, {rows}x{columns}x{channels}",
        lambda table: table.pool(kind, (rows, columns, channels), window),
        rows * columns * channels // 4,
        "byte",
    )


def mean(rows: int, columns: int, channels: int) -> Shape:
    return Shape(
        f"mean over {rows}x{columns}, {channels} channels",
        lambda table: table.mean((rows, columns, channels)),
        rows * columns * channels,
        "input byte",
    )


SHAPES = (
    conv(96, 96, 3, 8, (3, 3), 2),
    conv(32, 32, 3, 16, (3, 3)),
    conv(49, 10, 1, 64, (10, 4), 2),
    conv(32, 32, 16, 16, (3, 3)),
    conv(16, 16, 32, 32, (3, 3)),
    conv(8, 8, 64, 64, (3, 3)),
    conv(48, 48, 8, 16, (1, 1)),
    conv(25, 5, 64, 64, (1, 1)),
    conv(12, 12, 64, 64, (1, 1)),
    conv(6, 6, 128, 128, (1, 1)),
    conv(3, 3, 256, 256, (1, 1)),
    depthwise(48, 48, 8, (3, 3)),
    depthwise(48, 48, 16, (3, 3), 2),
    depthwise(25, 5, 64, (3, 3)),
    depthwise(6, 6, 128, (3, 3)),
    depthwise(20, 20, 48, (5, 5)),
    depthwise(10, 10, 120, (7, 7)),
    dense(640, 128),
    dense(128, 8),
    dense(64, 10),
    elementwise(Add, 32, 32, 16),
    elementwise(Mul, 32, 32, 16),
    pool(AveragePool2D, 24, 24, 32),
    pool(MaxPool2D, 24, 24, 32),
    mean(8, 8, 64),
)


def kernel_table() -> list[str]:
    """Lines of Markdown: instructions per unit of work, with the kernel that was chosen."""
    columns = [_measured(board) for board in BOARDS]
    boards = " | ".join(f"{load_board(board).cpu}, `{board}`" for board in BOARDS)
    lines = [f"| op | work | {boards} |", "|---|--:|" + "--:|" * len(BOARDS)]
    for number, shape in enumerate(SHAPES):
        cells = (f"{spent[number] / shape.work:.2f}" for spent in columns)
        lines.append(f"| {shape.title} | {shape.work:,} {shape.unit}s | " + " | ".join(cells) + " |")
    return lines


def _measured(name: str) -> tuple[int, ...]:
    """Instructions of each shape on one board."""
    board = load_board(name)
    spent: list[int] = []
    for seed, shape in enumerate(SHAPES):
        table = Table(seed)
        shape.add(table)
        graph = table.graph()
        with tempfile.TemporaryDirectory() as place:
            plan = plan_layers(graph, board.isa)
            spent += profile(plan, table.bytes(graph, extreme=False), board, Path(place) / "firmware")
    return tuple(spent)
