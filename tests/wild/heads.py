"""Detectors and their heads as zoos have them: boxes and classes joined over scales, anchors, decoded or not."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.wild.nets import Net


def _backbone(
    n: Net, widths: tuple[int, ...] = (8, 16, 24), x: str = "x", ins: int = 3
) -> list[tuple[Any, int]]:
    """Feature maps at halved sizes, and their channels."""
    found = []
    for outs in widths:
        x = n.relu(n.conv(x, ins, outs, 3, strides=[2, 2]))
        found.append((x, outs))
        ins = outs
    return found


def ssd() -> Any:
    """Boxes and scores turned to be last, flattened, joined; softmax over the classes of each anchor."""
    n = Net(21, x=(1, 3, 48, 48))
    boxes, scores = [], []
    for x, channels in _backbone(n)[1:]:
        for outs, into in ((3 * 4, boxes), (3 * 5, scores)):
            y = n("Transpose", n.conv(x, channels, outs), perm=[0, 2, 3, 1])
            into.append(n("Reshape", y, np.array([1, -1, outs // 3])))
    return n.model(n("Concat", *boxes, axis=1), n("Softmax", n("Concat", *scores, axis=1), axis=2))


def yolov5() -> Any:
    """Heads as [1, anchors, h, w, 5 + classes], sigmoid, split, decoded with grids and anchors."""
    n = Net(22, x=(1, 3, 32, 32))
    parts = []
    for (x, channels), stride in zip(_backbone(n)[1:], (4, 8), strict=True):
        side = 32 // stride
        y = n("Reshape", n.conv(x, channels, 3 * 7, 1), np.array([1, 3, 7, side, side]))
        y = n("Sigmoid", n("Transpose", y, perm=[0, 1, 3, 4, 2]))
        place, size, rest = n("Split", y, np.array([2, 2, 3]), outs=3, axis=4)
        grid = np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1)[None, None].astype(np.float32)
        place = n("Mul", n("Add", n("Mul", place, np.float32(2)), grid - np.float32(0.5)), np.float32(stride))
        size = n("Mul", n("Pow", n("Mul", size, np.float32(2)), np.float32(2)), n.noise(1, 3, 1, 1, 2) + 8)
        parts.append(n("Reshape", n("Concat", place, size, rest, axis=4), np.array([1, 3 * side * side, 7])))
    return n.model(n("Concat", *parts, axis=1))


def yolov8() -> Any:
    """Boxes as distributions: softmax over 16 bins, then a convolution of their numbers; anchors added, joined."""
    n = Net(23, x=(1, 3, 32, 32))
    parts = []
    for x, channels in _backbone(n)[1:]:
        both = n("Concat", n.conv(x, channels, 64, 1), n.conv(x, channels, 4, 1), axis=1)
        parts.append(n("Reshape", both, np.array([1, 68, -1])))
    every = n("Concat", *parts, axis=2)
    box, classes = n("Split", every, np.array([64, 4]), outs=2, axis=1)
    count = 64 + 16
    box = n("Transpose", n("Reshape", box, np.array([1, 4, 16, count])), perm=[0, 2, 1, 3])
    box = n("Conv", n("Softmax", box, axis=1), np.arange(16, dtype=np.float32).reshape(1, 16, 1, 1))
    box = n("Reshape", box, np.array([1, 4, count]))
    low = n("Slice", box, np.array([0]), np.array([2]), np.array([1]))
    high = n("Slice", box, np.array([2]), np.array([4]), np.array([1]))
    anchors = n.noise(1, 2, count, scale=4)
    low, high = n("Sub", anchors, low), n("Add", anchors, high)
    middle = n("Div", n("Add", low, high), np.float32(2))
    box = n("Concat", middle, n("Sub", high, low), axis=1)
    return n.model(
        n("Concat", n("Mul", box, np.full((1, 1, count), 8, np.float32)), n("Sigmoid", classes), axis=1)
    )


def yolox() -> Any:
    """Focus by strided slices, SiLU, decoupled heads joined and turned last."""
    n = Net(24, x=(1, 3, 32, 32))

    def cut(x: Any, axis: int, start: int) -> Any:
        return n("Slice", x, np.array([start]), np.array([2**31 - 1]), np.array([axis]), np.array([2]))

    parts = [cut(cut("x", 2, a), 3, b) for b in (0, 1) for a in (0, 1)]

    def silu(x: Any) -> Any:
        return n("Mul", x, n("Sigmoid", x))

    x = silu(n.conv(n("Concat", *parts, axis=1), 12, 16))
    deep = silu(n.conv(x, 16, 16, 3, strides=[2, 2]))
    found = []
    for y in (x, deep):
        stem = silu(n.conv(y, 16, 8, 1))
        every = [
            n.conv(stem, 8, 4, 1),
            n("Sigmoid", n.conv(stem, 8, 1, 1)),
            n("Sigmoid", n.conv(stem, 8, 3, 1)),
        ]
        found.append(n("Reshape", n("Concat", *every, axis=1), np.array([1, 8, -1])))
    return n.model(n("Transpose", n("Concat", *found, axis=2), perm=[0, 2, 1]))


def spp() -> Any:
    """Pyramid of maxima, upsampled and joined."""
    n = Net(25, x=(1, 3, 32, 32))
    (_, _), (shallow, few), (x, many) = _backbone(n)
    pools = [n("MaxPool", x, kernel_shape=[k, k], strides=[1, 1], pads=[k // 2] * 4) for k in (5, 9, 13)]
    x = n.relu(n.conv(n("Concat", x, *pools, axis=1), 4 * many, few, 1))
    x = n("Resize", x, "", np.array([1, 1, 2, 2], np.float32), mode="nearest",
          coordinate_transformation_mode="asymmetric", nearest_mode="floor")  # fmt: skip
    return n.model(n.conv(n("Concat", x, shallow, axis=1), 2 * few, 18, 1))


def centernet() -> Any:
    """Peaks of heat maps: where the largest of nine is the pixel itself, the score, else 0."""
    n = Net(26, x=(1, 3, 32, 32))
    x, channels = _backbone(n)[1]
    heat = n("Sigmoid", n.conv(n.relu(n.conv(x, channels, 16)), 16, 2, 1))
    most = n("MaxPool", heat, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    peak = n("Cast", n("Equal", most, heat), to=1)
    return n.model(n("Mul", heat, peak), n.conv(x, channels, 2, 1))


def keypoints() -> Any:
    """Soft arg max: softmax of flattened maps against a grid of places."""
    n = Net(27, x=(1, 3, 32, 32))
    x, channels = _backbone(n)[1]
    maps = n("Reshape", n.conv(x, channels, 5, 1), np.array([1, 5, 64]))
    maps = n("Softmax", maps, axis=-1)
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 8), np.linspace(0, 1, 8)), -1).reshape(64, 2)
    return n.model(n("MatMul", maps, grid.astype(np.float32)))


def landmarks() -> Any:
    """Averages at three scales, flattened and joined, then dense layers."""
    n = Net(28, x=(1, 3, 32, 32))
    every = []
    for x, channels in _backbone(n):
        size = {8: 16, 16: 8, 24: 4}[channels]
        pooled = n("AveragePool", x, kernel_shape=[size, size], strides=[size, size])
        every.append(n("Flatten", pooled))
    return n.model(n("Gemm", n("Concat", *every, axis=1), n.weights(10, 48), n.noise(10), transB=1))


def embedding() -> Any:
    """F.normalize at the end: ReduceL2, Clip, Expand, Div."""
    n = Net(29, x=(1, 3, 24, 24))
    x, channels = _backbone(n)[2]
    x = n("Flatten", n("GlobalAveragePool", x))
    x = n("Gemm", x, n.weights(16, channels), n.noise(16), transB=1)
    norm = n("ReduceL2", x, axes=[1], keepdims=1)
    norm = n("Expand", n("Clip", norm, np.float32(1e-12)), n("Shape", x))
    return n.model(n("Div", x, norm))


def segmentation() -> Any:
    """Dilated branches and one of the image's average, resized back; the class of each pixel."""
    n = Net(30, x=(1, 3, 32, 32))
    x, channels = _backbone(n)[1]
    branches = [n.relu(n.conv(x, channels, 8, 1))]
    for rate in (2, 4):
        branches.append(n.relu(n.conv(x, channels, 8, 3, dilations=[rate, rate], pads=[rate] * 4)))
    pooled = n.relu(n.conv(n("GlobalAveragePool", x), channels, 8, 1))
    size = n("Concat", np.array([1, 8]), n("Slice", n("Shape", x), np.array([2]), np.array([4])), axis=0)
    branches.append(
        n("Resize", pooled, "", "", size, mode="linear", coordinate_transformation_mode="align_corners")
    )
    x = n.conv(n.relu(n.conv(n("Concat", *branches, axis=1), 32, 16, 1)), 16, 3, 1)
    x = n("Resize", x, "", np.array([1, 1, 4, 4], np.float32), mode="linear")
    return n.model(n("ArgMax", x, axis=1, keepdims=0), opset=13)


