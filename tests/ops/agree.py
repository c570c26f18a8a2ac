"""Comparing numpy references with the interpreters, byte by byte, on every tensor that an op writes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.modelgen.writer import ModelWriter
from tinyc.frontends import load_tflite
from tinyc.frontends.tflite.reader import tensor_names
from tinyc.ir import Array, Graph, verify
from tinyc.ops.evaluate import evaluate, from_port, to_port
from tinyc.passes import ALL
from tinyc.verify.floats import settled
from tinyc.verify.judge import judge

BOTH = pytest.mark.parametrize("reference", ["litert", "tflm"])


def model(build: Callable[[ModelWriter], tuple[list[int], list[int]]]) -> bytes:
    """A file whose tensors and ops `build` adds; it returns the model's inputs and outputs."""
    writer = ModelWriter()
    inputs, outputs = build(writer)
    return writer.finish(inputs, outputs)


def samples(graph: Graph, count: int, seed: int) -> list[Array]:
    """One array per input, `count` samples along axis 0: extremes first, then noise."""
    rng = np.random.default_rng(seed)
    found: list[Array] = []
    for port in graph.inputs:
        shape = (count, *port.type.shape)
        if port.type.dtype == "float32":
            x = rng.normal(0, 3, shape).astype(np.float32)
        elif port.type.dtype == "uint8":
            x = rng.integers(0, 256, shape).astype(np.uint8)
            x[0] = rng.choice(np.array([0, 255], np.uint8), shape[1:])
        else:
            x = rng.integers(-128, 128, shape).astype(np.int8)
            x[0] = rng.choice(np.array([-128, 127], np.int8), shape[1:])
        found.append(x)
    return found


def check(data: bytes, reference: str, count: int = 3) -> Graph:
    """Every tensor of the graph equals the interpreter's, and every pass leaves the outputs as they are."""
    graph = load_tflite(data, "test.tflite", reference)
    inputs = samples(graph, count, seed=7)
    expected = judge(data, tuple(inputs), graph.reference, all_tensors=True)
    if expected is None:
        pytest.skip(f"{graph.reference} is not installed")
    values = evaluate(graph, {p.tensor: x[-1] for p, x in zip(graph.inputs, inputs, strict=True)})
    index = {name: i for i, name in enumerate(tensor_names(data, "test.tflite"))}
    for op in graph.ops:
        for name in index.keys() & set(op.outputs):  # a reader may add one whose view the file has
            want = expected.tensors[index[name]].reshape(values[name].shape)
            wrong = int((~_equal(graph, name, values[name], want)).sum())
            assert not wrong, f"{op.origin} ({graph.reference}): {wrong} of {want.size} differ"
    small = graph
    for each in ALL:
        small = verify(each(small))
    for sample in range(count):
        check_outputs(small, [x[sample] for x in inputs], [y[sample] for y in expected.outputs])
    return graph


def _equal(graph: Graph, name: str, got: Array, want: Array) -> npt.NDArray[np.bool_]:
    """Bytes as they are; floats as near as documented, since C libraries differ in the last place."""
    want = settled(graph, name, want, got)
    both_nan = (got != got) & (want != want)  # noqa: PLR0124
    return np.asarray((got == want) | both_nan)


def check_outputs(graph: Graph, inputs: list[Array], expected: list[Array]) -> None:
    """inputs, expected: arrays at the model's outside."""
    feeds = {p.tensor: to_port(p, graph, x) for p, x in zip(graph.inputs, inputs, strict=True)}
    values = evaluate(graph, feeds)
    for port, want in zip(graph.outputs, expected, strict=True):
        got = from_port(port, graph, values[port.tensor])
        wanted = settled(graph, port.tensor, want.reshape(got.shape), got)
        assert np.array_equal(got, wanted, equal_nan=got.dtype == np.float32), f"output {port.name} differs"
