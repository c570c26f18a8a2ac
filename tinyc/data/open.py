"""DATA, told by what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinyc.data.arrays import as_samples, dataset_of, open_arrays
from tinyc.data.dataset import Calibration, DataSet
from tinyc.data.folder import open_folder
from tinyc.data.labels import read_labels
from tinyc.data.preprocess import AS_IS, Preprocess
from tinyc.errors import UsageError
from tinyc.ir import Array, Graph
from tinyc.verify.input_file import by_input

#: What the range of an input of bytes tells of the pixels that it was made for, within a share of it.
_RANGES, _NEAR = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)), 0.02
_MEMORY = "samples"


def open_data(
    graph: Graph,
    source: Calibration,
    how: Preprocess | None = None,
    labels: Path | None = None,
    moved: frozenset[str] = frozenset(),
) -> DataSet:
    """Return the samples of a graph's inputs, read as they are needed. Raises UsageError or ToolError.

    source: an .npz, an .npy, a folder of images or sounds, an array, arrays by name, or an iterable of samples;
    labels: a file that has them; moved: inputs, by tensor, that arrays may have as [N, C, H, W] where the graph has
    [N, H, W, C].
    """
    chosen = how or AS_IS
    if isinstance(source, str | Path):
        found = _of_path(graph, Path(source), chosen, moved)
    elif chosen != AS_IS:
        raise UsageError("preprocessing goes with folders: arrays are taken as they are")
    elif isinstance(source, np.ndarray):
        found = dataset_of(graph, {"in0": source}, moved, _MEMORY)
    elif isinstance(source, Mapping):
        found = dataset_of(graph, {n: np.asarray(x) for n, x in source.items()}, moved, _MEMORY)
    else:
        found = dataset_of(graph, _gathered(graph, source, moved), frozenset(), _MEMORY)
    if labels is None:
        return found
    return DataSet(found.inputs, found.names, read_labels(labels, found.names, found.labels), found.notes)


def _of_path(graph: Graph, path: Path, how: Preprocess, moved: frozenset[str]) -> DataSet:
    if not path.is_dir():
        if how != AS_IS:
            raise UsageError(
                f"{path}: --preprocess goes with folders of images or sounds: arrays are taken as they are"
            )
        return open_arrays(graph, path, moved)
    if len(graph.inputs) != 1:
        raise UsageError(
            f"{path}: a folder gives one input, and the model has {len(graph.inputs)}",
            "give an .npz with all of them",
        )
    (port,) = graph.inputs
    return open_folder(path, port, how, None if how.says_values else _default_scale(graph))


def _default_scale(graph: Graph) -> tuple[float, float] | None:
    """Return what black and white are by the scale of an input of bytes; None where it does not tell."""
    (port,) = graph.inputs
    quant = graph.type(port.tensor).quant or port.type.quant
    if quant is None:
        return None
    least = 0 if port.type.dtype == "uint8" and port.type.quant is quant else -128
    low, high = ((byte - quant.zero_point) * quant.scale for byte in (least, least + 255))
    for first, last in _RANGES:
        if max(abs(low - first), abs(high - last)) <= _NEAR * (last - first):
            return first, last
    return None


def _gathered(graph: Graph, source: Iterable[object], moved: frozenset[str]) -> dict[str, Array]:
    """Return what an iterable yields: an array for the one input, or a tuple, list or dict of arrays for several."""
    parts: list[list[Array]] = [[] for _ in graph.inputs]
    try:
        for number, item in enumerate(source):
            found = by_input(graph, _named(graph, item), f"sample {number}")
            for part, array, port in zip(parts, found, graph.inputs, strict=True):
                made = as_samples(array, port, port.tensor in moved)
                if made.shape[1:] != port.type.shape:
                    want = ", ".join(map(str, port.type.shape))
                    raise UsageError(f"sample {number} has shape {list(array.shape)}, expected [{want}]")
                part.append(made)
    except (TypeError, ValueError) as problem:
        raise UsageError(f"{_MEMORY}: are no arrays: {problem}") from problem
    if not parts[0]:
        raise UsageError(f"{_MEMORY}: the iterable yields nothing")
    return {f"in{i}": np.concatenate(found) for i, found in enumerate(parts)}


def _named(graph: Graph, item: object) -> dict[str, Array]:
    if isinstance(item, Mapping):
        return {name: np.asarray(x) for name, x in item.items()}
    several = isinstance(item, tuple | list) and len(graph.inputs) > 1
    parts: Iterable[Any] = item if several and isinstance(item, Iterable) else [item]
    return {f"in{i}": np.asarray(x) for i, x in enumerate(parts)}
