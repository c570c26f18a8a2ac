"""Networks as people write them in PyTorch, with random weights; those of the same name in `in_keras` are the same."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

Act = Callable[[], nn.Module]


def normed(conv: nn.Module, channels: int, act: Act | None = nn.ReLU, axes: int = 2) -> nn.Sequential:
    """A convolution without bias, batch normalization, and an activation."""
    norm = nn.BatchNorm2d(channels) if axes == 2 else nn.BatchNorm1d(channels)
    return nn.Sequential(conv, norm, *([act()] if act else []))


def conv(ins: int, outs: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(ins, outs, kernel, stride, kernel // 2, groups=groups, bias=False)


class Inverted(nn.Module):
    """The block of MobileNetV2 and EfficientNet."""

    def __init__(self, ins: int, outs: int, stride: int, widen: int, kernel: int = 3) -> None:
        super().__init__()
        wide = ins * widen
        self.body = nn.Sequential(
            *([normed(conv(ins, wide, 1), wide, nn.ReLU6)] if widen > 1 else []),
            normed(conv(wide, wide, kernel, stride, wide), wide, nn.ReLU6),
            normed(conv(wide, outs, 1), outs, None),
        )
        self.skips = stride == 1 and ins == outs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x) if self.skips else self.body(x)


def classes(ins: int, outs: int) -> nn.Sequential:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(ins, outs))


def mobilenet_v2() -> nn.Module:
    """0.35, at 96x96."""
    parts: list[nn.Module] = [normed(conv(3, 16, 3, 2), 16, nn.ReLU6)]
    ins = 16
    for outs, count, stride, widen in (
        (8, 1, 1, 1),
        (8, 2, 2, 6),
        (16, 3, 2, 6),
        (24, 4, 2, 6),
        (32, 3, 1, 6),
        (56, 3, 2, 6),
        (112, 1, 1, 6),
    ):
        for i in range(count):
            parts.append(Inverted(ins, outs, stride if i == 0 else 1, widen))
            ins = outs
    return nn.Sequential(*parts, normed(conv(ins, 320, 1), 320, nn.ReLU6), classes(320, 10))


def efficientnet_lite() -> nn.Module:
    """Lite 0 at half its width, 96x96."""
    parts: list[nn.Module] = [normed(conv(3, 16, 3, 2), 16, nn.ReLU6)]
    ins = 16
    for outs, count, stride, widen, kernel in (
        (8, 1, 1, 1, 3),
        (12, 2, 2, 6, 3),
        (20, 2, 2, 6, 5),
        (40, 3, 2, 6, 3),
        (56, 3, 1, 6, 5),
        (96, 4, 2, 6, 5),
        (160, 1, 1, 6, 3),
    ):
        for i in range(count):
            parts.append(Inverted(ins, outs, stride if i == 0 else 1, widen, kernel))
            ins = outs
    return nn.Sequential(*parts, normed(conv(ins, 320, 1), 320, nn.ReLU6), classes(320, 10))


class Residual(nn.Module):
    def __init__(self, ins: int, outs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            normed(conv(ins, outs, 3, stride), outs), normed(conv(outs, outs), outs, None)
        )
        self.short = nn.Identity() if stride == 1 else nn.Conv2d(ins, outs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.short(x))


def resnet8() -> nn.Module:
    return nn.Sequential(
        normed(conv(3, 16), 16),
        Residual(16, 16, 1),
        Residual(16, 32, 2),
        Residual(32, 64, 2),
        classes(64, 10),
        nn.Softmax(dim=1),
    )


def ds_cnn() -> nn.Module:
    """Of the spectrum of a second of sound, [49, 10]."""
    first = nn.Conv2d(1, 64, (10, 4), 2, (5, 1), bias=False)
    parts = [normed(first, 64), nn.Dropout(0.2)]
    for _ in range(4):
        parts += [normed(conv(64, 64, 3, groups=64), 64), normed(conv(64, 64, 1), 64)]
    return nn.Sequential(*parts, classes(64, 12), nn.Softmax(dim=1))


def autoencoder() -> nn.Module:
    parts: list[nn.Module] = []
    ins = 640
    for outs in (128, 128, 128, 128, 8, 128, 128, 128, 128):
        parts += [nn.Linear(ins, outs), nn.BatchNorm1d(outs), nn.ReLU()]
        ins = outs
    return nn.Sequential(*parts, nn.Linear(ins, 640))


class UNet(nn.Module):
    """Two levels, transposed convolutions up."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.ModuleList([self.double(1, 8), self.double(8, 16)])
        self.middle = self.double(16, 32)
        self.up = nn.ModuleList([nn.ConvTranspose2d(32, 16, 2, 2), nn.ConvTranspose2d(16, 8, 2, 2)])
        self.join = nn.ModuleList([self.double(32, 16), self.double(16, 8)])
        self.last = nn.Conv2d(8, 1, 1)

    @staticmethod
    def double(ins: int, outs: int) -> nn.Sequential:
        return nn.Sequential(normed(conv(ins, outs), outs), normed(conv(outs, outs), outs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = nn.functional.max_pool2d(x, 2)
        x = self.middle(x)
        for up, join, skip in zip(self.up, self.join, reversed(skips), strict=True):
            x = join(torch.cat([up(x), skip], dim=1))
        return torch.sigmoid(self.last(x))


def conv_1d() -> nn.Module:
    """Of 128 steps of three signals; its end is flattened."""
    parts: list[nn.Module] = []
    ins = 3
    for outs in (16, 24, 32):
        parts += [
            normed(nn.Conv1d(ins, outs, 5, padding=2, bias=False), outs, axes=1),
            nn.MaxPool1d(2),
        ]
        ins = outs
    return nn.Sequential(*parts, nn.Flatten(), nn.Linear(32 * 16, 32), nn.ReLU(), nn.Linear(32, 6))


class Fire(nn.Module):
    def __init__(self, ins: int, squeeze: int, expand: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(ins, squeeze, 1)
        self.one = nn.Conv2d(squeeze, expand, 1)
        self.three = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.squeeze(x))
        return torch.cat([torch.relu(self.one(x)), torch.relu(self.three(x))], dim=1)


def squeezenet() -> nn.Module:
    """1.1 at a quarter of its width, 64x64."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        Fire(16, 4, 16),
        Fire(32, 4, 16),
        nn.MaxPool2d(3, 2),
        Fire(32, 8, 32),
        Fire(64, 8, 32),
        nn.MaxPool2d(3, 2),
        Fire(64, 12, 48),
        Fire(96, 12, 48),
        Fire(96, 16, 64),
        Fire(128, 16, 64),
        nn.Dropout(0.5),
        nn.Conv2d(128, 10, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


class Shuffled(nn.Module):
    """The unit of ShuffleNetV2: half of the channels pass, the others are convolved, and both are dealt by turns."""

    def __init__(self, ins: int, outs: int, stride: int) -> None:
        super().__init__()
        half = outs // 2
        inner = ins if stride == 2 else half
        self.left = nn.Sequential(
            normed(conv(ins, ins, 3, 2, ins), ins, None),
            normed(conv(ins, half, 1), half),
        )
        self.right = nn.Sequential(
            normed(conv(inner, half, 1), half),
            normed(conv(half, half, 3, stride, half), half, None),
            normed(conv(half, half, 1), half),
        )
        self.stride = stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.stride == 1:
            left, right = x.chunk(2, dim=1)
        else:
            left, right = self.left(x), x
        x = torch.cat([left, self.right(right)], dim=1)
        batch, channels, height, width = x.shape
        x = x.view(batch, 2, channels // 2, height, width).transpose(1, 2)
        return x.reshape(batch, channels, height, width)


def shufflenet_v2() -> nn.Module:
    """0.5, at 64x64."""
    parts: list[nn.Module] = [normed(conv(3, 24, 3, 2), 24), nn.MaxPool2d(3, 2, 1)]
    ins = 24
    for outs, count in ((48, 4), (96, 8), (192, 4)):
        for i in range(count):
            parts.append(Shuffled(ins, outs, 1 if i else 2))
            ins = outs
    return nn.Sequential(*parts, normed(conv(ins, 256, 1), 256), classes(256, 10))


#: name: (network, shape of its input)
NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "autoencoder": (autoencoder, (1, 640)),
    "conv_1d": (conv_1d, (1, 3, 128)),
    "ds_cnn": (ds_cnn, (1, 1, 49, 10)),
    "efficientnet_lite": (efficientnet_lite, (1, 3, 96, 96)),
    "mobilenet_v2": (mobilenet_v2, (1, 3, 96, 96)),
    "resnet8": (resnet8, (1, 3, 32, 32)),
    "shufflenet_v2": (shufflenet_v2, (1, 3, 64, 64)),
    "squeezenet": (squeezenet, (1, 3, 64, 64)),
    "unet": (UNet, (1, 1, 48, 48)),
}
