"""Folders of images as samples: sizes, order of channels, scales, classes; and files that are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinyc
from tests.ops.agree import model
from tests.quantize.floats import SHAPE, classifier
from tinyc.cli import run
from tinyc.data import open_data, parse_preprocess
from tinyc.errors import UsageError
from tinyc.frontends.tflite.metadata import Normalization, normalization
from tinyc.ir import Array, Graph, Port, Quant, Tensor, TensorType

Image = pytest.importorskip("PIL.Image")


def graph(*shape: int, dtype: str = "float32", quant: Quant | None = None) -> Graph:
    kind = TensorType(shape, dtype, quant)
    return Graph("g", {"x": Tensor("x", kind)}, (), (Port("x", "x", kind),), ())


def pixels(height: int, width: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def save(folder: Path, name: str, array: Any) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(file)
    return file


def read(folder: Path, text: str = "", *shape: int, **more: Any) -> Array:
    data = open_data(graph(*(shape or (1, 4, 6, 3)), **more), folder, parse_preprocess(text))
    return data.part(0, len(data))["x"]


def test_pixels_are_taken_as_they_are(tmp_path: Path) -> None:
    array = pixels(4, 6)
    save(tmp_path, "a.png", array)
    save(tmp_path, "b.bmp", array[::-1])
    found = read(tmp_path)
    assert (found.dtype, found.shape) == (np.float32, (2, 1, 4, 6, 3))
    assert np.array_equal(found[:, 0], np.stack([array, array[::-1]]))


@pytest.mark.parametrize(
    ("text", "make"),
    [
        ("order=bgr", lambda x: x[..., ::-1]),
        ("scale=0..1", lambda x: x / 255),
        ("scale=-1..1", lambda x: x / 127.5 - 1),
        ("mean=127.5,std=127.5", lambda x: x / 127.5 - 1),
        (
            "scale=0..1,mean=0.5,0.4,0.3,std=0.1,0.2,0.3",
            lambda x: (x / 255 - [0.5, 0.4, 0.3]) / [0.1, 0.2, 0.3],
        ),
        ("order=bgr,mean=1,2,3", lambda x: x[..., ::-1] - [1.0, 2.0, 3.0]),
    ],
)
def test_preprocess_does_what_it_says(text: str, make: Any, tmp_path: Path) -> None:
    array = pixels(4, 6)
    save(tmp_path, "a.png", array)
    np.testing.assert_allclose(
        read(tmp_path, text)[0, 0], make(array.astype(np.float64)), atol=2e-6, rtol=1e-5
    )


def test_sizes(tmp_path: Path) -> None:
    """Stretched, cut at the sides or filled up; or resized to what is larger than the input, whose middle is taken."""
    wide = np.zeros((4, 12, 3), np.uint8)
    wide[:, 3:9] = 200
    save(tmp_path, "a.png", wide)
    assert read(tmp_path, "fit=crop", 1, 4, 6, 3).min() == 200
    assert read(tmp_path, "resize=4x12", 1, 4, 6, 3).min() == 200
    stretched = read(tmp_path, "", 1, 4, 6, 3)[0, 0]
    assert stretched[:, 0].max() < 50 and stretched[:, 2:4].min() > 150
    padded = read(tmp_path, "fit=pad", 1, 12, 12, 3)[0, 0]
    assert padded[:4].max() == padded[8:].max() == 0 and padded[4:8, 4:8].min() == 200


def test_grey_channels_first_and_vectors(tmp_path: Path) -> None:
    array = pixels(4, 6)
    save(tmp_path, "a.png", array)
    grey = np.asarray(Image.fromarray(array).convert("L"))
    assert np.array_equal(read(tmp_path, "", 1, 4, 6, 1)[0, 0, :, :, 0], grey)
    assert np.array_equal(read(tmp_path, "", 1, 4, 6)[0, 0], grey)
    assert np.array_equal(read(tmp_path, "", 1, 3, 4, 6)[0, 0], np.moveaxis(array, -1, 0))
    assert np.array_equal(read(tmp_path, "resize=4x6", 1, 24)[0, 0], grey.reshape(-1))


def test_an_input_of_bytes_tells_the_scale(tmp_path: Path) -> None:
    save(tmp_path, "a.png", np.full((4, 6, 3), 255, np.uint8))
    for quant, white in (
        (Quant((1 / 255,), (-128,)), 1),
        (Quant((2 / 255,), (-1,)), 1),
        (Quant((1.0,), (-128,)), 255),
    ):
        assert read(tmp_path, dtype="int8", quant=quant).max() == white
    assert read(tmp_path, "scale=0..2", dtype="int8", quant=quant).max() == 2


def test_folders_are_classes(tmp_path: Path) -> None:
    for name in ("dog/b.png", "cat/a.png", "dog/a.jpg"):
        save(tmp_path, name, pixels(4, 6))
    (tmp_path / "cat" / ".a.png").write_text("no image")
    (tmp_path / "dog" / "readme.txt").write_text("no image")
    data = open_data(graph(1, 4, 6, 3), tmp_path)
    assert list(data.names) == ["cat/a.png", "dog/a.jpg", "dog/b.png"]
    assert data.labels is not None and data.labels.classes == ("cat", "dog")
    assert data.labels.values.tolist() == [0, 1, 1]
    order = tmp_path / "order.txt"
    order.write_text("dog\ncat\n")
    other = open_data(graph(1, 4, 6, 3), tmp_path, labels=order).labels
    assert other is not None and other.classes == ("dog", "cat") and other.values.tolist() == [1, 0, 0]


def test_images_are_read_when_they_are_needed(tmp_path: Path) -> None:
    """One that is damaged is told when its turn comes, by its name."""
    save(tmp_path, "a.png", pixels(4, 6))
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    data = open_data(graph(1, 4, 6, 3), tmp_path)
    assert len(data) == 2 and data.part(0, 1)["x"].shape == (1, 1, 4, 6, 3)
    with pytest.raises(UsageError, match=r"b\.png: cannot be read as an image"):
        data.part(1, 2)


@pytest.mark.parametrize(
    ("text", "shape", "says"),
    [
        ("", (1, 10), "the model's input .* is none"),
        ("order=grey", (1, 4, 6, 3), "order=grey: the model's input .* has 3 channels"),
        ("mean=1,2", (1, 4, 6, 3), "mean: 2 numbers for the 3 channels"),
        ("scale=1", (1, 4, 6, 3), r"scale=1: LOW\.\.HIGH"),
        ("std=0", (1, 4, 6, 3), "std=0: a number above 0"),
        ("size=3", (1, 4, 6, 3), "'size' is none of"),
        ("scale=0..1,scale=0..2", (1, 4, 6, 3), "given twice"),
        ("crop", (1, 4, 6, 3), "'crop' is no KEY=VALUE"),
        ("fit=all", (1, 4, 6, 3), "fit=all: one of stretch"),
        ("resize=0x3", (1, 4, 6, 3), "resize=0x3: a height"),
        ("mean=nan", (1, 4, 6, 3), "mean=nan: a number"),
    ],
)
def test_what_cannot_be_is_told(text: str, shape: tuple[int, ...], says: str, tmp_path: Path) -> None:
    save(tmp_path, "a.png", pixels(4, 6))
    with pytest.raises(UsageError, match=says):
        read(tmp_path, text, *shape)


def test_folders_that_hold_no_samples(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no images and no sounds"):
        read(tmp_path)
    save(tmp_path, "a.png", pixels(4, 6))
    save(tmp_path, "cat/a.png", pixels(4, 6))
    with pytest.raises(UsageError, match="beside folders"):
        read(tmp_path)
    (tmp_path / "cat" / "a.wav").write_bytes(b"")
    with pytest.raises(UsageError, match="holds images and sounds"):
        read(tmp_path)


def test_metadata_of_a_real_file_say_how_pixels_are_scaled(shared: Path) -> None:
    file = shared / "wild" / "mp_selfie_segmentation.tflite"
    found = normalization(file.read_bytes(), file.name)
    assert found == Normalization((0.0,), (255.0,))
    damaged = file.read_bytes().replace(b"M001", b"M00X")
    assert normalization(damaged, file.name) is None


def test_preprocessing_of_arrays_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((2, 1, 4, 6, 3), np.float32))
    with pytest.raises(UsageError, match="goes with folders"):
        read(tmp_path / "x.npy", "scale=0..1")


def test_a_folder_calibrates_as_its_array_does(tmp_path: Path) -> None:
    """By --preprocess of the command, and by an iterable in Python."""
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, SHAPE[1:], dtype=np.uint8) for _ in range(20)]
    for i, image in enumerate(images):
        save(tmp_path / "images", f"{i:02}.png", image)
    file, out = tmp_path / "m.tflite", tmp_path / "out.tflite"
    file.write_bytes(model(classifier))
    line = [
        "quantize",
        str(file),
        "--effort",
        "fast",
        "-o",
        str(out),
        "--calibration",
        str(tmp_path / "images"),
    ]
    made = []
    for scale, much in (("0..1", 1), ("-2..2", 4)):
        assert run([*line, "--preprocess", f"scale={scale}"]) == 0
        low = float(scale.partition("..")[0])
        samples = ((x * np.float32(much / 255) + np.float32(low))[None] for x in images)
        assert out.read_bytes() == tinyc.quantize_model(file, samples, "fast")
        made.append(out.read_bytes())
    assert made[0] != made[1]
