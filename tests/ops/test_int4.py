"""Weights of int4 and int2 against both interpreters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyc
from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ops.floats import evaluate_floats
from tinyc.quantize.levels import levels_of
from tinyc.verify.judge import judge


def weighted(
    w: ModelWriter, kind: str, shape: Any, weights: Any, out: Any, scales: int, bits: int = 4, **how: Any
) -> tuple[list[int], list[int]]:
    """scales: of the weights; how: the operator's options."""
    rng = np.random.default_rng(len(weights))
    ws = [float(s) for s in rng.uniform(0.01, 0.1, scales)]
    axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
    x = w.tensor(shape, "int8", 0.07, -100)
    data = rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), weights)
    k = w.tensor(weights, f"int{bits}", ws, [0] * scales, data=data, axis=axis)
    outputs = out[-1]
    bs = [0.07 * s for s in ws]
    b = w.tensor((outputs,), "int32", bs, [0] * scales, data=rng.integers(-900, 900, outputs))
    y = w.tensor(out, "int8", 0.3, 4)
    w.op(kind, [x, k, b], [y], **how)
    return [x], [y]


@BOTH
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize(
    ("kind", "shape", "weights", "out", "how"),
    [
        ("CONV_2D", (1, 5, 5, 3), (7, 3, 3, 3), (1, 3, 3, 7), {"padding": 1, "stride_w": 1, "stride_h": 1}),
        ("CONV_2D", (1, 1, 1, 5), (3, 1, 1, 5), (1, 1, 1, 3), {"stride_w": 1, "stride_h": 1}),
        (
            "DEPTHWISE_CONV_2D",
            (1, 4, 5, 3),
            (1, 3, 3, 3),
            (1, 4, 5, 3),
            {"stride_w": 1, "stride_h": 1, "depth_multiplier": 1},
        ),
        ("FULLY_CONNECTED", (1, 9), (5, 9), (1, 5), {}),
        ("FULLY_CONNECTED", (3, 8), (4, 8), (3, 4), {}),
    ],
)
def test_int4_weights(
    kind: str, shape: Any, weights: Any, out: Any, how: dict[str, Any], per_channel: bool, reference: str
) -> None:
    data = model(lambda w: weighted(w, kind, shape, weights, out, out[-1] if per_channel else 1, **how))
    if kind == "FULLY_CONNECTED" and per_channel and reference == "tflm":
        with pytest.raises(ModelError, match=rf"INT4 weights have {out[-1]} scales"):
            load_tflite(data, "m.tflite", reference)
        return
    check(data, reference)


def test_int4_elsewhere_is_refused() -> None:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x, y = w.tensor((1, 4), "int8", 0.1, 3), w.tensor((1, 4), "int8", 0.1, 3)
        other = w.tensor((1, 4), "int4", 0.1, 0, data=np.array([[-8, 7, 0, 1]]))
        w.op("ADD", [x, other], [y])
        return [x], [y]

    with pytest.raises(ModelError, match=r"ADD .*input 1 is INT4; only weights of CONV_2D"):
        load_tflite(model(build), "m.tflite", "litert")


@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize(("rows", "depth"), [(5, 9), (3, 8), (1, 7), (4, 33)])
def test_int2_weights(rows: int, depth: int, per_channel: bool) -> None:
    """LiteRT has them in dense layers."""
    scales = rows if per_channel else 1
    data = model(lambda w: weighted(w, "FULLY_CONNECTED", (1, depth), (rows, depth), (1, rows), scales, 2))
    check(data, "litert")
    with pytest.raises(ModelError, match=r"FULLY_CONNECTED .*INT2 weights"):
        load_tflite(data, "m.tflite", "tflm")


def test_int2_weights_of_convolutions_are_refused() -> None:
    options = {"padding": 1, "stride_w": 1, "stride_h": 1}
    data = model(lambda w: weighted(w, "CONV_2D", (1, 4, 4, 3), (2, 3, 3, 3), (1, 2, 2, 2), 1, 2, **options))
    with pytest.raises(
        ModelError, match=r"CONV_2D .*input 1 is INT2; only weights of FULLY_CONNECTED may be"
    ):
        load_tflite(data, "m.tflite", "litert")


def weight_only(w: ModelWriter, dtype: str, *, dequantized: bool) -> tuple[list[int], list[int]]:
    """A convolution of floats whose weights are packed, behind DEQUANTIZE or in the operator itself."""
    low = -8 if dtype == "int4" else -2
    data = np.random.default_rng(4).integers(low, -low, (5, 3, 3, 3))
    x, y = w.tensor((1, 6, 7, 3), "float32"), w.tensor((1, 4, 5, 5), "float32")
    kernel = w.tensor((5, 3, 3, 3), dtype, [0.1, 0.2, 0.3, 0.4, 0.5], [0] * 5, data=data)
    if dequantized:
        real = w.tensor((5, 3, 3, 3), "float32")
        w.op("DEQUANTIZE", [kernel], [real])
        kernel = real
    bias = w.tensor((5,), "float32", data=np.arange(5, dtype=np.float32))
    w.op("CONV_2D", [x, kernel, bias], [y], padding=1, stride_w=1, stride_h=1)
    return [x], [y]


@pytest.mark.parametrize("dtype", ["int4", "int2"])
def test_packed_weights_of_float_layers(dtype: str) -> None:
    """What is dequantized at run time is what hybrid operators stand for; LiteRT judges the first."""
    plain = load_float_tflite(model(lambda w: weight_only(w, dtype, dequantized=True)), "m.tflite")
    hybrid = load_float_tflite(model(lambda w: weight_only(w, dtype, dequantized=False)), "m.tflite")
    x = np.random.default_rng(0).normal(size=(3, 1, 6, 7, 3)).astype(np.float32)
    judged = judge(model(lambda w: weight_only(w, dtype, dequantized=True)), (x,), "litert")
    for graph in (plain, hybrid):
        made = evaluate_floats(graph, {graph.inputs[0].tensor: x})[graph.outputs[0].tensor]
        if judged is not None:
            np.testing.assert_allclose(made, judged.outputs[0], rtol=1e-5, atol=1e-5)
    few = levels_of(np.asarray(hybrid.tensors[hybrid.ops[0].inputs[1]].data, np.float64).reshape(5, -1))
    assert few is not None


def test_float_layers_between_bytes(tmp_path: Path) -> None:
    """As ai-edge-quantizer leaves layers whose types the runtime lacks."""

    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x, y = w.tensor((1, 9), "int8", 0.1, 3), w.tensor((1, 5), "int8", 0.2, -3)
        real, made = w.tensor((1, 9), "float32"), w.tensor((1, 5), "float32")
        rng = np.random.default_rng(0)
        weights, bias = (
            w.tensor(s, "float32", data=rng.normal(size=s).astype(np.float32)) for s in ((5, 9), (5,))
        )
        w.op("DEQUANTIZE", [x], [real])
        w.op("FULLY_CONNECTED", [real, weights, bias], [made])
        w.op("QUANTIZE", [made], [y])
        return [x], [y]

    file = tmp_path / "m.tflite"
    file.write_bytes(model(build))
    x = np.random.default_rng(1).integers(-128, 128, (50, 1, 9)).astype(np.int8)
    judged = judge(file.read_bytes(), (x,), "litert")
    found = np.stack([tinyc.load(file)(one) for one in x[:8]])
    if judged is not None:
        assert np.abs(found.astype(int) - judged.outputs[0][:8]).max() <= 1
