"""Random ONNX networks of float32, the same ones for the same seed: images, sequences and vectors in ONNX's order.

What moves elements is as likely as what computes: transposes, reshapes, splits and joins in every order of dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from onnx import shape_inference

from tests.wild.nets import Net

_OPSETS = (11, 12, 13, 17, 18, 21)
#: Elements of an activation, and channels, that nets keep to.
_MOST, _WIDEST = 6000, 24
_IMAGE, _SEQUENCE = 4, 3

Shape = tuple[int, ...]


class RandomNet(Net):
    """A network in the making, with the shapes of its values."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        rank = int(rng.choice([2, 3, 3, 4, 4, 4, 4]))
        shape = (1, *(int(n) for n in rng.integers(2, 13, rank - 1)))
        super().__init__(seed, x=shape)
        self.opset = int(rng.choice(_OPSETS))
        self.shapes: dict[str, Shape] = {"x": shape}
        self.values = ["x"]

    def pick(self, *values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]

    def chance(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def __call__(self, kind: str, *inputs: Any, outs: int = 1, **attributes: Any) -> Any:
        made = super().__call__(kind, *inputs, outs=outs, **attributes)
        self._infer((made,) if outs == 1 else made)
        return made

    def _infer(self, names: Sequence[str]) -> None:
        model = self.model(*names, opset=self.opset)
        known = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True).graph
        for one in known.output:
            self.shapes[one.name] = tuple(d.dim_value for d in one.type.tensor_type.shape.dim)

    def reduced(self, kind: str, x: str, axes: list[int], keep: bool) -> Any:
        """A reduction, its axes as the opset has them."""
        since = 13 if kind == "ReduceSum" else 18
        if self.opset >= since:
            return self(kind, x, np.array(axes), keepdims=int(keep))
        return self(kind, x, axes=axes, keepdims=int(keep))

    def split(self, x: str, axis: int, sizes: list[int]) -> Any:
        if self.opset >= 13:
            return self("Split", x, np.array(sizes), outs=len(sizes), axis=axis)
        return self("Split", x, outs=len(sizes), axis=axis, split=sizes)

    def squeezed(self, kind: str, x: str, axis: int) -> Any:
        """Squeeze or Unsqueeze."""
        return self(kind, x, np.array([axis])) if self.opset >= 13 else self(kind, x, axes=[axis])

    def axis(self, x: str, first: int = 1) -> int:
        return int(self.rng.integers(first, len(self.shapes[x])))


def _spatial(n: RandomNet, x: str) -> bool:
    return len(n.shapes[x]) in (_SEQUENCE, _IMAGE)


def _window(n: RandomNet, x: str, *, dilated: bool) -> dict[str, Any]:
    """kernel_shape, strides, dilations and pads of a window that fits."""
    size = n.shapes[x][2:]
    kernel = [int(n.rng.integers(1, min(4, s) + 1)) for s in size]
    dilations = [
        2 if dilated and n.chance(0.15) and 2 * k - 1 <= s else 1 for k, s in zip(kernel, size, strict=True)
    ]
    found: dict[str, Any] = {"kernel_shape": kernel, "strides": [n.pick(1, 1, 2) for _ in size]}
    if max(dilations) > 1:
        found["dilations"] = dilations
    # ONNX Runtime finds less than no padding where windows leave pixels out
    covers = all(s <= k for s, k in zip(found["strides"], kernel, strict=True))
    if max(dilations) == 1 and covers and n.chance(0.2):
        return {**found, "auto_pad": n.pick("SAME_UPPER", "SAME_LOWER", "VALID")}
    return {**found, "pads": [int(n.rng.integers(0, k)) for k in (*kernel, *kernel)]}


