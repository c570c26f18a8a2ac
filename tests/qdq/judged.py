"""A quantized ONNX file by tinyc, LiteRT and ONNX Runtime, compared in steps of the output's scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.e2e.batch import Case, make_case
from tests.qdq.quantized import answers
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.ops.dequantize import Dequantize
from tinyc.quantize.stated.file import model_file
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import IsolatedJudge


@dataclass(frozen=True, eq=False)
class Compared:
    """steps: how far each output of LiteRT is from ONNX Runtime's, in steps; case: for the generated C."""

    steps: Any
    case: Case
    graph: Graph


def channels_last(x: Any) -> Any:
    """x: [N, 1, C, H, W]."""
    return np.ascontiguousarray(np.moveaxis(x, 2, -1)) if x.ndim == 5 else x


def compared(file: Path, inputs: Sequence[Any], judges: IsolatedJudge, name: str) -> Compared:
    """inputs: samples as the file has them."""
    made = model_file(file)
    graph = load_tflite(made.data, made.name, "litert")
    given = (channels_last(np.stack(inputs)),)
    answer = judges.judge(made.data, given, "litert")
    assert answer is not None
    wanted = answers(file, inputs)
    steps = [
        _steps(graph, i, found, channels_last(want))
        for i, (found, want) in enumerate(zip(answer.outputs, wanted, strict=True))
    ]
    case = make_case(name, file.name, graph, Vectors(given, answer.outputs, answer.judge))
    return Compared(np.concatenate([s.reshape(-1) for s in steps]), case, graph)


def _steps(graph: Graph, number: int, found: Any, wanted: Any) -> Any:
    port = graph.outputs[number]
    assert found.shape == wanted.shape, (found.shape, wanted.shape)
    difference = np.abs(found.astype(np.float64) - wanted.astype(np.float64))
    if port.type.dtype != "float32":
        return difference
    return difference / _step(graph, port.tensor)


def _step(graph: Graph, name: str) -> float:
    """Return the scale of the bytes that a float output comes from: behind layers in float, of the last ones."""
    writer = graph.writer(name)
    while writer is not None and not isinstance(writer, Dequantize):
        name = graph.activations(writer)[0]
        writer = graph.writer(name)
    inner = graph.type(name if writer is None else writer.inputs[0])
    return inner.q.scale if inner.quant else 1 / 256
