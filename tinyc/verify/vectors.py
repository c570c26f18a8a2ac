"""Test vectors: inputs and expected outputs as the model file's own tensors, and as the C API's raw bytes."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, is_zipfile

import numpy as np

from tinyc.errors import UsageError
from tinyc.ir import DTYPES, Array, Graph, Port, Quant, Tensor, TensorType
from tinyc.paths import missing_hint


@dataclass(frozen=True)
class Samples:
    """Ask for random inputs from a generator seeded with `seed`."""

    #: How many; None for DEFAULT_SAMPLES, or fewer of a model for which these take long.
    count: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class InputFile:
    """Ask for the inputs in an .npz or .npy; samples along axis 0."""

    path: Path


Request = Samples | InputFile

#: Inputs where nobody says how many.
DEFAULT_SAMPLES = 5
#: Multiply-accumulates, and elements of inputs and outputs, that all of them together may take.
_SAMPLE_MACS, _SAMPLE_ELEMENTS = 2**32, 2**23


def make_inputs(graph: Graph, request: Samples) -> tuple[Array, ...]:
    """One array per model input, samples along axis 0, in the type of the model's own interface."""
    generator = np.random.default_rng(request.seed)
    count = _default_count(graph) if request.count is None else request.count
    return tuple(_random(generator, port, graph, count) for port in graph.inputs)


def _default_count(graph: Graph) -> int:
    """DEFAULT_SAMPLES, or as many as a large model can compute in reasonable time; at least one."""
    elements = sum(port.type.elements for port in (*graph.inputs, *graph.outputs))
    most = min(_SAMPLE_MACS // max(1, graph.macs()), _SAMPLE_ELEMENTS // max(1, elements))
    return max(1, min(DEFAULT_SAMPLES, most))


def _random(generator: np.random.Generator, port: Port, graph: Graph, count: int) -> Array:
    """Random values over the whole range of the input; at a folded float border, between the quantized steps too."""
    shape = (count, *port.type.shape)
    inner = graph.type(port.tensor)
    if port.type.dtype == "float32":
        if inner.quant is None:
            return generator.normal(size=shape).astype(np.float32)
        steps = generator.integers(-128, 128, shape) + generator.uniform(-0.49, 0.49, shape)
        return ((steps - inner.q.zero_point) * inner.q.scale).astype(np.float32)
    if port.type.dtype == "uint8":
        return generator.integers(0, 256, shape, dtype=np.uint8)
    if port.type.dtype != "int8":  # an index or a choice: the least that there are
        return generator.integers(0, 2, shape).astype(DTYPES[port.type.dtype])
    return generator.integers(-128, 128, shape, dtype=np.int8)


def read_arrays(path: Path, prefix: str) -> tuple[Array, ...]:
    """Arrays `prefix`0, `prefix`1, ... of an .npz. Raises UsageError."""
    arrays = load_arrays(path)
    names = [f"{prefix}{i}" for i in range(len(arrays))]
    return tuple(arrays[name] for name in names if name in arrays)


def load_arrays(path: Path) -> dict[str, Array]:
    """The arrays of an .npz by name, or the one array of an .npy as in0. Raises UsageError."""
    try:
        _check_size(path)
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"in0": loaded}
        with loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as problem:
        raise UsageError(f"{path}: cannot be read: {problem.strerror}.", missing_hint(path)) from problem
    except _NO_ARRAYS as problem:
        raise UsageError(f"{path}: cannot be read as .npz or .npy: {problem or 'too large'}") from problem
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise UsageError(f"{path}: cannot be read as .npz or .npy: it holds something else")
    return arrays


def map_array(path: Path) -> Array | None:
    """Return the array of an .npy as it lies on the disk, read as it is used; None for any other file."""
    try:
        with path.open("rb") as stream:
            if stream.read(6) != b"\x93NUMPY":
                return None
        mapped: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except _NO_ARRAYS:
        return None
    return mapped if mapped.ndim else None


#: What numpy and zipfile raise for files that are damaged, or made to be.
_NO_ARRAYS = (
    OSError, ValueError, EOFError, KeyError, BadZipFile, MemoryError, SyntaxError, TypeError, RuntimeError,
    NotImplementedError, zlib.error, struct.error,
)  # fmt: skip

_LARGEST = 1 << 31


def _check_size(path: Path) -> None:
    """Raise ValueError for an archive that would unpack to more than 2 GB."""
    if is_zipfile(path):
        with ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > _LARGEST:
            raise ValueError(f"it unpacks to {size:,} bytes")


def pack_arrays(arrays: Mapping[str, Array]) -> bytes:
    """An .npz with the same bytes for the same arrays."""
    stream = BytesIO()
    np.savez(stream, **dict(arrays))  # type: ignore[arg-type]
    return stream.getvalue()


def little_endian(array: Array) -> bytes:
    """The tensor's raw bytes, in C order."""
    return np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()


def split_outputs(data: tuple[bytes, ...], graph: Graph) -> tuple[Array, ...]:
    """Raw output bytes per sample, as one array per output of the C API, samples along axis 0."""
    found = []
    at = 0
    for port in graph.outputs:
        t = graph.type(port.tensor)
        raw = b"".join(sample[at : at + t.bytes] for sample in data)
        found.append(np.frombuffer(raw, DTYPES[t.dtype].newbyteorder("<")).reshape(len(data), *t.shape))
        at += t.bytes
    return tuple(found)


def sha256_of(arrays: tuple[Array, ...]) -> str:
    """Digest over raw little-endian out0, out1, ... in C order."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(little_endian(array))
    return digest.hexdigest()


def interface(graph: Graph) -> dict[str, Any]:
    """The model's inputs and outputs for report.json: as the C API has them, and as the model file has them."""
    return {
        key: [_described(graph, port) for port in ports]
        for key, ports in (("inputs", graph.inputs), ("outputs", graph.outputs))
    }


def _described(graph: Graph, port: Port) -> dict[str, Any]:
    t = graph.type(port.tensor)
    return {
        "name": port.name,
        "shape": list(t.shape),
        **({"channels_second": True} if port.channels_second else {}),
        "dtype": t.dtype,
        "model_dtype": port.type.dtype,
        "scale": t.q.scale if t.quant else None,
        "zero_point": t.q.zero_point if t.quant else None,
    }


def interface_graph(described: dict[str, Any]) -> Graph:
    """A graph without ops that has these inputs and outputs: enough to convert vectors."""
    tensors: dict[str, Tensor] = {}
    ports: dict[str, list[Port]] = {"inputs": [], "outputs": []}
    for key, found in ports.items():
        for i, one in enumerate(described[key]):
            quant = None if one["scale"] is None else Quant((one["scale"],), (one["zero_point"],))
            shape = tuple(one["shape"])
            name = f"{key} {i}"
            tensors[name] = Tensor(name, TensorType(shape, one["dtype"], quant))
            second = bool(one.get("channels_second")) and len(shape) > 1
            outside = (shape[0], shape[-1], *shape[1:-1]) if second else shape
            found.append(Port(one["name"], name, TensorType(outside, one["model_dtype"]), second))
    return Graph("interface", tensors, (), tuple(ports["inputs"]), tuple(ports["outputs"]))
