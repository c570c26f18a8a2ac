"""Test inputs as people save them: named after the model's inputs or not at all, floats, one sample or many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinyc.errors import UsageError
from tinyc.ir import Array, Graph, Port, Quant, Tensor, TensorType
from tinyc.verify.input_file import read_inputs

HALVES = Quant((0.5,), (3,))


def graph(*ports: tuple[str, tuple[int, ...], str]) -> Graph:
    """A graph without ops whose inputs these are; int8 and uint8 ones with a scale of 0.5 and zero point 3."""
    inputs, tensors = [], {}
    for name, shape, dtype in ports:
        kind = TensorType(shape, dtype, HALVES if "int8" in dtype else None)  # type: ignore[arg-type]
        tensors[name] = Tensor(name, kind)
        inputs.append(Port(name, name, kind))
    return Graph("g", tensors, (), tuple(inputs), ())


ONE = graph(("serving_default_image:0", (1, 2, 3), "int8"))
TWO = graph(("serving_default_image:0", (1, 2, 3), "int8"), ("x", (1, 4), "float32"))
IMAGES = np.arange(30, dtype=np.int8).reshape(5, 1, 2, 3)
NUMBERS = np.ones((5, 1, 4), np.float32)


@pytest.mark.parametrize("name", ["in0", "arr_0", "image", "serving_default_image:0", "x_test"])
@pytest.mark.parametrize("array", [IMAGES, IMAGES[:, 0]])
def test_one_input_is_taken_under_any_name(name: str, array: Array, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", **{name: array})
    assert np.array_equal(read_inputs(ONE, tmp_path / "x.npz").arrays[0], IMAGES)


@pytest.mark.parametrize("array", [IMAGES[0], IMAGES[0, 0]])
def test_one_sample_needs_no_axis_of_samples(array: Array, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", array)
    assert np.array_equal(read_inputs(ONE, tmp_path / "x.npy").arrays[0], IMAGES[:1])


@pytest.mark.parametrize(
    "names", [("in0", "in1"), ("arr_0", "arr_1"), ("image", "x"), ("serving_default_image:0", "x")]
)
def test_several_inputs_by_number_or_by_name(names: tuple[str, str], tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", **{names[1]: NUMBERS, names[0]: IMAGES})
    first, second = read_inputs(TWO, tmp_path / "x.npz").arrays
    assert np.array_equal(first, IMAGES)
    assert np.array_equal(second, NUMBERS)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_quantized_by_the_models_scale(dtype: type, tmp_path: Path) -> None:
    values = np.array([[0, 0.25, -0.25, 1, 70, -70]], dtype).reshape(1, 1, 2, 3)
    np.save(tmp_path / "x.npy", values)
    given = read_inputs(ONE, tmp_path / "x.npy")
    assert given.arrays[0].dtype == np.int8
    assert given.arrays[0].ravel().tolist() == [3, 4, 2, 5, 127, -128]
    (note,) = given.notes
    how, outside = note.split("; ")
    assert how == "in0: float values quantized by scale 0.5, zero point 3"
    assert outside == "33.3% of them lie outside -65.5 to 62 and were clamped"


def test_floats_for_a_uint8_input(tmp_path: Path) -> None:
    image = graph(("image", (1, 2, 3), "uint8"))
    np.save(tmp_path / "x.npy", np.array([[0, 0.25, -0.25, 1, 200, -70]]).reshape(1, 1, 2, 3))
    given = read_inputs(image, tmp_path / "x.npy")
    assert given.arrays[0].dtype == np.uint8
    assert given.arrays[0].ravel().tolist() == [3, 4, 2, 5, 255, 0]
    assert given.notes[0].endswith("33.3% of them lie outside -1.5 to 126 and were clamped")


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"in0": IMAGES}, r"x.npz holds in0; the model takes in0 \('image'\), in1 \('x'\)"),
        ({"in0": IMAGES, "in1": NUMBERS[:2]}, "in0 has shape"),
        ({"in0": IMAGES.astype(np.uint8), "in1": NUMBERS}, "in0 is uint8, the model's input is int8"),
        ({"in0": IMAGES, "in1": NUMBERS.astype(np.int8)}, "in1 is int8, the model's input is float32"),
        ({}, "holds no array"),
    ],
)
def test_what_does_not_fit_is_said(arrays: dict[str, Array], says: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(UsageError, match=says):
        read_inputs(TWO, tmp_path / "x.npz")
