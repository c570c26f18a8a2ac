"""Convolutions by weights that are computed: as ONNX Runtime computes them, and in bytes as LiteRT does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tinyc.errors import ModelError

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import array, model  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import compare, written  # noqa: E402
from tests.quantize.test_beside_floats import exact  # noqa: E402
from tinyc.frontends.floats import load_float_model  # noqa: E402
from tinyc.frontends.onnx import load_onnx  # noqa: E402

node = onnx.helper.make_node


def tracker(
    x: tuple[int, ...], weights: tuple[int, ...], *, bias: bool = False, depth: int = 4, **window: Any
) -> Any:
    """An image, and weights made of another one. depth: of the features of the image."""
    around = {"pads": [1] * (2 * (len(x) - 2))}
    nodes = [
        node("Conv", ["x", "wx"], ["features"], **around),
        node("Conv", ["z", "wz"], ["template"], **around),
        node("Conv", ["features", "template", *(["bias"] if bias else [])], ["y"], **window),
    ]
    kernel = (3,) * (len(x) - 2)
    constants = {"wx": array(depth, x[1], *kernel), "wz": array(weights[1], weights[1], *kernel, seed=1)}
    inputs = {"x": x, "z": weights}
    return model(nodes, inputs, ["y"], constants | ({"bias": array(weights[0])} if bias else {}))


CASES = {
    "whole": tracker((1, 3, 9, 8), (5, 4, 3, 2)),
    "window": tracker(
        (1, 3, 11, 10), (5, 4, 3, 3), bias=True, strides=[1, 2], dilations=[2, 1], pads=[1, 0, 2, 1]
    ),
    "point": tracker((1, 3, 6, 5), (2, 4, 1, 1)),
    "channels": tracker((1, 3, 9, 8), (4, 1, 3, 2), bias=True, group=4, pads=[0, 1, 1, 0]),
    "sequence": tracker((1, 3, 20), (5, 4, 3), strides=[2], auto_pad="SAME_UPPER"),
}


@pytest.mark.parametrize("name", CASES)
def test_as_onnx_runtime_computes_it(name: str, tmp_path: Path) -> None:
    compare(CASES[name], tmp_path)


@pytest.mark.parametrize("name", ["window", "channels"])
def test_bytes_are_litert_s(name: str, tmp_path: Path) -> None:
    exact(load_float_model(written(CASES[name], tmp_path)).graph, apart=0.1)


def test_groups_of_several_channels_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"op 2 Conv 'y': .*supported of 1 group or 4, not 2"):
        load_onnx(written(tracker((1, 3, 9, 8), (4, 2, 3, 3), group=2), tmp_path))
