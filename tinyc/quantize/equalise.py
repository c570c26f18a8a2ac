"""Cross-layer equalisation: channels of unlike ranges are scaled alike, and the layers that read them scale back.

After Nagel et al., 2019 (https://arxiv.org/abs/1906.04721), with two changes. Weights have a scale per output channel
here, so what unlike channels cost is the one scale of their activations. And a whole stream of tensors is scaled at
once: those that sums, pooling and RELU join, as the residual stream of a network is. The float network stays the same.
What a layer of ternary or other few-bit weights reads is not scaled: its weights would be no such ones then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.data import Rows
from tinyc.ir import Activation, Array, Graph, Op
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.floats import evaluate_floats
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mean import Mean
from tinyc.ops.relu import Relu
from tinyc.quantize.levels import levels_of
from tinyc.quantize.observe import Observed, batches
from tinyc.quantize.ranges import least_error, rounded
from tinyc.quantize.weights import channel_axis

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
_Layer = Conv2D | DepthwiseConv2D | FullyConnected

#: Samples that are looked at, and values of each tensor in a batch of them.
_SAMPLES, _VALUES = 128, 1 << 15
#: How much of a channel's range is taken out, of the scales that are tried.
_SHARES = (0.25, 0.5, 0.75, 1.0)
#: Least range of a channel, as a share of the largest, and the error below which a scaling is worth it.
_LEAST, _WORTH = 1e-3, 0.6


@dataclass(frozen=True, eq=False)
class Channels:
    """What was seen of a tensor: some of its pixels, [n, C], and each channel's largest magnitude and mean square."""

    pixels: Float32
    largest: Float64
    power: Float64


@dataclass(frozen=True, eq=False)
class _Stream:
    """Tensors whose channels can only be scaled together, the layers that write them and those that read them."""

    tensors: tuple[str, ...]
    writers: tuple[_Layer, ...]
    readers: tuple[_Layer, ...]


def equalised(
    graph: Graph,
    samples: Mapping[str, Rows],
    floats: frozenset[str] = frozenset(),
    ternary: frozenset[str] = frozenset(),
) -> Graph:
    """Return a graph of the same function, its channels scaled where int8 loses less so.

    samples: by input tensor; floats: of layers that stay float, the first outputs; ternary: of those whose weights
    have one magnitude in an output channel, which cannot scale single inputs back.
    """

    def pays(stream: _Stream) -> bool:
        readers = {op.outputs[0] for op in stream.readers}
        return not readers <= floats and not readers & ternary

    streams = [s for s in _streams(graph) if pays(s)]
    if not streams:
        return graph
    seen = _observed(graph, samples, {name for s in streams for name in s.tensors})
    for stream in streams:
        scales = _best(graph, stream, seen)
        if scales is not None:
            graph = _scaled(graph, stream, scales)
    return graph


def _streams(graph: Graph) -> Iterator[_Stream]:
    """Return the streams that may be scaled: written and read by layers alone."""
    parent = {name: name for op in graph.ops for name in op.outputs}

    def root(name: str) -> str:
        while parent[name] != name:
            name = parent[name]
        return name

    for op in graph.ops:
        if _passes_on(graph, op):
            for name in op.inputs:
                if name in parent:
                    parent[root(name)] = root(op.outputs[0])
    members: dict[str, list[str]] = {}
    for name in parent:
        members.setdefault(root(name), []).append(name)
    for names in members.values():
        found = _stream(graph, tuple(names))
        if found is not None:
            yield found


def _stream(graph: Graph, names: tuple[str, ...]) -> _Stream | None:
    """Return the stream of these tensors, None where something else writes or reads one of them."""
    writers, readers = [], []
    counts = {graph.type(n).shape[-1:] for n in names}
    if len(counts) > 1 or counts == {()} or any(n in graph.kept_tensors for n in names):
        return None
    for name in names:
        source = graph.ops[graph.producer[name]]
        if _writes_channels(graph, source):
            writers.append(source)
        elif not _passes_on(graph, source) or any(n not in names for n in source.inputs):
            return None
        for reader in (graph.ops[i] for i in graph.consumers[name]):
            if _has_levels(graph, reader):
                return None
            if _reads_channels(graph, reader, name):
                readers.append(reader)
            elif not _passes_on(graph, reader):
                return None
    return _Stream(names, tuple(writers), tuple(dict.fromkeys(readers))) if readers and writers else None  # type: ignore[arg-type]


def _passes_on(graph: Graph, op: Op) -> bool:
    """Whether the op's outputs scale with its inputs, channel by channel."""
    if isinstance(op, Add):
        alike = {graph.type(n).shape for n in (*op.inputs, *op.outputs)}
        return op.activation in (Activation.NONE, Activation.RELU) and len(alike) == 1
    if isinstance(op, Relu):
        return op.activation is Activation.RELU
    if isinstance(op, AveragePool2D | MaxPool2D):
        return op.activation in (Activation.NONE, Activation.RELU)
    return isinstance(op, Mean) and len(graph.type(op.x).shape) - 1 not in op.axes


def _writes_channels(graph: Graph, op: Op) -> bool:
    linear = isinstance(op, _Layer) and op.activation in (Activation.NONE, Activation.RELU)
    return linear and _is_own(graph, op)


