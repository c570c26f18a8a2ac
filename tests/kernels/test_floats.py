"""Kernels of float32 that slide a window or multiply by weights, against numpy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernels.float_layers import FloatTable, check
from tinyc.ir import Activation
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window


def conv(
    t: FloatTable,
    size: tuple[int, int, int],
    out: int,
    window: Window,
    activation: Activation = Activation.NONE,
    *,
    groups: int = 1,
    bias: bool = True,
) -> None:
    weights = t.constant(t.noise(out, *window.kernel, size[2] // groups))
    t.add(
        Conv2D,
        (t.input(1, *size), weights, t.constant(t.noise(out)) if bias else ""),
        window,
        activation,
    )


def convs(t: FloatTable) -> None:
    for channels in (1, 3, 7, 8, 9):
        conv(t, (5, 9, channels), 10 - channels, Window((3, 3), padding=(1, 1, 1, 1)), Activation.RELU6)
    conv(t, (7, 11, 4), 6, Window((3, 2), (2, 3), (1, 1), (0, 1, 2, 0)), Activation.RELU)
    conv(t, (9, 12, 5), 5, Window((3, 3), (1, 1), (2, 3), (2, 3, 2, 3)), Activation.RELU_N1_TO_1)
    conv(t, (6, 13, 8), 12, Window((1, 1)), bias=False)
    conv(t, (6, 13, 8), 12, Window((1, 1), (2, 2)))
    conv(t, (4, 6, 12), 6, Window((3, 3), padding=(1, 1, 1, 1)), groups=3)
    conv(t, (4, 6, 12), 20, Window((2, 3), (1, 2)), groups=4)
    conv(t, (2, 2, 3), 5, Window((5, 7), padding=(4, 6, 4, 6)))


@pytest.mark.parametrize("layers", [convs])
def test_float_kernels_compute_what_numpy_does(layers, tmp_path: Path) -> None:
    table = FloatTable(1)
    layers(table)
    check(table, tmp_path)
