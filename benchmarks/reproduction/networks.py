"""The networks of the reproduction, in PyTorch, by width: ordinary ones, which tinyc.qat converts."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def conv(inputs: int, outputs: int, size: int | tuple[int, int], stride: Any = 1, groups: int = 1) -> Any:
    """Return a convolution that keeps the size, its normalization and ReLU."""
    kernel = (size, size) if isinstance(size, int) else size
    padding = tuple(k // 2 for k in kernel)
    layer = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU())


def digits(width: float) -> Any:
    """8x8 grey images."""
    a, b, c, d = (round(width * n) for n in (16, 32, 48, 64))
    return nn.Sequential(
        conv(1, a, 3),
        conv(a, b, 3),
        nn.MaxPool2d(2),
        conv(b, c, 3),
        conv(c, d, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(d, 10),
    )


def spoken(width: float) -> Any:
    """DS-CNN of MLPerf Tiny's shape, 64 channels at width 1, on pictures of 49 windows and 20 bands."""
    c = round(64 * width)
    blocks = [part for _ in range(4) for part in (conv(c, c, 3, groups=c), conv(c, c, 1))]
    return nn.Sequential(
        conv(1, c, (9, 5), (3, 2)),
        *blocks,
        nn.Dropout(0.2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(c, 10),
    )


class _Residual(nn.Module):  # type: ignore[misc]
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = conv(inputs, outputs, 3, stride)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.skip = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Any) -> Any:
        return torch.relu(self.norm(self.second(self.first(x))) + self.skip(x))


def resnet8(width: float) -> Any:
    """ResNet-8 of MLPerf Tiny's shape: 16, 32 and 64 channels at width 1."""
    a, b, c = (round(width * n) for n in (16, 32, 64))
    return nn.Sequential(
        conv(3, a, 3),
        _Residual(a, a, 1),
        _Residual(a, b, 2),
        _Residual(b, c, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(c, 10),
    )


class _Causal(nn.Module):  # type: ignore[misc]
    """A residual convolution over the characters before."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.pad = nn.ZeroPad2d((2 * dilation, 0, 0, 0))
        self.layer = nn.Conv2d(channels, channels, (1, 3), dilation=(1, dilation), bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x: Any) -> Any:
        y = torch.relu(self.norm(self.layer(self.pad(x))))
        return torch.relu(self.norm2(self.mix(y)) + x)


def language(width: float, characters: int) -> Any:
    """Characters [N, characters, 1, T], one of them 1, to logits of the next one: 31 characters are seen."""
    c = round(128 * width)
    return nn.Sequential(
        conv(characters, c, 1),
        *(_Causal(c, 2**i) for i in range(4)),
        nn.Conv2d(c, characters, 1),
    )
