"""Answers of unlike sizes in one tensor keep the steps of their own sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

from tests.frontends.onnx_models import array  # noqa: E402 - it needs onnx
from tests.quantize.test_beside_floats import FLOAT, exact, read, samples  # noqa: E402
from tinyc.cli import run  # noqa: E402
from tinyc.ir import Graph  # noqa: E402
from tinyc.ops.check import is_mixed  # noqa: E402
from tinyc.quantize import quantize_graph  # noqa: E402
from tinyc.quantize.precision import parsed  # noqa: E402

node = onnx.helper.make_node


def detector(folder: Path, pixels: float, *, levels: int = 2) -> Graph:
    """Boxes in pixels and scores, joined for each level, turned, and the levels joined."""
    nodes = []
    for i in range(levels):
        nodes += [
            node("Conv", ["x", f"w{i}"], [f"a{i}"]),
            node("Sigmoid", [f"a{i}"], [f"s{i}"]),
            node("Mul", [f"s{i}", "pixels"], [f"boxes{i}"]),
            node("Concat", [f"boxes{i}", f"s{i}"], [f"both{i}"], axis=1),
            node("Transpose", [f"both{i}"], [f"last{i}"], perm=[0, 2, 3, 1]),
            node("Reshape", [f"last{i}", "rows"], [f"rows{i}"]),
        ]
    nodes.append(node("Concat", [f"rows{i}" for i in range(levels)], ["y"], axis=1))
    known: dict[str, Any] = {f"w{i}": array(4, 3, 1, 1) for i in range(levels)}
    known |= {"pixels": np.float32(pixels), "rows": np.array([1, -1, 8])}
    return read(nodes, {"x": (FLOAT, (1, 3, 4, 5))}, {"y": FLOAT}, folder, **known)


def steps(graph: Graph) -> list[float]:
    """The scales of what the joined answers are made of."""
    return sorted({graph.type(op.x).q.scale for op in graph.ops if op.kind == "dequantize"})


def test_boxes_and_scores_keep_their_own_steps(tmp_path: Path) -> None:
    made = exact(detector(tmp_path, 320))
    assert len(steps(made)) == 2, "one for scores, one for boxes"
    assert steps(made)[0] == 1 / 256
    assert not is_mixed(made), "what is only moved is LiteRT's, byte for byte"


def test_answers_of_like_sizes_stay_bytes(tmp_path: Path) -> None:
    made = exact(detector(tmp_path, 4))
    assert len(steps(made)) == 1


def test_a_line_of_the_precision_file_keeps_them_bytes(tmp_path: Path) -> None:
    graph = detector(tmp_path, 320, levels=1)
    joined = next(op.outputs[0] for op in graph.ops if op.kind == "concat")
    how = parsed({"layers": {joined: "int8"}}, "test.toml")
    made = quantize_graph(graph, samples(graph), "fast", precision=how)
    assert len(steps(made)) == 1


def test_it_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    detector(tmp_path, 320, levels=1)
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(4, 1, 3, 4, 5)).astype(np.float32))
    line = [
        "quantize",
        str(tmp_path / "model.onnx"),
        "--calibration",
        str(tmp_path / "x.npy"),
        "--effort",
        "fast",
    ]
    assert run([*line, "-o", str(tmp_path / "made.tflite")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "'both0': its parts are of unlike sizes and keep their own scales; it is joined in float32" in told
