"""Small ONNX files to start from: a float network, the same as QDQ and as QOperator, and a model of bytes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory


def small_files() -> list[bytes]:
    """Needs onnx and onnxruntime."""
    from tests.frontends.onnx_models import network as with_normalization  # noqa: PLC0415 - optional packages
    from tests.qdq.quantized import quantized  # noqa: PLC0415
    from tests.qdq.test_qdq import bytes_model, network  # noqa: PLC0415

    with TemporaryDirectory() as folder:
        made = [
            quantized(network(), Path(folder, f"{form}.onnx"), form).read_bytes()
            for form in ("QDQ", "QOperator")
        ]
    models = (with_normalization(), network(), with_normalization(opset=11), bytes_model(2))
    return [*(bytes(m.SerializeToString()) for m in models), *made]
