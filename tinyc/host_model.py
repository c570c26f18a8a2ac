"""A compiled model as a Python callable, through a native shared library."""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tinyc.errors import UsageError
from tinyc.ir import DTYPES, Array, Graph, Port
from tinyc.ops.evaluate import from_port, to_port


class HostModel:
    """Call it with one array per input, of the model's own type: one sample, or samples along axis 0.

    A model input of [1, H, W, C] takes samples as [n, 1, H, W, C] and, as `--inputs` does, as [n, H, W, C].

    Returns the output array, or a tuple of them where the model has several. Not for several threads: there is one
    arena.
    """

    def __init__(self, library: Path, name: str, graph: Graph) -> None:
        """library: built from the generated C, free to go once it is loaded; graph: for the types at its borders."""
        self._graph = graph
        self._run = ctypes.CDLL(str(library))[f"{name}_run_copy"]
        self._run.restype = ctypes.c_int

    def __call__(self, *inputs: npt.ArrayLike) -> Array | tuple[Array, ...]:
        """Raises UsageError for arrays of another number, shape or type than the model's inputs."""
        ports = self._graph.inputs
        if len(inputs) != len(ports):
            raise UsageError(f"the model takes {len(ports)} inputs, {len(inputs)} given")
        arrays = [np.asarray(x) for x in inputs]
        single = arrays[0].shape == ports[0].type.shape
        arrays = [a[None] if single else stacked(a, port) for a, port in zip(arrays, ports, strict=True)]
        for array, port in zip(arrays, ports, strict=True):
            self._check(array, port)
        if len({len(a) for a in arrays}) != 1:
            raise UsageError("the inputs have different numbers of samples")
        outputs = self._infer(arrays)
        picked = tuple(o[0] if single else o for o in outputs)
        return picked[0] if len(picked) == 1 else picked

    @staticmethod
    def _check(array: Array, port: Port) -> None:
        if array.shape[1:] != port.type.shape or array.dtype != DTYPES[port.type.dtype]:
            raise UsageError(
                f"input '{port.name}' is {array.dtype}{list(array.shape)}, "
                f"expected {port.type.dtype}[samples, {', '.join(map(str, port.type.shape))}]"
            )

    def _infer(self, arrays: list[Array]) -> tuple[Array, ...]:
        graph, count = self._graph, len(arrays[0])
        fed = [
            np.ascontiguousarray(to_port(port, graph, array))
            for port, array in zip(graph.inputs, arrays, strict=True)
        ]
        types = [graph.type(p.tensor) for p in graph.outputs]
        made = [np.empty((count, *t.shape), DTYPES[t.dtype]) for t in types]
        both = [*fed, *made]
        steps = [a.strides[0] for a in both]
        starts = [a.ctypes.data for a in both]
        for sample in range(count):
            at = (start + sample * step for start, step in zip(starts, steps, strict=True))
            self._run(*(ctypes.c_void_p(address) for address in at))
        return tuple(from_port(p, graph, y) for p, y in zip(graph.outputs, made, strict=True))


def stacked(array: Array, port: Port) -> Array:
    """Samples that were stacked along the batch axis, given an axis of their own; other arrays as they are."""
    want = port.type.shape
    return array[:, None] if want[:1] == (1,) and array.shape[1:] == want[1:] else array
