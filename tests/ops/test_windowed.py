"""Convolutions and pooling against both interpreters, at awkward sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.passes import optimize
from tinyc.verify.judge import judge

SAME, VALID = 0, 1
NONE, RELU, N1_TO_1, RELU6 = 0, 1, 2, 3


@dataclass(frozen=True)
class Case:
    """size: rows, columns, channels of the input; out: output channels; bias: False leaves it out."""

    size: tuple[int, int, int]
    out: int
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: int = SAME
    activation: int = NONE
    per_channel: bool = True
    groups: int = 1
    bias: bool = True


CONVS = [
    Case((1, 1, 1), 1, (1, 1)),
    Case((7, 5, 3), 4, (3, 3)),
    Case((8, 9, 2), 3, (2, 4), (2, 3)),
    Case((11, 7, 5), 9, (3, 1), (2, 1), padding=VALID),
    Case((9, 9, 3), 2, (3, 3), dilation=(2, 3)),
    Case((31, 33, 1), 7, (5, 5), (3, 2), activation=RELU6),
    Case((6, 6, 8), 8, (1, 1), (2, 2), activation=RELU),
    Case((5, 6, 4), 6, (3, 3), activation=N1_TO_1, per_channel=False),
    Case((5, 6, 4), 6, (3, 3), groups=2),
    Case((3, 3, 2), 5, (7, 7)),
    Case((4, 20, 3), 127, (3, 3), (1, 4)),
]


def scales(rng: np.random.Generator, n: int, per_channel: bool) -> list[float]:
    return [float(s) for s in rng.uniform(0.002, 0.02, n if per_channel else 1)]


def convolution(w: ModelWriter, case: Case, depthwise: bool) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(abs(hash(case)) % 2**32)
    height, width, channels = case.size
    x = w.tensor((1, height, width, channels), "int8", 0.05, int(rng.integers(-128, 128)))
    n_out = channels * case.out if depthwise else case.out
    shape = (1, *case.kernel, n_out) if depthwise else (n_out, *case.kernel, channels // case.groups)
    axis = 3 if depthwise else 0
    ws = scales(rng, n_out, case.per_channel)
    weights = w.tensor(shape, "int8", ws, [0] * len(ws), data=rng.integers(-127, 128, shape), axis=axis)
    bias = rng.integers(-3000, 3000, n_out)
    bs = [0.05 * s for s in ws]
    b = w.tensor((n_out,), "int32", bs, [0] * len(bs), data=bias) if case.bias else -1
    out_h, out_w = (
        (-(-n // s) if case.padding == SAME else -(-(n - (k - 1) * d) // s))
        for n, k, s, d in zip(case.size[:2], case.kernel, case.stride, case.dilation, strict=True)
    )
    y = w.tensor((1, out_h, out_w, n_out), "int8", 0.11, int(rng.integers(-128, 128)))
    common = {
        "padding": case.padding,
        "stride_h": case.stride[0],
        "stride_w": case.stride[1],
        "dilation_h_factor": case.dilation[0],
        "dilation_w_factor": case.dilation[1],
        "fused_activation_function": case.activation,
    }
    if depthwise:
        w.op("DEPTHWISE_CONV_2D", [x, weights, b], [y], depth_multiplier=case.out, **common)
    else:
        w.op("CONV_2D", [x, weights, b], [y], **common)
    return [x], [y]


@BOTH
@pytest.mark.parametrize("case", CONVS, ids=str)
def test_conv_2d(case: Case, reference: str) -> None:
    check(model(lambda w: convolution(w, case, depthwise=False)), reference)


@BOTH
@pytest.mark.parametrize(
    "case",
    [
        Case((7, 5, 3), 1, (3, 3)),
        Case((8, 9, 2), 3, (2, 4), (2, 3)),
        Case((11, 7, 5), 1, (3, 1), (2, 1), padding=VALID),
        Case((9, 9, 3), 2, (3, 3), dilation=(2, 3), activation=RELU6),
        Case((20, 13, 31), 1, (7, 7), (2, 2), activation=RELU),
        Case((5, 6, 4), 2, (3, 3), per_channel=False),
        Case((3, 2, 9), 1, (5, 5)),
        Case((49, 40, 1), 8, (10, 8), (2, 2)),
    ],
    ids=str,
)
def test_depthwise_conv_2d(case: Case, reference: str) -> None:
    check(model(lambda w: convolution(w, case, depthwise=True)), reference)


def test_a_convolution_without_bias_is_read_as_tflm_reads_it() -> None:
    graph = check(model(lambda w: convolution(w, Case((5, 4, 3), 2, (3, 3), bias=False), False)), "litert")
    assert graph.reference == "tflm"


@BOTH
@pytest.mark.parametrize("kind", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
@pytest.mark.parametrize(
    "case",
    [
        Case((8, 8, 3), 0, (2, 2), (2, 2), padding=VALID),
        Case((7, 5, 9), 0, (3, 3), (2, 2)),
        Case((5, 5, 2), 0, (5, 5), padding=VALID),
        Case((9, 4, 1), 0, (1, 4), (3, 1), activation=RELU),
        Case((6, 7, 33), 0, (3, 2), (1, 3), activation=RELU6),
        Case((3, 3, 2), 0, (7, 7)),
    ],
    ids=str,
)
def test_pool(case: Case, kind: str, reference: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        height, width, channels = case.size
        x = w.tensor((1, height, width, channels), "int8", 0.04, 5)
        out_h, out_w = (
            (-(-n // s) if case.padding == SAME else -(-(n - k + 1) // s))
            for n, k, s in zip(case.size[:2], case.kernel, case.stride, strict=True)
        )
        y = w.tensor((1, out_h, out_w, channels), "int8", 0.04, 5)
        w.op(
            kind,
            [x],
            [y],
            padding=case.padding,
            stride_h=case.stride[0],
            stride_w=case.stride[1],
            filter_height=case.kernel[0],
            filter_width=case.kernel[1],
            fused_activation_function=case.activation,
        )
        return [x], [y]

    check(model(build), reference)


@dataclass(frozen=True)
class Deconv:
    """A TRANSPOSE_CONV."""

    #: Rows, columns, channels of the input and of the output.
    size: tuple[int, int, int]
    out: tuple[int, int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int] = (2, 2)
    padding: int = SAME
    activation: int = NONE
    per_channel: bool = True
    #: "absent" leaves the input out, "none" names no tensor.
    bias: str = "given"
    bias_zero_point: int = 0
    zero_point: int = -7


def transpose_convolution(w: ModelWriter, case: Deconv) -> tuple[list[int], list[int]]:
    rng = np.random.default_rng(list(case.size + case.out + case.kernel))
    x = w.tensor((1, *case.size), "int8", 0.05, case.zero_point)
    shape = (case.out[2], *case.kernel, case.size[2])
    ws = scales(rng, case.out[2], case.per_channel)
    weights = w.tensor(shape, "int8", ws, [0] * len(ws), data=rng.integers(-127, 128, shape))
    inputs = [w.constant([1, *case.out]), weights, x]
    if case.bias == "given":
        bs = [0.05 * s for s in ws]
        bias = rng.integers(-3000, 3000, case.out[2])
        zeros = [case.bias_zero_point] * len(bs)
        inputs.append(w.tensor((case.out[2],), "int32", bs, zeros, data=bias))
    elif case.bias == "none":
        inputs.append(-1)
    y = w.tensor((1, *case.out), "int8", 0.11, 3)
    w.op(
        "TRANSPOSE_CONV",
        inputs,
        [y],
        padding=case.padding,
        stride_h=case.stride[0],
        stride_w=case.stride[1],
        fused_activation_function=case.activation,
    )
    return [x], [y]


@BOTH
@pytest.mark.parametrize(
    "case",
    [
        Deconv((1, 1, 1), (1, 1, 1), (1, 1), (1, 1)),
        Deconv((3, 4, 5), (6, 8, 4), (3, 3)),
        Deconv((3, 4, 5), (6, 8, 4), (3, 3), bias_zero_point=5),
        Deconv((3, 4, 5), (5, 7, 4), (3, 3), activation=RELU),
        Deconv((4, 3, 7), (9, 7, 8), (3, 3), padding=VALID, activation=RELU6),
        Deconv((4, 3, 9), (10, 8, 3), (3, 3), padding=VALID),
        Deconv((5, 3, 8), (10, 6, 9), (2, 2), bias="absent", activation=N1_TO_1),
        Deconv((5, 3, 31), (10, 6, 33), (4, 4), bias="none"),
        Deconv((3, 5, 2), (9, 5, 7), (4, 2), (3, 1), per_channel=False),
        Deconv((3, 4, 3), (7, 10, 2), (1, 2), (3, 3)),
        Deconv((3, 4, 3), (9, 12, 2), (2, 1), (3, 3), padding=VALID),
        Deconv((2, 3, 3), (3, 5, 1), (7, 9)),
        Deconv((6, 7, 4), (6, 7, 5), (5, 4), (1, 1), zero_point=127),
    ],
    ids=str,
)
def test_transpose_conv(case: Deconv, reference: str) -> None:
    check(model(lambda w: transpose_convolution(w, case)), reference)


@pytest.mark.parametrize(
    "case",
    [
        Deconv((3, 4, 5), (20, 30, 4), (3, 3)),
        Deconv((3, 4, 5), (3, 4, 4), (3, 3), padding=VALID),
        Deconv((9, 1, 2), (4, 5, 1), (3, 2)),
    ],
    ids=str,
)
def test_a_transpose_conv_that_litert_refuses_is_read_as_tflm_reads_it(case: Deconv) -> None:
    data = model(lambda w: transpose_convolution(w, case))
    assert check(data, "litert").reference == "tflm"
    with pytest.raises(ModelError, match="refuses this model"):
        judge(data, (np.zeros((1, 1, *case.size), np.int8),), "litert")


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (Deconv((3, 4, 5), (2, 9, 4), (3, 3), padding=VALID), "does not fit into an output of [2, 9]"),
        (Deconv((3, 4, 5), (6, 8, 4), (3, 3), activation=4), "fused activation TANH"),
    ],
    ids=str,
)
@BOTH
def test_transpose_conv_guards(case: Deconv, why: str, reference: str) -> None:
    with pytest.raises(ModelError) as problem:
        load_tflite(model(lambda w: transpose_convolution(w, case)), "m.tflite", reference)
    assert why in problem.value.message


def bilinear(
    w: ModelWriter, size: tuple[int, int, int], out: tuple[int, int], mode: str
) -> tuple[list[int], list[int]]:
    x = w.tensor((1, *size), "int8", 0.1, 3)
    y = w.tensor((1, *out, size[2]), "int8", 0.1, 3)
    corners, half = "corners" in mode, "half" in mode
    w.op("RESIZE_BILINEAR", [x, w.constant(list(out))], [y], align_corners=corners, half_pixel_centers=half)
    return [x], [y]


@BOTH
@pytest.mark.parametrize("mode", ["plain", "corners", "half"])
@pytest.mark.parametrize(
    ("size", "out"),
    [
        ((5, 7, 3), (10, 14)),
        ((5, 7, 1), (3, 20)),
        ((4, 4, 9), (1, 1)),
        ((1, 1, 7), (6, 5)),
        ((8, 12, 2), (4, 4)),
        ((13, 11, 8), (13, 11)),
        ((33, 17, 1), (7, 40)),
        ((10, 2, 1), (3000, 4)),
        ((3, 2, 31), (32, 127)),
    ],
)
def test_resize_bilinear(size: tuple[int, int, int], out: tuple[int, int], mode: str, reference: str) -> None:
    check(model(lambda w: bilinear(w, size, out, mode)), reference)


@BOTH
@pytest.mark.parametrize(
    ("size", "out", "mode", "why"),
    [
        ((3, 10, 1), (4, 6000), "plain", "it reads pixel 11, beyond the image"),
        ((5, 7, 3), (10, 14), "corners half", "align_corners and half_pixel_centers exclude each other"),
        ((1, 1, 1), (40000, 1), "plain", "each must be in [1, 32767]"),
    ],
)
def test_resize_bilinear_guards(
    size: tuple[int, int, int], out: tuple[int, int], mode: str, why: str, reference: str
) -> None:
    with pytest.raises(ModelError) as problem:
        load_tflite(model(lambda w: bilinear(w, size, out, mode)), "m.tflite", reference)
    assert why in problem.value.message


@pytest.mark.parametrize("mode", ["plain", "corners", "half"])
def test_resizing_to_the_same_size_goes(mode: str) -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        inputs, (y,) = bilinear(w, (4, 5, 3), (7, 9), mode)
        z = w.tensor((1, 7, 9, 3), "int8", 0.1, 3)
        options = {"align_corners": "corners" in mode, "half_pixel_centers": "half" in mode}
        w.op("RESIZE_BILINEAR", [y, w.constant([7, 9])], [z], **options)
        return inputs, [z]

    data = model(build)
    check(data, "litert")
    assert len(optimize(load_tflite(data, "m.tflite", "litert")).ops) == 1
