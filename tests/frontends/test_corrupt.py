"""Damaged files end in ModelError, quickly, or in a graph that verifies; never in anything else."""

from __future__ import annotations

import struct
from pathlib import Path
from time import monotonic

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.passes import optimize

SECONDS = 5.0


def read(data: bytes) -> bool:
    """Whether the file was taken. Anything but a graph or a ModelError fails the test."""
    begin = monotonic()
    message = ""
    try:
        optimize(load_tflite(data, "damaged.tflite", "litert"))
    except ModelError as problem:
        message = problem.message
    assert monotonic() - begin < SECONDS
    assert not message or message.startswith("damaged.tflite: ")
    return not message


def test_truncated_files_are_refused(digits: Path) -> None:
    data = digits.read_bytes()
    for size in [*range(64), *range(64, len(data), 97), len(data) - 1]:
        assert not read(data[:size])


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits(digits: Path, seed: int) -> None:
    data = digits.read_bytes()
    rng = np.random.default_rng(seed)
    taken = 0
    for _ in range(150):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), int(rng.integers(1, 4))):
            broken[at] ^= 1 << int(rng.integers(0, 8))
        taken += read(bytes(broken))
    assert taken < 150


@pytest.mark.parametrize("value", [0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0])
def test_every_word_overwritten(value: int) -> None:
    data = small()
    for at in range(0, len(data) - 4, 4):
        read(data[:at] + struct.pack("<I", value) + data[at + 4 :])


@pytest.mark.parametrize(
    "data", [b"", b"TFL3", b"\0" * 64, b"\x08\0\0\0TFL3", b"\xff" * 200, b"PK\x03\x04" + b"\0" * 60]
)
def test_other_files_are_refused(data: bytes) -> None:
    assert not read(data)


def test_a_file_without_buffers_is_refused() -> None:
    data = bytearray(small())
    root = struct.unpack_from("<I", data, 0)[0]
    vtable = root - struct.unpack_from("<i", data, root)[0]
    struct.pack_into("<H", data, vtable + 4 + 2 * 4, 0)
    with pytest.raises(ModelError, match="no vector of buffers"):
        load_tflite(bytes(data), "damaged.tflite", "litert")


def test_the_unbroken_file_is_taken(digits: Path) -> None:
    assert read(digits.read_bytes())
    assert read(small())


def small() -> bytes:
    w = ModelWriter()
    x = w.tensor((1, 4, 4, 2), "int8", 0.1, 3)
    weights = w.tensor((3, 3, 3, 2), "int8", 0.01, 0, data=np.ones((3, 3, 3, 2)))
    bias = w.tensor((3,), "int32", 0.001, 0, data=np.arange(3))
    y = w.tensor((1, 4, 4, 3), "int8", 0.2, -5)
    z = w.tensor((1, 48), "int8", 0.2, -5)
    w.op("CONV_2D", [x, weights, bias], [y], stride_h=1, stride_w=1)
    w.op("RESHAPE", [y, w.constant([1, -1])], [z], new_shape=[1, -1])
    return w.finish([x], [z])
