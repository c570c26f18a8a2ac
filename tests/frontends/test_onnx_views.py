"""Layouts of ONNX files: RESHAPE and TRANSPOSE change a view on paper, and elements move only where they must."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.frontends.onnx_models import array, model  # noqa: E402 - they need onnx
from tests.frontends.test_onnx import compare  # noqa: E402

node = onnx.helper.make_node


def factored(rng: np.random.Generator, size: int) -> tuple[int, ...]:
    """A shape of so many elements."""
    shape = []
    while size > 1 and len(shape) < 4:
        size_ = int(rng.choice([d for d in range(1, size + 1) if size % d == 0]))
        shape.append(size_)
        size //= size_
    return (*shape, size)


def chain(seed: int) -> Any:
    """A model of views, with sums, averages and products between them."""
    rng = np.random.default_rng(seed)
    shape: tuple[int, ...] = (1, 6, 4, 8)
    nodes, constants, last = [], {}, "x"
    for i in range(8):
        match rng.integers(5):
            case 0:
                shape = factored(rng, prod(shape))
                constants[f"c{i}"] = np.array(shape, np.int64)
                nodes.append(node("Reshape", [last, f"c{i}"], [f"t{i}"]))
            case 1:
                perm = rng.permutation(len(shape)).tolist()
                shape = tuple(shape[p] for p in perm)
                nodes.append(node("Transpose", [last], [f"t{i}"], perm=perm))
            case 2:
                full = tuple(n if rng.integers(2) else 1 for n in shape)
                constants[f"c{i}"] = array(*full, seed=i)
                nodes.append(node("Add", [last, f"c{i}"], [f"t{i}"]))
            case 3:
                axes = [a for a in range(len(shape)) if rng.integers(2)] or [0]
                nodes.append(node("ReduceMean", [last], [f"m{i}"], axes=axes))
                nodes.append(node("Sub", [last, f"m{i}"], [f"t{i}"]))
            case _:
                nodes.append(node("Mul", [last, last], [f"t{i}"]))
        last = f"t{i}"
    return model(nodes, {"x": (1, 6, 4, 8)}, [last], constants)


@pytest.mark.parametrize("seed", range(40))
def test_any_chain_of_views_computes_the_same(seed: int, tmp_path: Path) -> None:
    compare(chain(seed), tmp_path)


def views(shapes: list[tuple[int, ...] | list[int]]) -> Any:
    """A model that reshapes (a tuple) and transposes (a list) an image, between two convolutions of one pixel."""
    nodes = [node("Conv", ["x", "w"], ["t"])]
    constants: dict[str, Any] = {"w": array(8, 3, 1, 1), "v": array(4, 8, 1, 1, seed=1)}
    for i, shape in enumerate(shapes):
        last = nodes[-1].output[0]
        if isinstance(shape, list):
            nodes.append(node("Transpose", [last], [f"t{i}"], perm=shape))
        else:
            constants[f"c{i}"] = np.array(shape, np.int64)
            nodes.append(node("Reshape", [last, f"c{i}"], [f"t{i}"]))
    nodes.append(node("Conv", [nodes[-1].output[0], "v"], ["y"]))
    return model(nodes, {"x": (1, 3, 6, 4)}, ["y"], constants)


def kinds(made: Any, folder: Path) -> list[str]:
    return [op.kind for op in compare(made, folder).ops]


def test_views_that_are_taken_back_are_no_ops(tmp_path: Path) -> None:
    """Channels in groups, pixels in a row, and back."""
    grouped = views(
        [(1, 2, 4, 6, 4), (1, 8, 24), [0, 2, 1], (1, 24, 2, 4), (1, 24, 8), [0, 2, 1], (1, 8, 6, 4)]
    )
    assert kinds(grouped, tmp_path) == ["conv2d", "conv2d"]


def test_a_shuffle_turns_the_channels_of_each_pixel_alone(tmp_path: Path) -> None:
    shuffled = views([(1, 2, 4, 6, 4), [0, 2, 1, 3, 4], (1, 8, 6, 4)])
    assert kinds(shuffled, tmp_path) == ["conv2d", "reshape", "transpose", "reshape", "conv2d"]


@pytest.mark.parametrize("groups", [1, 4])
def test_groups_are_normalized_where_the_image_lies(groups: int, tmp_path: Path) -> None:
    """As exporters write group normalization: a reshape, an instance normalization, a reshape, factors."""
    nodes = [
        node("Conv", ["x", "w"], ["a"]),
        node("Reshape", ["a", "apart"], ["b"]),
        node("InstanceNormalization", ["b", "ones", "zeros"], ["c"]),
        node("Reshape", ["c", "whole"], ["d"]),
        node("Mul", ["d", "scale"], ["e"]),
        node("Add", ["e", "shift"], ["f"]),
        node("Conv", ["f", "v"], ["y"]),
    ]
    constants = {
        "w": array(8, 3, 1, 1), "v": array(4, 8, 1, 1), "apart": np.array([0, groups, -1]),
        "ones": np.ones(groups, np.float32), "zeros": np.zeros(groups, np.float32), "whole": np.array([1, 8, 6, 4]),
        "scale": array(8, 1, 1), "shift": array(8, 1, 1, seed=1),
    }  # fmt: skip
    assert "transpose" not in kinds(model(nodes, {"x": (1, 3, 6, 4)}, ["y"], constants), tmp_path)


def pixels(name: str, turned: bool) -> list[Any]:
    """A convolution of the image, [1, C, 20], or turned to [1, 20, C]."""
    found = [node("Conv", ["x", f"{name}_w"], [f"{name}_image"])]
    flat = f"{name}_flat" if turned else name
    found.append(node("Reshape", [f"{name}_image", "flat"], [flat]))
    return [*found, *([node("Transpose", [flat], [name], perm=[0, 2, 1])] if turned else [])]


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("right", [False, True])
def test_matrices_are_multiplied_as_their_pixels_lie(left: bool, right: bool, tmp_path: Path) -> None:
    """Attention over pixels or channels, and the means over an image that a softmax weighs."""
    channels = {(False, True): (3, 5), (True, False): (5, 5), (False, False): (3, 20), (True, True): (20, 5)}
    a, b = channels[left, right]
    nodes = [*pixels("a", left), *pixels("b", right), node("MatMul", ["a", "b"], ["y"])]
    constants = {
        "a_w": array(a, 3, 1, 1),
        "b_w": array(b, 3, 1, 1, seed=1),
        "flat": np.array([1, -1, 20], np.int64),
    }
    made = model(nodes, {"x": (1, 3, 4, 5)}, ["y"], constants)
    assert "transpose" not in kinds(made, tmp_path)


@pytest.mark.parametrize("shape", [(6, 5), (1, 6, 5)])
def test_a_constant_in_front_of_channels_is_a_layer_of_pixels(shape: tuple[int, ...], tmp_path: Path) -> None:
    """With weights of its own, and nothing is turned for it."""
    nodes = [*pixels("a", False), node("MatMul", ["w", "a"], ["y"])]
    constants = {"a_w": array(5, 3, 1, 1), "flat": np.array([1, -1, 20], np.int64), "w": array(*shape)}
    made = kinds(model(nodes, {"x": (1, 3, 4, 5)}, ["y"], constants), tmp_path)
    assert "fully_connected" in made
    assert not {"batch_matmul", "transpose"}.intersection(made)
