"""The data of the reproduction: images [N, C, H, W] float32 and labels, and a text in characters."""

from __future__ import annotations

import io
import tarfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_RATE, _SECOND = 8000, 8000
#: Windows of 32 ms, 20 ms apart, in as many bands of the mel scale.
_WINDOW, _STEP, _BANDS = 256, 160, 20


@dataclass(frozen=True, eq=False)
class Data:
    """x: inputs, y: classes; of a text, both are characters by number, [N]."""

    x: Any
    y: Any
    x_test: Any
    y_test: Any


def digits() -> Data:
    """Return scikit-learn's 8x8 digits, a quarter of them to test."""
    from sklearn.datasets import load_digits  # noqa: PLC0415
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    found = load_digits()
    images = (found.images[:, None] / 16).astype(np.float32)
    parts = train_test_split(images, found.target, test_size=0.25, random_state=7, stratify=found.target)
    return Data(parts[0], parts[2], parts[1], parts[3])


def spoken(folder: Path, work: Path) -> Data:
    """Return the free spoken digits as log-mel pictures, [N, 1, 49, 20]; recordings 0 to 4 of each speaker to test."""
    kept = work / "spoken.npz"
    if not kept.exists():
        rows = list(_recordings(folder / "datasets/fsdd_wav.tar.xz"))
        x = np.stack([log_mel(sound) for _, _, sound in rows])[:, None]
        y, test = np.array([d for d, _, _ in rows]), np.array([n < 5 for _, n, _ in rows])
        mean, deviation = x[~test].mean(), x[~test].std()
        np.savez(kept, x=(x - mean) / deviation, y=y, test=test)
    with np.load(kept) as file:
        x, y, test = file["x"].astype(np.float32), file["y"], file["test"]
    return Data(x[~test], y[~test], x[test], y[test])


def _recordings(archive: Path) -> Iterator[tuple[int, int, Floats]]:
    """Yield the digit, the number and the sound of each recording, in the order of names."""
    with tarfile.open(archive) as tar:
        for member in sorted((m for m in tar if m.name.endswith(".wav")), key=lambda m: m.name):
            digit, _, number = Path(member.name).stem.split("_")
            with wave.open(io.BytesIO(tar.extractfile(member).read())) as file:  # type: ignore[union-attr]
                assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (_RATE, 1, 2)
                sound = np.frombuffer(file.readframes(_SECOND), "<i2").astype(np.float32) / 32768
            yield int(digit), int(number), np.pad(sound, (0, _SECOND - len(sound)))


def log_mel(sound: Floats) -> Floats:
    """sound: [8000], -1 to 1 -> [49, 20]: logarithms of the power in bands of the mel scale, 60 Hz to 4 kHz."""
    starts = range(0, _SECOND - _WINDOW + 1, _STEP)
    frames = np.stack([sound[at : at + _WINDOW] for at in starts])
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)) ** 2
    edges = 700 * np.expm1(np.linspace(_mel(60), _mel(4000), _BANDS + 2) / 1127)
    at = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    bands = np.clip(np.minimum((at - low) / (middle - low), (high - at) / (high - middle)), 0, None)
    return np.asarray(np.log(power @ bands.T + 1e-6), np.float32)


def _mel(hertz: float) -> float:
    return float(1127 * np.log1p(hertz / 700))


def cifar10(folder: Path, work: Path) -> Data:
    """Return CIFAR-10, -1 to 1."""
    from benchmarks.quantization import decoded_images, scaled  # noqa: PLC0415

    archive = folder / "datasets/cifar10_jpeg.tar.xz"
    parts = []
    for part in ("train", "test"):
        images, labels = decoded_images(archive, part, None, work / f"cifar10_{part}.npz")
        parts += [scaled(images).transpose(0, 3, 1, 2), labels]
    return Data(*parts)


def text() -> tuple[Data, int]:
    """Return the manual that Python ships (pydoc_data.topics) as numbers of characters, and how many there are.

    The last tenth is to test. Rare characters are one.
    """
    from pydoc_data.topics import topics  # noqa: PLC0415

    whole = "\n".join(topics[name] for name in sorted(topics))
    characters = sorted(c for c in set(whole) if whole.count(c) >= 50)
    number = {c: i + 1 for i, c in enumerate(characters)}
    found = np.array([number.get(c, 0) for c in whole], np.int64)
    cut = len(found) * 9 // 10
    return Data(found[:cut], found[1 : cut + 1], found[cut:-1], found[cut + 1 :]), len(characters) + 1
