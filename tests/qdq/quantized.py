"""Float models quantized by ONNX Runtime, and what it computes by them."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

onnxruntime.set_default_logger_severity(4)
INT8, UINT8 = QuantType.QInt8, QuantType.QUInt8


class _Samples(CalibrationDataReader):  # type: ignore[misc]
    def __init__(self, name: str, samples: Sequence[Any]) -> None:
        self._left = iter([{name: x} for x in samples])

    def get_next(self) -> Any:
        return next(self._left, None)


def samples_of(model: Any, count: int, seed: int = 0) -> list[Any]:
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype(np.float32) for _ in range(count)]


def quantized(model: Any, file: Path, form: str, **options: Any) -> Path:
    """Write a float model quantized. form: QDQ or QOperator; options: of quantize_static."""
    source = file.with_suffix(".float.onnx")
    onnx.save(model, source)
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            quantize_static(
                source,
                file,
                _Samples(model.graph.input[0].name, samples_of(model, 16)),
                quant_format=QuantFormat[form],
                **options,
            )
    finally:
        logging.disable(logging.NOTSET)
    return file


def random_options(seed: int) -> dict[str, Any]:
    """Return how a model of this seed is quantized: `form` and options of quantize_static."""
    rng = np.random.default_rng(seed)
    activation, weight = (UINT8, INT8)[int(rng.integers(2))], (INT8, INT8, INT8, UINT8)[int(rng.integers(4))]
    per_channel = bool(rng.integers(2)) and weight is INT8
    if activation is INT8:
        weight = INT8  # the quantizer refuses the other
    return {
        "form": ("QDQ", "QDQ", "QOperator")[int(rng.integers(3))],
        "activation_type": activation,
        "weight_type": weight,
        "per_channel": per_channel,
        "extra_options": {"ActivationSymmetric": bool(rng.random() < 0.25)},
    }


def is_exact(form: str, activation_type: Any, weight_type: Any, **_: Any) -> bool:
    """Return whether ONNX Runtime computes such a model exactly on this computer; options as of `quantized`.

    On x86-64 without VNNI, QLinearConv of uint8 and int8 adds two products in 16 bits, which saturate.
    """
    return not (form == "QOperator" and activation_type is UINT8 and weight_type is INT8 and _saturates())


@cache
def _saturates() -> bool:
    taps, one, most = 64, np.float32(1), np.float32(64 * 255 * 127 / 200)
    node = helper.make_node("QLinearConv", ["x", "one", "zero", "w", "one", "none", "y_scale", "zero"], ["y"])
    x, y = (
        helper.make_tensor_value_info(n, onnx.TensorProto.UINT8, [1, c, 4, 4])
        for n, c in (("x", taps), ("y", 16))
    )
    values = {
        "one": one, "zero": np.uint8(0), "none": np.int8(0), "y_scale": most,
        "w": np.full((16, taps, 1, 1), 127, np.int8),
    }  # fmt: skip
    constants = [numpy_helper.from_array(np.asarray(value), name) for name, value in values.items()]
    graph = helper.make_graph([node], "probe", [x], [y], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (found,) = answers(model.SerializeToString(), [np.full((1, taps, 4, 4), 255, np.uint8)])
    return int(found.max()) < 190  # it is 200


def answers(file: Path | bytes, inputs: Sequence[Any]) -> list[Any]:
    """Return what ONNX Runtime computes, operator by operator: one array per output, samples along axis 0."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    content = file.read_bytes() if isinstance(file, Path) else file
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    rows = [session.run(None, {name: x}) for x in inputs]
    return [np.stack(column) for column in zip(*rows, strict=True)]
