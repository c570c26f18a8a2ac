"""Arrays as samples, their labels, and labels from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyc.data import Labels, open_data
from tinyc.errors import UsageError
from tinyc.ir import Graph, Port, Quant, Tensor, TensorType


def graph(*shapes: tuple[int, ...], dtype: str = "float32") -> Graph:
    quant = Quant((0.5,), (3,)) if dtype == "int8" else None
    ports = [Port(f"in{i}", f"t{i}", TensorType(shape, dtype, quant)) for i, shape in enumerate(shapes)]
    return Graph("g", {p.tensor: Tensor(p.tensor, p.type) for p in ports}, (), tuple(ports), ())


X = np.arange(24).reshape(4, 1, 2, 3)


@pytest.mark.parametrize("array", [X, X[:, 0], X.astype(np.float64), X.astype(np.uint8)])
def test_numbers_become_the_models_own(array: Any, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", array)
    np.savez(tmp_path / "x.npz", array)
    for source in (
        tmp_path / "x.npy",
        str(tmp_path / "x.npz"),
        array,
        list(array),
        {"x": array},
        iter(array),
    ):
        data = open_data(graph((1, 2, 3)), source)
        found = data.part(1, 3)["t0"]
        assert (found.dtype, len(data)) == (np.float32, 4)
        assert np.array_equal(found, X[1:3])


def test_bytes_of_a_model_of_bytes_stay_bytes(tmp_path: Path) -> None:
    of_bytes = graph((1, 2, 3), dtype="int8")
    assert open_data(of_bytes, X.astype(np.int8)).part(0, 1)["t0"].dtype == np.int8
    assert open_data(of_bytes, X.astype(np.uint8)).part(0, 1)["t0"].dtype == np.float32


def test_several_inputs_from_an_iterable() -> None:
    two = graph((1, 2), (1, 3))
    a, b = np.ones((5, 1, 2)), np.zeros((5, 1, 3))
    for source in (zip(a, b, strict=True), [{"in1": y, "in0": x} for x, y in zip(a, b, strict=True)]):
        found = open_data(two, source).part(0, 5)
        assert np.array_equal(found["t0"], a) and np.array_equal(found["t1"], b)


def test_channels_second_in_memory() -> None:
    moved = frozenset({"t0"})
    x = np.arange(60).reshape(5, 3, 2, 2)
    for source in (x, list(x), x[:, None]):
        found = open_data(graph((1, 2, 2, 3)), source, moved=moved).part(0, 5)["t0"]
        assert np.array_equal(found[:, 0], np.moveaxis(x, 1, -1))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ([], "yields nothing"),
        ([np.zeros(7)], "sample 0 has shape"),
        ([np.zeros((1, 2, 3)), "x"], "sample 1 has shape"),
        (np.full((1, 1, 2, 3), np.nan), "not finite"),
        (np.full((1, 1, 2, 3), "a"), "numbers are needed"),
        ({"a": X, "b": X}, "holds a, b; the model takes in0"),
    ],
)
def test_what_is_no_sample_is_told(source: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        open_data(graph((1, 2, 3)), source)


def labels_of(source: Any, labels: Path | None = None) -> Labels:
    found = open_data(graph((1, 2, 3)), source, labels=labels).labels
    assert found is not None
    return found


def test_labels_beside_the_samples(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=X, y=np.array([2, 0, 1, 1]))
    found = labels_of(tmp_path / "x.npz")
    assert found.are_classes and found.values.tolist() == [2, 0, 1, 1]
    np.savez(tmp_path / "x.npz", x=X, y=np.ones((4, 2)))
    assert not labels_of(tmp_path / "x.npz").are_classes
    np.savez(tmp_path / "x.npz", x=X, y=np.array([2, 0]))
    with pytest.raises(UsageError, match="2 labels for 4 samples"):
        labels_of(tmp_path / "x.npz")


@pytest.mark.parametrize(
    ("name", "text", "values", "classes"),
    [
        ("l.txt", "1\n0\n2\n2\n", [1, 0, 2, 2], ()),
        ("l.txt", "dog\ncat\ncat\nape\n", [2, 1, 1, 0], ("ape", "cat", "dog")),
        ("l.csv", "label\n1\n0\n2\n2\n", [1, 0, 2, 2], ()),
        ("l.csv", "file,label\n#3,4\n#0,1\n#1,2\n#2,3\n", [1, 2, 3, 4], ()),
        ("l.csv", "label,file\n1,#0\n1,#1\n1,#2\n1,#3\n", [1, 1, 1, 1], ()),
        ("l.txt", "0.5\n1\n2\n3\n", [0.5, 1, 2, 3], ()),
    ],
)
def test_labels_from_text(
    name: str, text: str, values: list[int], classes: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    found = labels_of(X, tmp_path / name)
    assert (found.values.tolist(), found.classes) == (values, classes)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("l.txt", "1\n2\n", "has 2 labels for 4 samples"),
        ("l.txt", "-1\n0\n0\n0\n", "classes are counted from 0"),
        ("l.csv", "file,label\n#0,1\n", "has no label of #1"),
        ("l.csv", "a,b,c\n", "one or two columns"),
        ("l.doc", "1", "is no file of labels"),
        ("l.npy", "1", "cannot be read as"),
    ],
)
def test_labels_that_are_none(name: str, text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=says):
        labels_of(X, tmp_path / name)
    with pytest.raises(UsageError, match="cannot be read"):
        labels_of(X, tmp_path / "none.csv")
