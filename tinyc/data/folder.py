"""A folder of images or of sounds, perhaps with a folder for each class."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinyc.data import images, sounds
from tinyc.data.dataset import DataSet, Labels
from tinyc.data.preprocess import Preprocess
from tinyc.data.rows import ReadRows
from tinyc.errors import UsageError
from tinyc.ir import Port

#: Files of a folder.
_MOST = 1_000_000


@dataclass(frozen=True)
class Found:
    """Files in the order of their names, and the class of each where the folder has folders."""

    files: list[Path]
    #: number of each file's class; empty where there are none
    numbers: list[int]
    classes: tuple[str, ...]


def open_folder(folder: Path, port: Port, how: Preprocess, default: tuple[float, float] | None) -> DataSet:
    """Return the files of a folder as samples of an input. Raises UsageError or ToolError.

    default: what black and white become where `how` does not say it; None leaves pixels as they are.
    """
    found = _found(folder)
    shape = port.type.shape
    if found.files[0].suffix.lower() in sounds.SUFFIXES:
        frames, rate = sounds.frames_of(folder, found.files, shape, how)
        numbers = dict(zip(found.files, found.numbers, strict=False))
        many = Counter(frame.file for frame in frames)
        names = [
            f"{frame.file.relative_to(folder)}" + (f" [{frame.at}]" if many[frame.file] > 1 else "")
            for frame in frames
        ]
        each = [numbers[frame.file] for frame in frames if numbers]
        note = f"sounds at {rate:,} samples per second, cut into {sounds.wave_length(shape):,} each"
        rows = ReadRows(frames, sounds.sound_reader(shape, how, rate))
    else:
        names = [str(file.relative_to(folder)) for file in found.files]
        each = found.numbers
        rows = ReadRows(found.files, images.image_reader(folder, shape, how, default))
        low, high = how.scale or default or (0.0, 255.0)
        note = f"pixels from black to white are {low:g} to {high:g}"
    normal = [
        f"{what} {', '.join(f'{x:g}' for x in xs)}"
        for what, xs in (("mean", how.mean), ("std", how.std))
        if xs
    ]
    notes = (", ".join([note, *normal]),)
    labels = Labels(np.array(each, np.int64), found.classes) if found.classes else None
    return DataSet({port.tensor: rows}, names, labels, notes)


def _found(folder: Path) -> Found:
    """List the files. Raises UsageError where there are none, or of both kinds."""
    kinds = images.SUFFIXES, sounds.SUFFIXES
    try:
        every = [
            path
            for path in sorted(folder.rglob("*"))
            if path.suffix.lower() in (*kinds[0], *kinds[1])
            and not any(part.startswith(".") for part in path.relative_to(folder).parts)
            and path.is_file()
        ]
    except OSError as problem:
        raise UsageError(f"{folder}: cannot be read: {problem.strerror}") from problem
    if not every:
        raise UsageError(
            f"{folder}: holds no images and no sounds", f"files ending in {', '.join((*kinds[0], *kinds[1]))}"
        )
    if len(every) > _MOST:
        raise UsageError(f"{folder}: holds more than {_MOST:,} files")
    if len({path.suffix.lower() in sounds.SUFFIXES for path in every}) > 1:
        raise UsageError(f"{folder}: holds images and sounds", "one kind to a folder")
    parts = [path.relative_to(folder).parts for path in every]
    depths = {len(p) > 1 for p in parts}
    if len(depths) > 1:
        loose = next(p[0] for p in parts if len(p) == 1)
        raise UsageError(
            f"{folder}: holds files such as {loose} beside folders", "a folder for each class, or none at all"
        )
    if not depths.pop():
        return Found(every, [], ())
    classes = tuple(sorted({p[0] for p in parts}))
    number = {name: i for i, name in enumerate(classes)}
    return Found(every, [number[p[0]] for p in parts], classes)
