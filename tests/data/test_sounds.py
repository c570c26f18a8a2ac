"""Folders of sounds as samples: kinds of numbers, channels, rates, frames."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.data.test_images import graph
from tinyc.data import open_data, parse_preprocess
from tinyc.errors import UsageError
from tinyc.ir import Array

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def wav(path: Path, x: Any, bits: int = 16, rate: int = 8000, kind: int = PCM) -> None:
    """Write samples of -1 to 1, [N] or [N, channels]."""
    x = np.asarray(x, np.float64)
    channels = 1 if x.ndim == 1 else x.shape[1]
    flat = x.reshape(-1)
    if kind == FLOAT:
        data = flat.astype("<f4").tobytes()
    elif bits == 8:
        data = np.clip(np.round(flat * 128) + 128, 0, 255).astype(np.uint8).tobytes()
    else:
        top = 2.0 ** (bits - 1)
        whole = np.clip(np.round(flat * top), -top, top - 1).astype("<i4")
        data = whole.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    each = channels * bits // 8
    form = struct.pack(
        "<HHIIHH", PCM if kind == EXTENSIBLE else kind, channels, rate, rate * each, each, bits
    )
    if kind == EXTENSIBLE:
        form = (
            struct.pack("<H", EXTENSIBLE) + form[2:] + struct.pack("<HHIH14s", 22, bits, 0, PCM, b"\0" * 14)
        )
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body = (
        b"WAVEfmt "
        + struct.pack("<I", len(form))
        + form
        + extra
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)


def read(folder: Path, length: int, text: str = "") -> Array:
    data = open_data(graph(1, length), folder, parse_preprocess(text))
    return data.part(0, len(data))["x"][:, 0]


def tone(count: int, rate: int, hertz: float = 440.0) -> Any:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(count) / rate)


@pytest.mark.parametrize(("bits", "kind"), [(8, 1), (16, 1), (24, 1), (32, 1), (32, 3), (24, EXTENSIBLE)])
def test_every_kind_of_number(bits: int, kind: int, tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(-1, 0.99, 100)
    wav(tmp_path / "a.wav", x, bits, kind=kind)
    np.testing.assert_allclose(read(tmp_path, 100)[0], x, atol=2.0 ** (1 - min(bits, 20)))


def test_channels_are_mixed_and_what_is_short_is_filled_up(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", [[0.5, 0.25], [0.0, -0.5]])
    assert read(tmp_path, 4).tolist() == [[0.375, -0.25, 0.0, 0.0]]


def test_frames(tmp_path: Path) -> None:
    """A file is cut into the input's length; a rest is left out."""
    x = np.arange(25) / 32
    wav(tmp_path / "yes" / "a.wav", x)
    wav(tmp_path / "no" / "b.wav", x[:10])
    data = open_data(graph(1, 10, 1), tmp_path)
    assert list(data.names) == ["no/b.wav", "yes/a.wav [0]", "yes/a.wav [1]"]
    assert data.labels is not None and data.labels.values.tolist() == [0, 1, 1]
    assert data.part(2, 3)["x"].reshape(-1).tolist() == x[10:20].tolist()
    assert len(read(tmp_path, 10, "frames=first")) == 2


def test_scale(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", [0.5, -0.5])
    assert read(tmp_path, 2, "scale=-32768..32768").tolist() == [[16384, -16384]]


@pytest.mark.parametrize(("own", "rate"), [(8000, 16000), (44100, 16000), (16000, 11025), (8000, 48000)])
def test_a_tone_is_the_same_tone_at_another_rate(own: int, rate: int, tmp_path: Path) -> None:
    """And frames that follow one another fit together."""
    wav(tmp_path / "a.wav", tone(own, own), 32, rate=own)
    length = rate // 4
    found = read(tmp_path, length, f"rate={rate}").reshape(-1)
    wanted = tone(rate, rate)[: len(found)]
    inner = slice(200, len(found) - 200)
    assert len(found) == 4 * length
    assert np.abs(found - wanted)[inner].max() < 2e-3


def test_what_the_lower_rate_cannot_hold_is_filtered_out(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", tone(16000, 16000, 6500.0), 32, rate=16000)
    assert np.abs(read(tmp_path, 8000, "rate=8000")[0, 200:-200]).max() < 5e-3


def test_what_cannot_be_is_told(tmp_path: Path) -> None:
    wav(tmp_path / "a.wav", np.zeros(4))
    with pytest.raises(UsageError, match="is no waveform"):
        open_data(graph(1, 49, 10, 1), tmp_path)
    wav(tmp_path / "b.wav", np.zeros(4), rate=16000)
    with pytest.raises(UsageError, match="8000, 16000 samples per second"):
        read(tmp_path, 4)
    good = (tmp_path / "a.wav").read_bytes()
    at = good.index(b"fmt ") + 8
    for data, says in (
        (b"", "it ends early"),
        (good[:40], "it ends early"),
        (b"nothing of a sound", "it is none"),
        (good[:at] + b"\x55" + good[at + 1 :], "its numbers are of kind 85 with 16 bits"),
        (good[: at + 2] + b"\0\0" + good[at + 4 :], "its header is damaged"),
        (good[:-8], "it holds no sound"),
    ):
        (tmp_path / "b.wav").write_bytes(data)
        with pytest.raises(UsageError, match=rf"b\.wav: cannot be read as a \.wav: {says}"):
            read(tmp_path, 4)