def _conv(n: RandomNet, x: str) -> str:
    if not _spatial(n, x):
        return _dense(n, x)
    channels = n.shapes[x][1]
    group = n.pick(1, 1, 1, channels, n.pick(*(g for g in range(1, channels + 1) if channels % g == 0)))
    outs = group * n.pick(1, 1, 2) if group > 1 else int(n.rng.integers(1, 13))
    window = _window(n, x, dilated=True)
    inputs = [n.weights(outs, channels // group, *window["kernel_shape"])]
    if n.chance(0.7):
        inputs.append(n.noise(outs, scale=0.3))
    made = n("Conv", x, *inputs, group=group, **window)
    return n.norm(made, outs) if n.chance(0.2) else made  # type: ignore[no-any-return]


def _transposed(n: RandomNet, x: str) -> str:
    if not _spatial(n, x) or max(n.shapes[x][2:]) > 12:
        return _unary(n, x)
    channels, axes = n.shapes[x][1], len(n.shapes[x]) - 2
    group = n.pick(1, 1, 2) if channels % 2 == 0 else 1
    outs, kernel = int(n.rng.integers(1, 7)), [int(n.rng.integers(1, 4)) for _ in range(axes)]
    stride = [n.pick(1, 2) for _ in range(axes)]
    extra = {"output_padding": [s - 1 for s in stride]} if n.chance(0.3) else {}
    pads = [0] * (2 * axes) if n.chance(0.6) else [min(1, k - 1) for k in (*kernel, *kernel)]
    sizes = zip(n.shapes[x][2:], stride, kernel, pads, pads, strict=False)
    if min((have - 1) * s + k - a - b for have, s, k, a, b in sizes) < 1:
        pads = [0] * (2 * axes)
    weights = n.noise(channels, outs, *kernel, scale=(1 / channels) ** 0.5)
    window = {"kernel_shape": kernel, "strides": stride, "pads": pads, "group": group}
    return n("ConvTranspose", x, weights, n.noise(outs * group), **window, **extra)  # type: ignore[no-any-return]


def _begins_behind(size: Shape, window: dict[str, Any]) -> bool:
    """Whether ceil_mode adds a window that begins behind the image: ONNX infers it, runtimes have none."""
    axes = len(size)
    found = []
    for i, (have, kernel, stride) in enumerate(
        zip(size, window["kernel_shape"], window["strides"], strict=True)
    ):
        before, after = window["pads"][i], window["pads"][axes + i]
        count = -(-(have + before + after - kernel) // stride)
        found.append(count * stride >= have + before)
    return any(found)


def _pool(n: RandomNet, x: str) -> str:
    if not _spatial(n, x):
        return _unary(n, x)
    if n.chance(0.15):
        return n(n.pick("GlobalAveragePool", "GlobalMaxPool"), x)  # type: ignore[no-any-return]
    window = _window(n, x, dilated=False)
    if "pads" in window:
        ends = zip(window["pads"], window["kernel_shape"] * 2, strict=True)
        window["pads"] = [min(p, k // 2) for p, k in ends]
    if n.chance(0.3) and "pads" in window and not _begins_behind(n.shapes[x][2:], window):
        window["ceil_mode"] = 1
    if n.chance(0.5):
        return n("MaxPool", x, **window)  # type: ignore[no-any-return]
    return n("AveragePool", x, count_include_pad=n.pick(0, 1), **window)  # type: ignore[no-any-return]


def _dense(n: RandomNet, x: str) -> str:
    *lead, depth = n.shapes[x]
    outs = int(n.rng.integers(1, 17))
    if len(lead) == 1 and n.chance(0.6):
        turned = n.chance(0.5)
        weights = n.weights(outs, depth)
        return n("Gemm", x, weights if turned else weights.T, n.noise(outs), transB=int(turned))  # type: ignore[no-any-return]
    made = n("MatMul", x, n.weights(outs, depth).T)
    return n("Add", made, n.noise(outs)) if n.chance(0.5) else made  # type: ignore[no-any-return]


_UNARY: tuple[Callable[[RandomNet, str], Any], ...] = (
    lambda n, x: n("Relu", x),
    lambda n, x: n("Relu", x),
    lambda n, x: n("Sigmoid", x),
    lambda n, x: n("Tanh", x),
    lambda n, x: n("LeakyRelu", x, alpha=0.2),
    lambda n, x: n("Elu", x),
    lambda n, x: n("Clip", x, np.float32(0), np.float32(6)),
    lambda n, x: n("Clip", x, np.float32(-0.5), np.float32(1.25)),
    lambda n, x: n("HardSigmoid", x),
    lambda n, x: n("Abs", x),
    lambda n, x: n("Neg", x),
    lambda n, x: n("Sqrt", n("Abs", x)),
    lambda n, x: n("Mul", x, n("Sigmoid", x)),
    lambda n, x: n("Softplus", x),
    lambda n, x: n("PRelu", x, np.abs(n.noise(n.shapes[x][1], *(1 for _ in n.shapes[x][2:]), scale=0.3))),
    lambda n, x: n("Pow", x, np.float32(2)),
    lambda n, x: n("Dropout", x),
    lambda n, x: n("Identity", x),
)


def _unary(n: RandomNet, x: str) -> str:
    return str(n.pick(*_UNARY)(n, x))


def _binary(n: RandomNet, x: str) -> str:
    """With a value of the same shape, a constant that is repeated, or a part of itself that is."""
    shape = n.shapes[x]
    alike = [name for name in n.values if n.shapes[name] == shape]
    kept = tuple(1 if n.chance(0.5) else s for s in shape)
    small = n.noise(*kept[n.pick(0, 0, 1) :])
    axes = [i for i in range(1, len(shape)) if n.chance(0.5)] or [len(shape) - 1]
    other = n.pick(n.pick(*alike), small, n.reduced("ReduceMean", x, axes, keep=True))
    kind = n.pick("Add", "Add", "Sub", "Mul", "Max", "Min")
    return n(kind, *((x, other) if n.chance(0.8) else (other, x)))  # type: ignore[no-any-return]


def _turned(n: RandomNet, x: str) -> str:
    rank = len(n.shapes[x])
    order = [0, *(1 + n.rng.permutation(rank - 1))] if n.chance(0.9) else n.rng.permutation(rank)
    return n("Transpose", x, perm=[int(i) for i in order])  # type: ignore[no-any-return]


def _reshaped(n: RandomNet, x: str) -> str:
    shape = list(n.shapes[x])
    at = n.axis(x)
    parts = [d for d in range(2, shape[at]) if shape[at] % d == 0]
    kind = n.pick("split", "join", "flat", "one")
    if kind == "split" and parts and len(shape) < 5:
        first = n.pick(*parts)
        return n("Reshape", x, np.array([*shape[:at], first, shape[at] // first, *shape[at + 1 :]]))  # type: ignore[no-any-return]
    if kind == "join" and len(shape) > 2 and at + 1 < len(shape):
        return n("Reshape", x, np.array([*shape[:at], -1, *shape[at + 2 :]]))  # type: ignore[no-any-return]
    if kind == "flat" and n.chance(0.3):
        return n("Flatten", x)  # type: ignore[no-any-return]
    if 1 in shape[1:] and n.chance(0.5):
        return n.squeezed("Squeeze", x, 1 + shape[1:].index(1))  # type: ignore[no-any-return]
    if len(shape) < _IMAGE:
        return n.squeezed("Unsqueeze", x, int(n.rng.integers(1, len(shape) + 1)))  # type: ignore[no-any-return]
    return _shuffled(n, x)


def _shuffled(n: RandomNet, x: str) -> str:
    """Channels in groups, the groups' first ones together."""
    shape = list(n.shapes[x])
    groups = [d for d in range(2, shape[1]) if shape[1] % d == 0]
    if not groups or len(shape) > _IMAGE:
        return _unary(n, x)
    first = n.pick(*groups)
    y = n("Reshape", x, np.array([shape[0], first, shape[1] // first, *shape[2:]]))
    y = n("Transpose", y, perm=[0, 2, 1, *range(3, len(shape) + 1)])
    return n("Reshape", y, np.array(shape))  # type: ignore[no-any-return]


def _parts(n: RandomNet, x: str) -> str:
    """Split, each part computed or not, and joined again along any dimension that fits."""
    at = n.axis(x)
    size = n.shapes[x][at]
    if size < 2:
        return _unary(n, x)
    first = int(n.rng.integers(1, size))
    a, b = n.split(x, at, [first, size - first])
    if n.chance(0.5):
        a = _unary(n, a)
    if n.chance(0.2):
        return str(a)
    return n("Concat", *((a, b) if n.chance(0.7) else (b, a)), axis=at)  # type: ignore[no-any-return]


def _joined(n: RandomNet, x: str) -> str:
    at = n.axis(x)
    rest = [s for i, s in enumerate(n.shapes[x]) if i != at]
    alike = [
        v
        for v in n.values
        if len(n.shapes[v]) == len(n.shapes[x]) and [s for i, s in enumerate(n.shapes[v]) if i != at] == rest
    ]
    return n("Concat", x, n.pick(*alike), axis=at)  # type: ignore[no-any-return]


def _cut(n: RandomNet, x: str) -> str:
    at = n.axis(x)
    size = n.shapes[x][at]
    if n.chance(0.3):
        chosen = n.rng.integers(0, size, int(n.rng.integers(1, size + 1)))
        return n("Gather", x, chosen.astype(np.int64), axis=at)  # type: ignore[no-any-return]
    begin = int(n.rng.integers(0, size))
    step = n.pick(1, 1, 2, -1)
    end = -(2**31) if step < 0 else n.pick(2**31 - 1, size)
    return n("Slice", x, np.array([begin]), np.array([end]), np.array([at]), np.array([step]))  # type: ignore[no-any-return]


def _padded(n: RandomNet, x: str) -> str:
    shape = n.shapes[x]
    pads = [0, *(int(n.rng.integers(0, 3)) for _ in shape[1:])]
    after = [0, *(int(n.rng.integers(0, 3)) for _ in shape[1:])]
    if n.chance(0.3) and len(shape) > 2:
        pads[1] = after[1] = 0
        if all(max(a, b) < s for a, b, s in zip(pads, after, shape, strict=True)):
            return n("Pad", x, np.array(pads + after), mode=n.pick("reflect", "reflect", "edge"))  # type: ignore[no-any-return]
    return n("Pad", x, np.array(pads + after))  # type: ignore[no-any-return]


def _reduced(n: RandomNet, x: str) -> str:
    rank = len(n.shapes[x])
    axes = [i for i in range(1, rank) if n.chance(0.4)] or [rank - 1]
    keep = n.chance(0.6) or rank - len(axes) < 2
    kind = n.pick("ReduceMean", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum")
    return n.reduced(kind, x, axes, keep)  # type: ignore[no-any-return]


def _softmax(n: RandomNet, x: str) -> str:
    return n("Softmax", x, axis=n.axis(x))  # type: ignore[no-any-return]


def _resized(n: RandomNet, x: str) -> str:
    shape = n.shapes[x]
    if len(shape) != _IMAGE or max(shape[2:]) > 12:
        return _unary(n, x)
    how = n.pick("half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel")
    mode = n.pick("nearest", "nearest", "linear")
    given = {"mode": mode, "coordinate_transformation_mode": how}
    if mode == "nearest":
        given["nearest_mode"] = n.pick("round_prefer_floor", "floor", "ceil")
    roi = np.zeros(0, np.float32)
    if n.chance(0.5):
        return n("Resize", x, roi, np.array([1, 1, n.pick(1, 2, 3), 2], np.float32), **given)  # type: ignore[no-any-return]
    sizes = [*shape[:2], *(int(s) for s in n.rng.integers(2, 20, 2))]
    return n("Resize", x, roi, roi, np.array(sizes), **given)  # type: ignore[no-any-return]


def _normalized(n: RandomNet, x: str) -> str:
    shape = n.shapes[x]
    if len(shape) > 2 and min(shape[2:]) > 1 and n.chance(0.4):
        return n("InstanceNormalization", x, n.noise(shape[1]) + 1, n.noise(shape[1]))  # type: ignore[no-any-return]
    if n.opset >= 17 and shape[-1] > 2:
        return n("LayerNormalization", x, n.noise(shape[-1]) + 1, n.noise(shape[-1]))  # type: ignore[no-any-return]
    if len(shape) > 1:
        return n.norm(x, shape[1])  # type: ignore[no-any-return]
    return _unary(n, x)


def _chosen(n: RandomNet, x: str) -> str:
    return n("Where", n("Greater", x, np.float32(0.1)), x, n("Mul", x, np.float32(0.3)))  # type: ignore[no-any-return]


def _products(n: RandomNet, x: str) -> str:
    """Of a value's rows with each other."""
    rank = len(n.shapes[x])
    if rank not in (_SEQUENCE, _IMAGE) or n.shapes[x][-2] > _WIDEST:
        return _dense(n, x)
    order = [*range(rank - 2), rank - 1, rank - 2]
    made = n("MatMul", x, n("Transpose", x, perm=order))
    return n("Mul", made, np.float32(1 / n.shapes[x][-1]))  # type: ignore[no-any-return]


_LAYERS = (
    _conv, _conv, _conv, _conv, _transposed, _pool, _pool, _dense, _unary, _unary, _binary, _binary, _binary, _turned,
    _turned, _reshaped, _reshaped, _shuffled, _parts, _parts, _joined, _cut, _padded, _reduced, _softmax, _resized,
    _normalized, _chosen, _products,
)  # fmt: skip


def random_net(seed: int) -> Any:
    """Return a model of three to twelve layers with one or two outputs."""
    n = RandomNet(seed)
    for _ in range(int(n.rng.integers(3, 13))):
        x = n.values[-1] if n.chance(0.8) else n.pick(*n.values)
        made = n.pick(*_LAYERS)(n, x)
        if int(np.prod(n.shapes[made])) > _MOST or max(n.shapes[made][1:2], default=1) > 4 * _WIDEST:
            continue
        if made not in n.values and not made.startswith(("identity", "dropout")):
            n.values.append(made)
    if n.values[-1] == "x":
        n.values.append(_dense(n, "x"))
    outputs = [n.values[-1], *([n.pick(*n.values[1:])] if n.chance(0.2) else [])]
    return n.model(*dict.fromkeys(outputs), opset=n.opset)
