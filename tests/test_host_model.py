"""tinyc.load: the compiled model as a function."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import tinyc
from tinyc.errors import UsageError
from tinyc.host_model import HostModel

pytestmark = pytest.mark.skipif(not shutil.which("gcc"), reason="gcc is not installed")


def test_samples_have_an_axis_of_their_own_or_the_batch_axis(digits: Path) -> None:
    model = tinyc.load(digits)
    x = np.random.default_rng(1).integers(-128, 128, (3, 1, 8, 8, 1)).astype(np.int8)
    y = model(x)
    assert isinstance(y, np.ndarray)
    assert y.shape == (3, 1, 10)
    assert np.array_equal(model(x[:, 0]), y)
    one = model(x[2])
    assert isinstance(one, np.ndarray)
    assert one.shape == (1, 10)
    assert np.array_equal(one, y[2])
    for wrong in (x[0, 0], x[..., None], x.astype(np.float32)):
        with pytest.raises(UsageError, match=r"expected int8\[samples, 1, 8, 8, 1\]"):
            model(wrong)


def test_it_tells_what_it_takes_and_gives(digits: Path) -> None:
    model = tinyc.load(digits)
    image, scores = model.inputs[0], model.outputs[0]
    assert (image.shape, image.dtype, image.zero_point) == ((1, 8, 8, 1), "int8", -128)
    assert image.scale == pytest.approx(1 / 255)
    assert (scores.shape, scores.dtype, scores.scale, scores.zero_point) == ((1, 10), "int8", 1 / 256, -128)
    shown = repr(model).splitlines()
    assert shown[0] == f"digits.tflite, arena {model.arena_bytes:,} bytes"
    assert shown[1].endswith("int8 [1, 8, 8, 1], scale 0.00392157, zero point -128")
    assert HostModel.__doc__ is not None
    for line in shown[1:]:
        assert line in HostModel.__doc__
