"""Small ONNX files to start from: float networks, QDQ and QOperator, a model of bytes, QONNX and types of few bits."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory


def small_files() -> list[bytes]:
    """Needs onnx and onnxruntime."""
    from tests.frontends.onnx_models import network as with_normalization  # noqa: PLC0415 - optional packages
    from tests.qdq.few_bit_models import weighted  # noqa: PLC0415
    from tests.qdq.qonnx_models import convolutions, signs  # noqa: PLC0415
    from tests.qdq.quantized import quantized  # noqa: PLC0415
    from tests.qdq.test_qdq import bytes_model, network  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        made = [
            quantized(network(), Path(folder, f"{form}.onnx"), form).read_bytes()
            for form in ("QDQ", "QOperator")
        ]
    models = (with_normalization(), network(), with_normalization(opset=11), bytes_model(2))
    few = (
        convolutions(0, 2, 1.0),
        convolutions(1, 4, 0.3, opset=11),
        signs(),
        weighted("INT4"),
        weighted("UINT2"),
    )
    return [*(bytes(m.SerializeToString()) for m in (*models, *few)), *made]