def _reads_channels(graph: Graph, op: Op, name: str) -> bool:
    """Whether the op has weights for each channel of a tensor."""
    if not isinstance(op, _Layer) or not _is_own(graph, op) or op.x != name:
        return False
    channels = graph.type(name).shape[-1]
    shape = graph.type(op.weights).shape
    if isinstance(op, DepthwiseConv2D):
        return op.multiplier == 1
    return shape[-1] == channels


def _has_levels(graph: Graph, op: Op) -> bool:
    """Whether the op's weights are few multiples of one number, which factors for its input channels would end."""
    if not isinstance(op, Conv2D | FullyConnected) or not graph.is_constant(op.weights):
        return False
    data = graph.tensors[op.weights].data
    assert data is not None
    return levels_of(data.reshape(len(data), -1).astype(np.float64)) is not None


def _is_own(graph: Graph, op: Op) -> bool:
    """Whether nothing else reads the op's constants."""
    constants = [n for n in op.trained if n]
    return all(graph.is_constant(n) and len(graph.consumers[n]) == 1 for n in constants)


def _observed(graph: Graph, samples: Mapping[str, Rows], wanted: set[str]) -> dict[str, Channels]:
    found: dict[str, list[Channels]] = {}
    rng = np.random.default_rng(0)
    few = {name: x[:: max(1, len(x) // _SAMPLES)] for name, x in samples.items()}

    def seen(name: str, value: Array) -> Array:
        if name in wanted:
            rows = value.reshape(-1, value.shape[-1])
            kept: Any = rows[rng.integers(0, len(rows), max(1, _VALUES // rows.shape[-1]))]
            power = np.mean(rows.astype(np.float64) ** 2, axis=0)
            found.setdefault(name, []).append(Channels(kept, np.abs(rows).max(axis=0), power))
        return value

    for _, batch in batches(graph, few):
        evaluate_floats(graph, batch, seen)
    return {
        name: Channels(
            np.concatenate([p.pixels for p in parts]),
            np.max([p.largest for p in parts], axis=0),
            np.mean([p.power for p in parts], axis=0),
        )
        for name, parts in found.items()
    }


def _best(graph: Graph, stream: _Stream, seen: Mapping[str, Channels]) -> Float64 | None:
    """Return what each channel is divided by; None where that is not worth it."""
    ranges = np.max([seen[n].largest for n in stream.tensors], axis=0)
    if not ranges.max() > 0:
        return None
    ranges = np.maximum(ranges / ranges.max(), _LEAST)
    error = _error(graph, stream, seen, np.ones_like(ranges))
    tried = [ranges**share for share in _SHARES]
    errors = [_error(graph, stream, seen, scales) for scales in tried]
    least = int(np.argmin(errors))
    return tried[least] if errors[least] < _WORTH * error else None


def _error(graph: Graph, stream: _Stream, seen: Mapping[str, Channels], scales: Float64) -> float:
    """Return the expected squared error of what the stream's readers compute, as shares of their power."""
    total = 0.0
    for op in stream.readers:
        channels = seen[op.x]
        pixels = (channels.pixels / scales).astype(np.float32)
        values = pixels.reshape(-1)
        bytes_ = rounded(pixels, least_error(Observed(float(values.min()), float(values.max()), values)))
        lost = np.mean((bytes_ - pixels).astype(np.float64) ** 2, axis=0)
        power = channels.power / scales**2
        squares, steps = _weight_squares(graph, op, scales)
        total += float(np.sum(lost * squares + power * steps) / (np.sum(power * squares) + 1e-30))
    return total


def _weight_squares(graph: Graph, op: _Layer, scales: Float64) -> tuple[Float64, Float64]:
    """Return, by input channel, the squares of all weights and of the errors of their rounding, [C].

    Of a step's length, the square divided by 12.
    """
    data = graph.tensors[op.weights].data
    assert data is not None
    weights = data.astype(np.float64) * scales
    if isinstance(op, DepthwiseConv2D):
        own = weights.reshape(-1, weights.shape[-1])
        step = np.abs(own).max(axis=0) / 127
        return np.sum(own * own, axis=0), step * step / 12 * len(own)
    rows = weights.reshape(len(weights), -1, weights.shape[-1])
    steps = np.abs(rows).max(axis=(1, 2)) / 127
    taps = rows.shape[1]
    return np.sum(rows * rows, axis=(0, 1)), np.full(len(scales), float(np.sum(steps**2)) / 12 * taps)


def _scaled(graph: Graph, stream: _Stream, scales: Float64) -> Graph:
    """Return the graph whose stream's channels are divided by `scales`."""
    tensors = dict(graph.tensors)

    def multiply(name: str, factors: Float64) -> None:
        tensor = tensors[name]
        data: Any = tensor.data
        tensors[name] = replace(tensor, data=np.asarray(data * factors, np.float32))

    for op in stream.writers:
        shape = [1] * len(graph.type(op.weights).shape)
        shape[channel_axis(op)] = -1
        multiply(op.weights, (1 / scales).reshape(shape))
        if op.bias:
            multiply(op.bias, 1 / scales)
    for op in stream.readers:
        multiply(op.weights, scales)
    return replace(graph, tensors=tensors)
