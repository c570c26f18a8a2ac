"""Text of windows, and activations as clamps of bytes."""

from __future__ import annotations

import pytest

from tinyc.ir import Activation, Quant, TensorType
from tinyc.numerics.activation import clamp
from tinyc.ops.window import Padding, Window


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window((3, 3), padding=(1, 1, 1, 1), scheme=Padding.SAME), "3x3:SAME(1,1,1,1)"),
        (Window((1, 1), scheme=Padding.VALID), "1x1:VALID"),
        (Window((10, 4), (2, 2), (1, 3), (4, 1, 5, 1)), "10x4/2x2*1x3:EXPLICIT(4,1,5,1)"),
    ],
)
def test_a_window_names_its_padding(window: Window, text: str) -> None:
    assert str(window) == text


@pytest.mark.parametrize(
    ("activation", "bytes_left"),
    [
        (Activation.NONE, (-128, 127)),
        (Activation.RELU, (-20, 127)),
        (Activation.RELU6, (-20, 40)),
        (Activation.RELU_N1_TO_1, (-30, -10)),
    ],
)
def test_an_activation_clamps_bytes(activation: Activation, bytes_left: tuple[int, int]) -> None:
    assert clamp(activation, TensorType((1,), "int8", Quant((0.1,), (-20,)))) == bytes_left
