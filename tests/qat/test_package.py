"""tinyc.qat without a framework: imported lightly, and clear where one is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tinyc import qat
from tinyc.errors import ToolError, UsageError


def test_importing_it_imports_no_framework() -> None:
    code = "import sys, tinyc.qat; print(sorted({'keras', 'torch', 'tensorflow', 'jax', 'onnx'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(("layer", "package"), [("TernaryDense", "keras"), ("BitLinear", "torch")])
def test_a_missing_framework_is_told(layer: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qat, "find_spec", lambda _: None)
    with pytest.raises(ToolError, match=f"tinyc.qat.{layer} needs the Python package {package}"):
        getattr(qat, layer)


def test_what_is_no_model_is_told() -> None:
    with pytest.raises(UsageError, match="int: this is neither a Keras model nor a PyTorch module"):
        qat.convert(3)
    with pytest.raises(UsageError, match="0 to 1"):
        qat.set_share(3, 1.5)
    with pytest.raises(AttributeError, match="TernaryLSTM"):
        qat.TernaryLSTM  # noqa: B018
