"""Labels of samples: from a file, or from the folders that the samples lie in."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tinyc.data.dataset import Labels
from tinyc.errors import UsageError
from tinyc.ir import Array
from tinyc.paths import missing_hint
from tinyc.verify.vectors import load_arrays

#: Names that labels have in an .npz, where it holds other arrays, too.
NAMES = ("labels", "label", "y", "y_test", "targets")
#: Names of columns of a .csv.
_FILES, _LABELS = ("file", "filename", "name", "path", "image"), ("label", "class", "target", "y")


def labels_of_arrays(array: Array, file: str) -> Labels:
    """Return labels that are numbers: of classes where they are whole and one each, else wanted outputs."""
    if array.dtype.kind not in "fiub":
        raise UsageError(f"{file}: labels are {array.dtype}; numbers are needed")
    flat = array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    if flat.ndim == 1 and flat.dtype.kind in "iub":
        if len(flat) and int(flat.min()) < 0:
            raise UsageError(f"{file}: a label is {int(flat.min())}; classes are counted from 0")
        return Labels(flat.astype(np.int64))
    if not np.isfinite(array).all():
        raise UsageError(f"{file}: has labels that are not finite")
    return Labels(np.asarray(array, np.float32))


def read_labels(path: Path, names: Sequence[str], found: Labels | None) -> Labels:
    """Return the labels that a file gives to the samples. Raises UsageError.

    names: of the samples; found: the labels that came with them, whose classes a .txt may put in another order.
    """
    suffix = path.suffix.lower()
    if suffix in {".npy", ".npz"}:
        labels = labels_of_arrays(_array(path), path.name)
    elif suffix in {".txt", ".csv"}:
        labels = _of_text(path, suffix, names, found)
    else:
        raise UsageError(f"{path}: is no file of labels", "an .npy, .npz, .txt or .csv")
    if len(labels.values) != len(names):
        raise UsageError(f"{path}: has {len(labels.values)} labels for {len(names)} samples")
    return labels


def _array(path: Path) -> Array:
    arrays = load_arrays(path)
    named = [arrays[name] for name in NAMES if name in arrays] or list(arrays.values())
    if len(named) != 1 or not named[0].ndim:
        raise UsageError(f"{path}: holds {', '.join(arrays) or 'no array'}", f"name the labels '{NAMES[0]}'")
    return named[0]


def _of_text(path: Path, suffix: str, names: Sequence[str], found: Labels | None) -> Labels:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as problem:
        raise UsageError(f"{path}: cannot be read: {problem.strerror}", missing_hint(path)) from problem
    except UnicodeDecodeError as problem:
        raise UsageError(f"{path}: is no text") from problem
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if suffix == ".csv":
        return _of_csv(path, lines, names, found)
    if (
        found is not None
        and found.classes
        and set(found.classes) <= set(lines)
        and len(set(lines)) == len(lines)
    ):
        place = np.array([lines.index(name) for name in found.classes])
        return Labels(place[found.values.astype(np.int64)], tuple(lines))
    return _of_words(path, lines, found)


def _of_csv(path: Path, lines: list[str], names: Sequence[str], found: Labels | None) -> Labels:
    """Read one column of labels in the samples' order, or two: the samples' names and their labels."""
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    except csv.Error as problem:
        raise UsageError(f"{path}: is no .csv: {problem}") from problem
    head = [cell.lower() for cell in rows[0]] if rows else []
    if len({len(row) for row in rows}) > 1 or not 1 <= len(head) <= 2:
        raise UsageError(f"{path}: one or two columns are read: LABEL, or FILE,LABEL")
    if any(cell in (*_FILES, *_LABELS) for cell in head):
        rows = rows[1:]
    if len(head) == 1:
        return _of_words(path, [row[0] for row in rows], found)
    named = 1 if head[0] in _LABELS and head[1] in _FILES else 0
    given = {row[named]: row[1 - named] for row in rows}
    missing = [name for name in names if name not in given and Path(name).name not in given]
    if missing:
        raise UsageError(
            f"{path}: has no label of {missing[0]}", "rows are FILE,LABEL, files as in the folder"
        )
    return _of_words(path, [given[n] if n in given else given[Path(n).name] for n in names], found)


def _of_words(path: Path, words: list[str], found: Labels | None) -> Labels:
    """Return classes by number or by name; names are numbered as the folders are, else in their own order."""
    try:
        return labels_of_arrays(np.array([int(word) for word in words], np.int64), path.name)
    except ValueError:
        pass
    try:
        return labels_of_arrays(np.array([float(word) for word in words], np.float32), path.name)
    except ValueError:
        pass
    known = (
        found.classes if found is not None and set(words) <= set(found.classes) else tuple(sorted(set(words)))
    )
    number = {name: i for i, name in enumerate(known)}
    return Labels(np.array([number[word] for word in words], np.int64), known)
