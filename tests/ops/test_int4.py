"""Weights of int4 against both interpreters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite


def weighted(
    w: ModelWriter, kind: str, shape: Any, weights: Any, out: Any, scales: int, **how: Any
) -> tuple[list[int], list[int]]:
    """scales: of the weights; how: the operator's options."""
    rng = np.random.default_rng(len(weights))
    ws = [float(s) for s in rng.uniform(0.01, 0.1, scales)]
    axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
    x = w.tensor(shape, "int8", 0.07, -100)
    data = rng.integers(-8, 8, weights)
    k = w.tensor(weights, "int4", ws, [0] * scales, data=data, axis=axis)
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
