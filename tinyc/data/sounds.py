"""Sounds as a model's input: PCM decoded, mixed to one channel, brought to the model's rate, cut into its length."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tinyc.data.preprocess import Preprocess
from tinyc.errors import UsageError
from tinyc.ir import Array

SUFFIXES = (".wav", ".wave")
#: Zero crossings of the filter on either side, at the lower of the two rates.
_CROSSINGS = 16
#: Outputs that are resampled at once.
_CHUNK = 1 << 16

Float32 = npt.NDArray[np.float32]

#: Kinds of numbers in a file, and the one that says that another field has the kind.
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
#: Most samples per second that a header may say.
_HIGHEST_RATE = 1 << 20


@dataclass(frozen=True)
class Header:
    """rate: samples per second; width: bytes of a number; count: samples of each channel; start: their first byte."""

    rate: int
    channels: int
    width: int
    is_float: bool
    start: int
    count: int


@dataclass(frozen=True)
class Frame:
    """A part of a file. at: its number among the file's parts."""

    file: Path
    at: int


def wave_length(shape: tuple[int, ...]) -> int | None:
    """Return how many samples an input of a shape takes; None where it is no waveform."""
    long = [size for size in shape if size > 1]
    return long[0] if len(long) == 1 else None


def frames_of(
    folder: Path, files: list[Path], shape: tuple[int, ...], how: Preprocess
) -> tuple[list[Frame], int]:
    """Return the frames of all files, and the rate they are read at. Raises UsageError."""
    length = wave_length(shape)
    if length is None:
        raise UsageError(
            f"{folder}: holds sounds, and the model's input {list(shape)} is no waveform",
            "compute its features and give them as an .npz",
        )
    headers = {file: read_header(file) for file in files}
    rates = {header.rate for header in headers.values()}
    if how.rate is None and len(rates) > 1:
        raise UsageError(
            f"{folder}: its files have {', '.join(map(str, sorted(rates)))} samples per second",
            "say which the model takes: --preprocess rate=16000",
        )
    rate = how.rate or rates.pop()
    frames = []
    for file, header in headers.items():
        whole = -(-header.count * rate // header.rate) // length
        frames += [Frame(file, i) for i in range(1 if how.frames == "first" else max(1, whole))]
    return frames, rate


def sound_reader(shape: tuple[int, ...], how: Preprocess, rate: int) -> Callable[[Frame], Array]:
    """Return what reads a frame as an input of a shape, float32: -1 to 1 where `how` does not say otherwise."""
    length = wave_length(shape) or 1

    def read(frame: Frame) -> Array:
        own = read_header(frame.file).rate
        ratio = own / rate
        margin = 0 if own == rate else int(np.ceil(_CROSSINGS * max(1.0, ratio))) + 1
        first = frame.at * length * own // rate - margin
        count = int(np.ceil(length * ratio)) + 2 * margin + 1
        x = decoded(frame.file, max(0, first), count + min(0, first))
        x = np.pad(x, (max(0, -first), max(0, count - len(x) - max(0, -first))))
        if own != rate:
            x = resampled(x, own, rate, frame.at * length, first, length)
        return how.applied(x[:length], -1.0, 1.0, (-1.0, 1.0)).reshape(shape)

    return read


def resampled(x: Float32, own: int, rate: int, start: int, first: int, count: int) -> Float32:
    """Return outputs start .. start + count at `rate` of a signal at rate `own`, whose part x begins at sample `first`.

    A polyphase filter: a sinc under a Hann window, cut off at the lower of the two rates.
    """
    divisor = gcd(own, rate)
    up, down = rate // divisor, own // divisor
    cutoff = min(1.0, up / down)
    half = int(np.ceil(_CROSSINGS / cutoff))
    taps = np.arange(-half, half + 1)
    parts = []
    for begin in range(start, start + count, _CHUNK):
        at = np.arange(begin, min(begin + _CHUNK, start + count), dtype=np.int64)
        whole, phase = at * down // up, at * down % up
        phases, which = np.unique(phase, return_inverse=True)
        distance = taps[None] - phases[:, None] / up
        window = 0.5 + 0.5 * np.cos(np.pi * np.clip(distance / (half + 1), -1, 1))
        filters = cutoff * np.sinc(cutoff * distance) * window
        filters /= filters.sum(axis=1, keepdims=True)
        index = whole[:, None] - first + taps[None]
        inside = (index >= 0) & (index < len(x))
        seen = np.where(inside, x[np.clip(index, 0, len(x) - 1)], 0)
        parts.append(np.einsum("nt,nt->n", seen, filters[which]))
    return np.asarray(np.concatenate(parts), np.float32)


def read_header(file: Path) -> Header:
    """Read what a .wav says of itself. Raises UsageError for what is no sound or is compressed."""
    try:
        return _header(file)
    except (OSError, struct.error, ValueError) as problem:
        told = "it ends early" if isinstance(problem, struct.error) else problem
        raise UsageError(
            f"{file}: cannot be read as a .wav: {told}",
            "PCM of 8, 16, 24 or 32 bits and floats of 32 bits are read",
        ) from problem


def _header(file: Path) -> Header:
    form: tuple[int, ...] | None = None
    with file.open("rb") as stream:
        riff, _, kind = struct.unpack("<4sI4s", stream.read(12))
        if (riff, kind) != (b"RIFF", b"WAVE"):
            raise ValueError("it is none")
        while True:
            name, size = struct.unpack("<4sI", stream.read(8))
            if name == b"data":
                break
            body = stream.read(size + size % 2)
            if name == b"fmt ":
                form = struct.unpack_from("<HHIIHH", body)
                if form[0] == _EXTENSIBLE:
                    form = (*struct.unpack_from("<H", body, 24), *form[1:])
        start = stream.tell()
        left = stream.seek(0, 2) - start
    if form is None:
        raise ValueError("its header is damaged")
    kind_of, channels, rate, _, _, bits = form
    if (kind_of, bits) not in {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32)}:
        raise ValueError(f"its numbers are of kind {kind_of} with {bits} bits")
    if not (channels and 0 < rate <= _HIGHEST_RATE):
        raise ValueError("its header is damaged")
    count = min(size, left) // (channels * bits // 8)
    if not count:
        raise ValueError("it holds no sound")
    return Header(rate, channels, bits // 8, kind_of == _FLOAT, start, count)


def decoded(file: Path, first: int, count: int) -> Float32:
    """Return up to `count` samples from `first` on, the mean of all channels, -1 to 1."""
    header = read_header(file)
    each = header.width * header.channels
    first = min(first, header.count)
    with file.open("rb") as stream:
        stream.seek(header.start + first * each)
        data = stream.read(max(0, min(count, header.count - first)) * each)
    if header.is_float:
        values = np.frombuffer(data, "<f4").astype(np.float64)
        if not np.isfinite(values).all():
            raise UsageError(f"{file}: has values that are not finite")
    elif header.width == 1:
        values = (np.frombuffer(data, np.uint8).astype(np.float64) - 128) / 128
    elif header.width == 3:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        values = wide.view("<i4")[:, 0] / 2.0**31
    else:
        values = np.frombuffer(data, f"<i{header.width}") / 2.0 ** (8 * header.width - 1)
    return np.asarray(values.reshape(-1, header.channels).mean(axis=1), np.float32)
