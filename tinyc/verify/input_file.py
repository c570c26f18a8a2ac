"""The test inputs that a user brings: an .npz or .npy, as the model's own inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinyc.errors import UsageError
from tinyc.ir import DTYPES, Array, Graph, Port, Quant, TensorType
from tinyc.numerics.affine import quantize
from tinyc.verify.vectors import load_arrays

#: Least and greatest value of the types that float values are quantized to.
_LIMITS = {"int8": (-128, 127), "uint8": (0, 255)}


@dataclass(frozen=True)
class Given:
    """Inputs as the judge and the firmware get them."""

    #: one per model input, samples along axis 0
    arrays: tuple[Array, ...]
    #: what was done to the file's own values, a sentence each
    notes: tuple[str, ...] = ()


def read_inputs(graph: Graph, path: Path) -> Given:
    """Read the inputs; float values for an integer input are quantized by its scale, and a note says so."""
    arrays = by_input(graph, load_arrays(path), path.name)
    counts = {len(stacked(array, port)) for array, port in zip(arrays, graph.inputs, strict=True)}
    made, notes = [], []
    for i, (found, port) in enumerate(zip(arrays, graph.inputs, strict=True)):
        array = stacked(found, port)
        want = port.type.shape
        if array.shape[1:] != want or len(counts) > 1 or not len(array):
            raise UsageError(
                f"{path.name}: in{i} has shape {list(found.shape)}, expected [samples, {', '.join(map(str, want))}]"
            )
        if array.dtype.kind == "f" and port.type.quant is not None and port.type.dtype in _LIMITS:
            notes.append(_note(i, array, port))
            array = quantized_by(array, port.type)
        if array.dtype != DTYPES[port.type.dtype]:
            raise UsageError(
                f"{path.name}: in{i} is {array.dtype}, the model's input is {port.type.dtype}", _hint(port)
            )
        made.append(np.ascontiguousarray(array))
    return Given(tuple(made), tuple(notes))


def by_input(graph: Graph, arrays: Mapping[str, Array], source: str) -> list[Array]:
    """Return one array per model input: named in0, in1 ..., or after the inputs, or not named at all.

    source: where they come from, for messages.
    """
    ports = graph.inputs
    if len(ports) == 1 and len(arrays) == 1:
        return list(arrays.values())
    positions = range(len(ports))
    schemes = (
        [f"in{i}" for i in positions],
        [port.name for port in ports],
        [_short(port.name) for port in ports],
        [f"arr_{i}" for i in positions],
    )
    for names in schemes:
        if all(name in arrays for name in names):
            return [arrays[name] for name in names]
    wanted = ", ".join(f"in{i} ('{_short(port.name)}')" for i, port in enumerate(ports))
    raise UsageError(
        f"{source} holds {', '.join(arrays) or 'no array'}; the model takes {wanted}",
        "arrays are named in0, in1, ... in the order of the model's inputs, or after them",
    )


def _short(name: str) -> str:
    """Return what a user called the input whose tensor the converter named `serving_default_image:0`."""
    return name.removeprefix("serving_default_").partition(":")[0]


def stacked(array: Array, port: Port) -> Array:
    """Return the array with its axis of samples, where it is one sample or has them along the batch axis."""
    want = port.type.shape
    if array.shape == want and array.shape[1:] != want:
        return array[None]
    if want[:1] == (1,):
        if array.shape == want[1:]:
            return array[None, None]
        if array.shape[1:] == want[1:]:
            return array[:, None]
    return array


def quantized_by(array: Array, kind: TensorType) -> Array:
    """Return what QUANTIZE makes of the values; a uint8 is the int8 of the same value with its sign bit flipped."""
    if kind.dtype == "int8":
        return quantize(array, kind)
    as_int8 = TensorType(kind.shape, "int8", Quant((kind.q.scale,), (kind.q.zero_point - 128,)))
    return quantize(array, as_int8).view(np.uint8) ^ np.uint8(0x80)


def _note(index: int, array: Array, port: Port) -> str:
    """Return that an input was quantized, and how much of it did not fit the range."""
    quant = port.type.q
    note = f"in{index}: float values quantized by scale {quant.scale:.6g}, zero point {quant.zero_point}"
    outside = share_outside(array, port.type)
    if not outside:
        return note
    low, high = _range(port.type)
    return f"{note}; {outside:.1%} of them lie outside {low:.4g} to {high:.4g} and were clamped"


def share_outside(array: Array, kind: TensorType) -> float:
    """Return which share of real numbers the bytes of a type do not reach; 0 of what is no real number."""
    if array.dtype.kind != "f" or kind.quant is None or kind.dtype not in _LIMITS:
        return 0.0
    (low, high), scale = _range(kind), kind.q.scale
    values = array.astype(np.float64)
    return float(np.mean((values < low - scale / 2) | (values > high + scale / 2)))


def _range(kind: TensorType) -> tuple[float, float]:
    low, high = ((limit - kind.q.zero_point) * kind.q.scale for limit in _LIMITS[kind.dtype])
    return low, high


def _hint(port: Port) -> str:
    if port.type.dtype == "float32":
        return "give the values as float32"
    return f"give {port.type.dtype} values, or float values: the model's scale quantizes them"
