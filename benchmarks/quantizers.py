"""Other quantizers on a float network and samples: TensorFlow's converter, ai-edge-quantizer, ONNX Runtime.

Each is optional: where its package is missing, the row says so.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.export import export_tflite
from tinyc.ir import Graph
from tinyc.quantize.prepare import prepared

Floats = npt.NDArray[np.float32]
#: Answers of a quantized network to images, [N, outputs].
Answers = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class Network:
    """A float network. keras: a file of the same weights, for TensorFlow's converter; None for none."""

    graph: Graph
    keras: Path | None


def tensorflow_converter(network: Network, samples: Floats, load: Callable[[bytes], Answers]) -> Answers:
    """Quantize by TensorFlow's converter, weights per channel, inputs and outputs float."""
    import tensorflow as tf  # noqa: PLC0415 - optional
    from tensorflow.python.framework import convert_to_constants  # noqa: PLC0415

    if network.keras is None:
        raise ImportError("a Keras file of the network")
    if network.keras.suffix == ".keras":
        import keras  # noqa: PLC0415

        model = keras.saving.load_model(network.keras, compile=False)
    else:
        import tf_keras  # noqa: PLC0415

        model = tf_keras.models.load_model(network.keras, compile=False)
    spec = tf.TensorSpec((1, *samples.shape[1:]), tf.float32)
    call = tf.function(lambda x: model(x, training=False)).get_concrete_function(spec)
    # the variables of Keras 3 would stay variables
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [convert_to_constants.convert_variables_to_constants_v2(call)]
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([x[None]] for x in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    return load(converter.convert())


def ai_edge_quantizer(network: Network, samples: Floats, load: Callable[[bytes], Answers]) -> Answers:
    """Quantize by ai-edge-quantizer's recipe of static int8."""
    from ai_edge_quantizer import quantizer, recipe  # noqa: PLC0415 - optional

    with TemporaryDirectory() as folder:
        file = Path(folder, "float.tflite")
        file.write_bytes(export_tflite(network.graph))
        made = quantizer.Quantizer(str(file), recipe.static_wi8_ai8())
        key = network.graph.inputs[0].name
        calibrated = made.calibrate({"serving_default": [{key: x[None]} for x in samples]})
        return load(bytes(made.quantize(calibrated).quantized_model))


def onnx_runtime(method: str) -> Callable[[Network, Floats, Callable[[bytes], Answers]], Answers]:
    """Return the quantizer by ONNX Runtime's quantize_static. method: of its calibration."""

    def quantize(network: Network, samples: Floats, load: Callable[[bytes], Answers]) -> Answers:
        del load
        import onnx  # noqa: PLC0415 - optional
        import onnxruntime  # noqa: PLC0415 - optional
        from onnxruntime import quantization as ort  # noqa: PLC0415

        from benchmarks.as_onnx import as_onnx  # noqa: PLC0415

        model = as_onnx(prepared(network.graph))
        name = model.graph.input[0].name
        images = np.ascontiguousarray(samples.transpose(0, 3, 1, 2))

        class Reader(ort.CalibrationDataReader):  # type: ignore[misc]
            def __init__(self) -> None:
                self._rows: Iterator[Any] = iter(images)

            def get_next(self) -> dict[str, Any] | None:
                x = next(self._rows, None)
                return None if x is None else {name: x[None]}

        with TemporaryDirectory() as folder:
            source, made = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
            onnx.save(model, str(source))
            ort.quantize_static(
                str(source),
                str(made),
                Reader(),
                per_channel=True,
                activation_type=ort.QuantType.QInt8,
                weight_type=ort.QuantType.QInt8,
                calibrate_method=ort.CalibrationMethod[method],
            )
            session = onnxruntime.InferenceSession(str(made), providers=["CPUExecutionProvider"])

        def answers(x: Floats) -> Floats:
            parts = [
                session.run(None, {name: np.ascontiguousarray(p.transpose(0, 3, 1, 2))})[0]
                for p in np.array_split(x, max(1, len(x) // 250))
            ]
            return np.concatenate(parts)

        return answers

    return quantize


OTHERS: dict[str, Callable[[Network, Floats, Callable[[bytes], Answers]], Answers]] = {
    "TensorFlow's converter": tensorflow_converter,
    "ai-edge-quantizer": ai_edge_quantizer,
    "ONNX Runtime, min-max": onnx_runtime("MinMax"),
    "ONNX Runtime, entropy": onnx_runtime("Entropy"),
    "ONNX Runtime, percentile": onnx_runtime("Percentile"),
}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what the packages print and log off the terminal."""
    logging.disable(logging.CRITICAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