def depth() -> Any:
    """Features turned to be an image by DepthToSpace, exp of a clipped map."""
    n = Net(31, x=(1, 3, 32, 32))
    x, channels = _backbone(n)[1]
    x = n("DepthToSpace", n.relu(n.conv(x, channels, 16)), blocksize=2, mode="CRD")
    x = n("DepthToSpace", n.conv(x, 4, 8), blocksize=2, mode="DCR")
    return n.model(n("Exp", n("Clip", x, np.float32(-2), np.float32(2))))


def text_lines() -> Any:
    """A recognizer of text without recurrence: rows averaged away, turned to [T, N, C], log softmax."""
    n = Net(32, x=(1, 1, 16, 48))
    x = n.relu(n.conv("x", 1, 8))
    x = n("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = n.relu(n.conv(x, 8, 16))
    x = n("MaxPool", x, kernel_shape=[2, 1], strides=[2, 1])
    x = n("Squeeze", n("ReduceMean", x, axes=[2], keepdims=1), np.array([2]))
    x = n("Transpose", x, perm=[2, 0, 1])
    x = n("Add", n("MatMul", x, n.weights(16, 11)), n.noise(11))
    return n.model(n("LogSoftmax", x, axis=2))


NETWORKS = (
    ssd, yolov5, yolov8, yolox, spp, centernet, keypoints, landmarks, embedding, segmentation, depth, text_lines,
)  # fmt: skip
