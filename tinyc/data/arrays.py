"""Arrays as samples of a model's inputs: of an .npz, an .npy, or in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinyc.data.dataset import DataSet, Labels
from tinyc.data.labels import NAMES, labels_of_arrays
from tinyc.data.rows import MadeRows, Rows
from tinyc.errors import UsageError
from tinyc.ir import DTYPES, Array, Graph, Port
from tinyc.verify.input_file import by_input, stacked
from tinyc.verify.vectors import load_arrays, map_array

#: Values that are looked at at once.
_CHECKED = 1 << 24


def open_arrays(graph: Graph, path: Path, moved: frozenset[str]) -> DataSet:
    """Return what an .npz or .npy holds. Raises UsageError.

    Labels may be with it, under the name `labels`, `label`, `y`, `y_test` or `targets`.
    """
    mapped = map_array(path)
    arrays = load_arrays(path) if mapped is None else {"in0": mapped}
    labels = None
    name = next((name for name in NAMES if name in arrays), None)
    if name is not None and len(arrays) > len(graph.inputs):
        labels = labels_of_arrays(arrays.pop(name), f"{path.name}: {name}")
    return dataset_of(graph, arrays, moved, path.name, labels)


def dataset_of(
    graph: Graph,
    arrays: Mapping[str, Array],
    moved: frozenset[str],
    source: str,
    labels: Labels | None = None,
) -> DataSet:
    """Return arrays as samples: of the model's own type as they are, other numbers as real ones.

    moved: inputs, by tensor, that the arrays may have as [N, C, H, W] where the graph has [N, H, W, C]; source: for
    messages.
    """
    found: dict[str, Rows] = {}
    for i, (given, port) in enumerate(zip(by_input(graph, dict(arrays), source), graph.inputs, strict=True)):
        array = as_samples(given, port, port.tensor in moved)
        if array.shape[1:] != port.type.shape or not len(array):
            want = ", ".join(map(str, port.type.shape))
            raise UsageError(f"{source}: in{i} has shape {list(given.shape)}, expected [samples, {want}]")
        if array.dtype.kind not in "fiub":
            raise UsageError(f"{source}: in{i} is {array.dtype}; numbers are needed")
        found[port.tensor] = _typed(array, port)
        step = max(1, _CHECKED // max(1, port.type.elements))
        if array.dtype.kind == "f" and not all(
            np.isfinite(array[k : k + step]).all() for k in range(0, len(array), step)
        ):
            raise UsageError(f"{source}: in{i} has values that are not finite")
    counts = [len(x) for x in found.values()]
    if len(set(counts)) > 1:
        raise UsageError(f"{source}: the inputs have {', '.join(map(str, counts))} samples")
    if labels is not None and len(labels.values) != counts[0]:
        raise UsageError(f"{source}: has {len(labels.values)} labels for {counts[0]} samples")
    return DataSet(found, [f"#{i}" for i in range(counts[0])], labels)


def _typed(array: Array, port: Port) -> Rows:
    """Return rows of the model's own type, or of float32."""
    own = DTYPES[port.type.dtype]
    is_own = array.dtype == own or own.kind not in "fiu" or (own.kind in "iu" and own.itemsize > 1)
    kind = own if is_own else np.dtype(np.float32)
    return MadeRows(array, lambda part: np.ascontiguousarray(part, kind))


def as_samples(array: Array, port: Port, is_moved: bool) -> Array:
    """Return one sample or several as [N, *shape], where that can be: with channels last, where they may be second."""
    if not is_moved:
        return stacked(array, port)
    shape = port.type.shape
    first = replace(port, type=replace(port.type, shape=(shape[0], shape[-1], *shape[1:-1])))
    made = stacked(array, first)
    return np.moveaxis(made, 2, -1) if made.shape[1:] == first.type.shape else stacked(array, port)
