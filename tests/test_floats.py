"""What is expected of float32 outputs: our own values, as far as the judge's are near."""

from __future__ import annotations

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import model
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.verify.expected import settled_outputs
from tinyc.verify.floats import SUM_UNITS
from tinyc.verify.judge import judge


def tail(kind: str) -> tuple[bytes, Graph]:
    def build(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor((1, 3, 40), "int8", 0.11, 5)
        real, y = (w.tensor((1, 3, 40), "float32") for _ in range(2))
        w.op("DEQUANTIZE", [x], [real])
        w.op(kind, [real], [y], **({"beta": 1.3} if kind == "SOFTMAX" else {}))
        return [x], [y]

    data = model(build)
    return data, load_tflite(data, "tail.tflite", "litert")


@pytest.mark.parametrize("kind", ["SOFTMAX", "LOG_SOFTMAX"])
def test_a_wrong_value_stays_wrong(kind: str) -> None:
    data, graph = tail(kind)
    inputs = (np.random.default_rng(1).integers(-128, 128, (20, 1, 3, 40)).astype(np.int8),)
    judged = judge(data, inputs, "litert")
    if judged is None:
        pytest.skip("litert is not installed")
    (expected,) = judged.outputs
    (settled,) = settled_outputs(graph, inputs, (expected,))
    least = np.float32(kind == "LOG_SOFTMAX")
    unit = np.spacing(np.maximum(np.abs(expected), least))
    assert np.all(np.abs(settled - expected) <= 2 * unit)
    moved = expected.copy()
    moved[3, 0, 1, 7] += (2 * SUM_UNITS) * unit[3, 0, 1, 7]
    (again,) = settled_outputs(graph, inputs, (moved,))
    assert again[3, 0, 1, 7] == moved[3, 0, 1, 7] != settled[3, 0, 1, 7]
    again[3, 0, 1, 7] = settled[3, 0, 1, 7]
    assert np.array_equal(again, settled)
