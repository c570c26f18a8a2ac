"""`--layers` of a float ONNX file: each intermediate value against ONNX Runtime's own of the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify import expected
from tinyc.verify.judge import Judged, judge
from tinyc.verify.vectors import Samples

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.wild.nets import Net  # noqa: E402 - needs onnx


def network(folder: Path) -> Path:
    """Images in another order than the firmware's, shuffled channels, and a dense layer."""
    n = Net(3, x=(1, 3, 6, 5))
    x = n("Reshape", n.relu(n.conv("x", 3, 6)), np.array([1, 2, 3, 6, 5]))
    x = n("Reshape", n("Transpose", x, perm=[0, 2, 1, 3, 4]), np.array([1, 6, 6, 5]))
    x = n("Softmax", n.conv(x, 6, 4, 1), axis=1)
    x = n("Gemm", n("Flatten", x), n.weights(5, 4 * 30), n.noise(5), transB=1)
    onnx.save(n.model(x), str(folder / "net.onnx"))
    return folder / "net.onnx"


def checks(file: Path) -> list[tuple[str, int]]:
    result = run_model(file, Options(load_board("host")), Samples(2, 1), layers=True)
    assert (result.json["judge"], result.json["bit_exact"]) == ("onnxruntime", True)
    return [(layer.kind, layer.differing) for layer in result.layers]


def test_every_layer_is_onnx_runtimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = network(tmp_path)
    found = checks(file)
    assert {"Conv", "Softmax", "Gemm"} <= {kind for kind, _ in found}
    assert not any(differing for _, differing in found)

    def off(*given: object, **more: object) -> Judged | None:
        """What ONNX Runtime computes, but for one element of the softmax."""
        found = judge_isolated(*given, **more)  # type: ignore[arg-type]
        if found is not None and found.tensors:
            (name,) = (key for key in found.tensors if str(key).startswith("softmax"))
            changed = found.tensors[name].copy()
            changed[0, 2, 4, 1] += 0.01
            return replace(found, tensors={**found.tensors, name: changed})
        return found

    judge_isolated = expected.judge_isolated
    monkeypatch.setattr(expected, "judge_isolated", off)
    wrong = [kind for kind, differing in checks(file) if differing]
    assert wrong == ["Softmax"]


def test_the_judge_gives_every_value(tmp_path: Path) -> None:
    file = network(tmp_path)
    x = np.random.default_rng(1).normal(size=(2, 1, 3, 6, 5)).astype(np.float32)
    found = judge(str(file), (x,), "onnxruntime", all_tensors=True)
    assert found is not None
    graph = onnx.load(str(file)).graph
    names = {name for node in graph.node for name in node.output} - {one.name for one in graph.output}
    assert set(found.tensors) == names
    assert [y.shape for y in found.outputs] == [(2, 1, 5)]
