"""Whole networks with ternary weights beside the same networks with int8 weights, for docs/ternary.md.

    python -m benchmarks.ternary_networks [--networks lenet,unet] [--boards microbit] [--json FILE]

Each is compiled with default options and run in QEMU. Ternary weights are random, a third of them 0, in all layers.
--networks, --boards: some alone, which leaves the page as it is; --json: what was measured of every layer.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import prod, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pages import put_rows
from benchmarks.ternary import BOARDS as CORES
from benchmarks.ternary import PAGE
from tests.modelgen import ModelWriter
from tinyc.errors import FitError
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

#: What the first line of the table begins with.
HEAD = "| network | Cortex-M0 "
BOARDS = {**CORES, "Cortex-M7": "mps2-an500"}
#: Of an activation's bytes, so that sums of random products fill them.
SCALE = 1 / 32
SAME, VALID = 0, 1
RELU = 1


@dataclass
class Network:
    """A network in the making; layers return the number of their output."""

    is_ternary: bool
    writer: ModelWriter = field(default_factory=ModelWriter)
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def input(self, *shape: int) -> int:
        return self.writer.tensor((1, *shape), "int8", SCALE, -1)

    def conv(
        self,
        x: int,
        out: int,
        kernel: tuple[int, int] = (1, 1),
        stride: int = 1,
        padding: int = SAME,
        relu: int = RELU,
    ) -> int:
        depth = prod(kernel) * self._shape(x)[3]
        operands = (x, *self._weights((out, *kernel, self._shape(x)[3]), 0, depth))
        y = self._image(x, out, kernel, stride, padding, relu)
        self.writer.op(
            "CONV_2D", operands, (y,), padding=padding, stride_h=stride, stride_w=stride,
            dilation_h_factor=1, dilation_w_factor=1, fused_activation_function=relu,
        )  # fmt: skip
        return y

    def depthwise(self, x: int, kernel: tuple[int, int] = (3, 3), stride: int = 1, relu: int = RELU) -> int:
        channels = self._shape(x)[3]
        operands = (x, *self._weights((1, *kernel, channels), 3, prod(kernel)))
        y = self._image(x, channels, kernel, stride, SAME, relu)
        self.writer.op(
            "DEPTHWISE_CONV_2D", operands, (y,), padding=SAME, stride_h=stride, stride_w=stride, depth_multiplier=1,
            dilation_h_factor=1, dilation_w_factor=1, fused_activation_function=relu,
        )  # fmt: skip
        return y

    def dense(self, x: int, out: int, relu: int = RELU) -> int:
        x = self.reshape(x, (1, prod(self._shape(x)))) if len(self._shape(x)) != 2 else x
        depth = self._shape(x)[1]
        y = self._output((1, out), relu)
        self.writer.op(
            "FULLY_CONNECTED", (x, *self._weights((out, depth), 0, depth)), (y,),
            fused_activation_function=relu, weights_format=0, keep_num_dims=False,
        )  # fmt: skip
        return y

    def add(self, x: int, other: int, relu: int = 0) -> int:
        y = self._output(self._shape(x), relu)
        self.writer.op("ADD", (x, other), (y,), fused_activation_function=relu)
        return y

    def concat(self, *parts: int) -> int:
        shape = self._shape(parts[0])
        y = self._like(parts[0], (*shape[:3], sum(self._shape(x)[3] for x in parts)))
        self.writer.op("CONCATENATION", parts, (y,), axis=3, fused_activation_function=0)
        return y

    def pool(self, x: int, size: int = 2, kind: str = "MAX_POOL_2D") -> int:
        _, high, wide, channels = self._shape(x)
        y = self._like(x, (1, high // size, wide // size, channels))
        self.writer.op(
            kind, (x,), (y,), padding=VALID, stride_h=size, stride_w=size, filter_height=size, filter_width=size,
            fused_activation_function=0,
        )  # fmt: skip
        return y

    def mean(self, x: int) -> int:
        y = self._like(x, (1, self._shape(x)[3]))
        self.writer.op("MEAN", (x, self.writer.constant([1, 2])), (y,), keep_dims=False)
        return y

    def upsampled(self, x: int) -> int:
        _, high, wide, channels = self._shape(x)
        y = self._like(x, (1, 2 * high, 2 * wide, channels))
        size = self.writer.constant([2 * high, 2 * wide])
        self.writer.op(
            "RESIZE_NEAREST_NEIGHBOR", (x, size), (y,), align_corners=False, half_pixel_centers=False
        )
        return y

    def reshape(self, x: int, shape: tuple[int, ...]) -> int:
        y = self._like(x, shape)
        self.writer.op("RESHAPE", (x, self.writer.constant(shape)), (y,), new_shape=list(shape))
        return y

    def softmax(self, x: int) -> int:
        y = self.writer.tensor(self._shape(x), "int8", 1 / 256, -128)
        self.writer.op("SOFTMAX", (x,), (y,), beta=1.0)
        return y

    def _shape(self, x: int) -> tuple[int, ...]:
        return self.writer.tensors[x].shape

    def _like(self, x: int, shape: Sequence[int]) -> int:
        spec = self.writer.tensors[x]
        return self.writer.tensor(shape, "int8", spec.scale, spec.zero_point)

    def _output(self, shape: Sequence[int], relu: int) -> int:
        return self.writer.tensor(shape, "int8", SCALE / 2 if relu else SCALE, -128 if relu else 3)

    def _image(self, x: int, out: int, kernel: tuple[int, int], stride: int, padding: int, relu: int) -> int:
        sizes = [
            -(-(n - (k - 1 if padding == VALID else 0)) // stride)
            for n, k in zip(self._shape(x)[1:3], kernel, strict=True)
        ]
        return self._output((1, *sizes, out), relu)

    def _weights(self, shape: tuple[int, ...], axis: int, depth: int) -> tuple[int, int]:
        """depth: products under one output. Returns weights and bias."""
        channels = shape[axis]
        most = self.rng.integers(60, 128, [n if i == axis else 1 for i, n in enumerate(shape)])
        if self.is_ternary:
            data = most * self.rng.choice((-1, 0, 1), shape)
        else:
            data = np.clip(np.round(self.rng.normal(0, most / 2, shape)), -127, 127)
        scales = list(self.rng.uniform(1, 2, channels) / (100 * sqrt(depth)))
        weights = self.writer.tensor(shape, "int8", scales, axis=axis, data=data.astype(np.int8))
        bias_scales = [SCALE * s for s in scales]
        # above 0, as a channel whose bytes are all the same would be left out
        bias = self.rng.integers(500, 2000, channels) * sqrt(depth)
        return weights, self.writer.tensor((channels,), "int32", bias_scales, data=bias)


def ds_cnn(n: Network) -> int:
    x = n.conv(n.input(49, 10, 1), 64, (10, 4), 2)
    for _ in range(4):
        x = n.conv(n.depthwise(x), 64)
    return n.softmax(n.dense(n.mean(x), 12, 0))


def mobilenet_v1(n: Network, size: int) -> int:
    x = n.conv(n.input(size, size, 3), 8, (3, 3), 2)
    for out, stride in (
        (16, 1),
        (32, 2),
        (32, 1),
        (64, 2),
        (64, 1),
        (128, 2),
        *[(128, 1)] * 5,
        (256, 2),
        (256, 1),
    ):
        x = n.conv(n.depthwise(x, stride=stride), out)
    return n.softmax(n.dense(n.mean(x), 2, 0))


def mobilenet_v2(n: Network) -> int:
    x = n.conv(n.input(48, 48, 3), 16, (3, 3), 2)
    x = n.conv(n.depthwise(x), 8, relu=0)
    for out, stride, times in ((16, 2, 2), (24, 2, 2), (48, 1, 2)):
        for i in range(times):
            deep = 4 * n._shape(x)[3] if out != 24 or i else 48
            y = n.conv(n.depthwise(n.conv(x, deep), stride=1 if i else stride), out, relu=0)
            x = n.add(x, y) if i else y
    return n.softmax(n.dense(n.mean(n.conv(x, 144)), 10, 0))


def mlp(n: Network) -> int:
    return n.softmax(n.dense(n.dense(n.dense(n.input(784), 128), 64), 10, 0))


def autoencoder(n: Network) -> int:
    x = n.input(640)
    for out in (128, 128, 128, 8, 128, 128, 128):
        x = n.dense(x, out)
    return n.dense(x, 640, 0)


def lenet(n: Network) -> int:
    x = n.pool(n.conv(n.input(28, 28, 1), 6, (5, 5)))
    x = n.pool(n.conv(x, 16, (5, 5)))
    return n.softmax(n.dense(n.dense(n.dense(x, 120), 84), 10, 0))


def odd(n: Network) -> int:
    x = n.pool(n.conv(n.input(28, 28, 1), 10, (3, 3)))
    x = n.pool(n.conv(n.conv(x, 20, (3, 3)), 20, (3, 3)))
    return n.softmax(n.dense(n.mean(n.conv(n.conv(x, 40, (3, 3)), 40)), 10, 0))


def unet(n: Network) -> int:
    upper = n.conv(n.input(32, 32, 1), 8, (3, 3))
    middle = n.conv(n.pool(upper), 16, (3, 3))
    low = n.conv(n.conv(n.pool(middle), 32, (3, 3)), 16, (3, 3))
    middle = n.conv(n.concat(n.upsampled(low), middle), 8, (3, 3))
    return n.conv(n.conv(n.concat(n.upsampled(middle), upper), 8, (3, 3)), 2, relu=0)


def squeezenet(n: Network) -> int:
    x = n.pool(n.conv(n.input(32, 32, 3), 16, (3, 3)))
    for number, (squeezed, out) in enumerate(((8, 16), (8, 16), (16, 32), (16, 32), (24, 48))):
        x = n.conv(x, squeezed)
        x = n.concat(n.conv(x, out), n.conv(x, out, (3, 3)))
        x = n.pool(x) if number in (1, 3) else x
    return n.softmax(n.mean(n.conv(x, 10, relu=0)))


def resnet(n: Network) -> int:
    x = n.conv(n.input(32, 32, 3), 12, (3, 3))
    for out, stride in ((12, 1), (24, 2), (48, 2)):
        y = n.conv(n.conv(x, out, (3, 3), stride), out, (3, 3), relu=0)
        x = n.add(n.conv(x, out, (1, 1), stride, relu=0) if stride > 1 else x, y, RELU)
    return n.softmax(n.dense(n.mean(x), 10, 0))


def valid(n: Network) -> int:
    x = n.conv(n.input(33, 33, 3), 16, (3, 3), 2, VALID)
    x = n.conv(n.conv(x, 32, (3, 3), 2, VALID), 32, (3, 3), 1, VALID)
    return n.softmax(n.dense(n.dense(n.conv(x, 64, (3, 3), 2, VALID), 32), 10, 0))


@dataclass(frozen=True)
class Case:
    title: str
    build: Callable[[Network], int]


NETWORKS = {
    "ds_cnn": Case("DS-CNN, 49x10", ds_cnn),
    "mobilenet_v1": Case("MobileNetV1 0.25, 48x48", lambda n: mobilenet_v1(n, 48)),
    "mobilenet_v2": Case("inverted residuals, 48x48", mobilenet_v2),
    "mlp": Case("MLP 784-128-64-10", mlp),
    "autoencoder": Case("autoencoder 640-128-8-128-640", autoencoder),
    "lenet": Case("LeNet, 5x5, 28x28", lenet),
    "odd": Case("10, 20, 40 channels, 28x28", odd),
    "unet": Case("U-Net, 32x32", unet),
    "squeezenet": Case("fire modules, 32x32", squeezenet),
    "resnet": Case("ResNet, 12 to 48 channels, 32x32", resnet),
    "valid": Case("3x3/2 without padding, 33x33", valid),
}


def model(name: str, *, is_ternary: bool) -> bytes:
    network = Network(is_ternary)
    output = NETWORKS[name].build(network)
    return network.writer.finish((0,), (output,))


def measured(work: tuple[str, str, bool]) -> dict[str, Any] | None:
    """What `tinyc run --json` and report.json say of a network on a board; None where it does not fit."""
    name, board, is_ternary = work
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, f"{name}.tflite")
        file.write_bytes(model(name, is_ternary=is_ternary))
        try:
            result = run_model(file, Options(load_board(board)), Samples(1), profile=True)
        except FitError:
            return None
    assert result.json["bit_exact"], work
    return {"report": result.report, "run": result.json}


def cell(int8: dict[str, Any] | None, ternary: dict[str, Any] | None) -> str:
    """Instructions and weights as shares of those of int8 weights, and bytes of RAM above those."""
    if int8 is None or ternary is None:
        return "-"
    spent = ternary["run"]["instructions"] / int8["run"]["instructions"]
    weights, ram = (
        [one["report"][part][what] for one in (ternary, int8)]
        for part, what in (("flash", "weights"), ("ram", "total"))
    )
    return f"{spent:.2f} {weights[0] / weights[1]:.2f} {ram[0] - ram[1]:+,}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Whole networks with ternary weights beside int8 weights.")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--boards", default=",".join(BOARDS.values()))
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    names, boards = args.networks.split(","), args.boards.split(",")
    work = list(itertools.product(names, boards, (False, True)))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(work, pool.map(measured, work), strict=True))
    lines = []
    for name in names:
        cells = (cell(found[name, board, False], found[name, board, True]) for board in boards)
        lines.append(f"| {NETWORKS[name].title} | {' | '.join(cells)} |")
    print("\n".join(lines))
    if args.json:
        args.json.write_text(json.dumps([[*key, value] for key, value in found.items()]), encoding="utf-8")
    if names == list(NETWORKS) and boards == list(BOARDS.values()):
        put_rows(PAGE, HEAD, lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
