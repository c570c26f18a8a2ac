"""A compiled model as a Python callable, through a native shared library."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.errors import UsageError
from tinyc.ir import DTYPES, Array, Graph, Port
from tinyc.ops.evaluate import from_port, to_port
from tinyc.paths import temporary_folder
from tinyc.plain import printable
from tinyc.threads import cores

#: Takes the addresses of inputs and outputs.
Run = Callable[..., Any]

#: Samples that a thread gets at least.
_SAMPLES_PER_THREAD = 16


@dataclass(frozen=True)
class Interface:
    """One input or output of a model."""

    #: the file's name of it
    name: str
    #: of one sample
    shape: tuple[int, ...]
    #: of the arrays that HostModel takes and gives
    dtype: str
    #: of the integers that the firmware's C functions take and give: real = scale * (integer - zero_point);
    #: None where they have none
    scale: float | None
    zero_point: int | None

    def __str__(self) -> str:
        kind = f"{self.dtype} [{', '.join(map(str, self.shape))}]"
        return f"{kind}, scale {self.scale:.6g}, zero point {self.zero_point}" if self.scale else kind


class HostModel:
    """A compiled model as a Python function, by the generated C built for this computer.

    y = model(x): one array per input, one sample or samples along axis 0, of the type that `model.inputs` says:
    int8 arrays for an int8 model, float32 where its border is float. An input of [1, H, W, C] takes samples as
    [n, 1, H, W, C] and, as `--inputs` does, as [n, H, W, C]. The result is the output array, or a tuple of them
    where the model has several. `print(model)` shows name, shape, type, scale and zero point of each input and
    output, and the bytes of the arena:

        >>> model
        digits.tflite, arena 1,960 bytes
          input  'serving_default_image:0': int8 [1, 8, 8, 1], scale 0.00392157, zero point -128
          output 'StatefulPartitionedCall_1:0': int8 [1, 10], scale 0.00390625, zero point -128
        >>> real = model.outputs[0].scale * (y - float(model.outputs[0].zero_point))

    Many samples are shared among the computer's cores. Not to be called by several threads.
    """

    #: the model's interface, in its order
    inputs: tuple[Interface, ...]
    outputs: tuple[Interface, ...]
    #: what the C computes, with the types at its borders
    graph: Graph
    #: RAM of activations, rolling buffers and scratch, as planned for this computer
    arena_bytes: int

    def __init__(self, library: Path, name: str, graph: Graph, arena_bytes: int, file: str) -> None:
        """library: built from the generated C, free to go once it is loaded; graph: for the types at its borders.

        name: prefix of its C functions; file: the model file's name.
        """
        self.graph, self._file, self._name = graph, file, name
        self.inputs = tuple(_interface(port, graph) for port in graph.inputs)
        self.outputs = tuple(_interface(port, graph) for port in graph.outputs)
        self.arena_bytes = arena_bytes
        self._library = library.read_bytes()
        self._runs = [self._loaded(library)]

    def __repr__(self) -> str:
        """Return the model's file, its arena, and each input and output."""
        named = [("input ", one) for one in self.inputs] + [("output", one) for one in self.outputs]
        lines = [f"  {what} '{printable(one.name)}': {one}" for what, one in named]
        return "\n".join([f"{printable(self._file)}, arena {self.arena_bytes:,} bytes", *lines])

    def __call__(self, *inputs: npt.ArrayLike) -> Array | tuple[Array, ...]:
        """Run the model. Raises UsageError for arrays of another number, shape or type than its inputs."""
        ports = self.graph.inputs
        if len(inputs) != len(ports):
            raise UsageError(f"the model takes {len(ports)} inputs, {len(inputs)} given")
        arrays = [np.asarray(x) for x in inputs]
        single = arrays[0].shape == ports[0].type.shape
        arrays = [a[None] if single else stacked(a, port) for a, port in zip(arrays, ports, strict=True)]
        for array, port in zip(arrays, ports, strict=True):
            self._check(array, port)
        if len({len(a) for a in arrays}) != 1:
            raise UsageError("the inputs have different numbers of samples")
        outputs = self.infer(arrays)
        picked = tuple(o[0] if single else o for o in outputs)
        return picked[0] if len(picked) == 1 else picked

    @staticmethod
    def _check(array: Array, port: Port) -> None:
        if array.shape[1:] != port.type.shape or array.dtype != DTYPES[port.type.dtype]:
            raise UsageError(
                f"input '{port.name}' is {array.dtype}{list(array.shape)}, "
                f"expected {port.type.dtype}[samples, {', '.join(map(str, port.type.shape))}]"
            )

    def _copies(self, count: int) -> list[Run]:
        """Return the inference once for each thread that many samples are shared among: a library has one arena.

        One alone where a sample's answer depends on those before it.
        """
        wanted = 1 if self.graph.states else max(1, min(cores(), count // _SAMPLES_PER_THREAD))
        while len(self._runs) < wanted:
            with temporary_folder() as place:
                library = place / "model.so"
                library.write_bytes(self._library)
                self._runs.append(self._loaded(library))
        return self._runs[:wanted]

    def _loaded(self, library: Path) -> Run:
        run = ctypes.CDLL(str(library))[f"{self._name}_run_copy"]
        run.restype = ctypes.c_int
        return run

    def infer(self, arrays: Sequence[Array]) -> tuple[Array, ...]:
        """Return one array per output. arrays: one per input, of its type, samples along axis 0."""
        graph, count = self.graph, len(arrays[0])
        fed = [
            np.ascontiguousarray(to_port(port, graph, array))
            for port, array in zip(graph.inputs, arrays, strict=True)
        ]
        types = [graph.type(p.tensor) for p in graph.outputs]
        made = [np.empty((count, *t.shape), DTYPES[t.dtype]) for t in types]
        both = [*fed, *made]
        steps = [a.strides[0] for a in both]
        starts = [a.ctypes.data for a in both]

        def infer(run: Run, samples: range) -> None:
            for sample in samples:
                at = (start + sample * step for start, step in zip(starts, steps, strict=True))
                run(*(ctypes.c_void_p(address) for address in at))

        runs = self._copies(count)
        share = -(-count // len(runs))
        parts = [range(first, min(first + share, count)) for first in range(0, count, share)]
        if len(parts) == 1:
            infer(runs[0], parts[0])
        else:
            with ThreadPoolExecutor(len(parts)) as pool:
                list(pool.map(infer, runs, parts))
        return tuple(from_port(p, graph, y) for p, y in zip(graph.outputs, made, strict=True))


def _interface(port: Port, graph: Graph) -> Interface:
    quant = graph.type(port.tensor).quant
    return Interface(
        port.name,
        port.type.shape,
        port.type.dtype,
        quant.scale if quant else None,
        quant.zero_point if quant else None,
    )


def stacked(array: Array, port: Port) -> Array:
    """Return samples that were stacked along the batch axis, given an axis of their own; other arrays as they are."""
    want = port.type.shape
    return array[:, None] if want[:1] == (1,) and array.shape[1:] == want[1:] else array
