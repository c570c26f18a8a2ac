"""The channels of all tensors, in sets whose members stay or go together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tinyc.ir import Graph
from tinyc.ir.types import IntArray


class ChannelSets:
    """Channels are numbered tensor by tensor. A channel is an index of the last dimension; a scalar has one."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._first: dict[str, int] = {}
        count = 0
        for name, tensor in graph.tensors.items():
            self._first[name] = count
            count += tensor.type.shape[-1] if tensor.type.shape else 1
        self._parent = list(range(count))
        self.pinned: list[int] = []

    def of(self, name: str) -> IntArray:
        """Numbers of a tensor's channels."""
        shape = self._graph.type(name).shape
        return np.arange(shape[-1] if shape else 1) + self._first[name]

    def elements(self, name: str) -> IntArray:
        """The channel of every element, flat."""
        channels = self.of(name)
        return np.tile(channels, self._graph.type(name).elements // len(channels))

    def join(self, a: IntArray, b: IntArray) -> None:
        """a, b: equally many channels; a[i] and b[i] stay together."""
        count = len(self._parent)
        for pair in np.unique(a * count + b).tolist():
            self._parent[self._find(pair // count)] = self._find(pair % count)

    def pin(self, names: Iterable[str]) -> None:
        """All channels of these tensors stay."""
        for name in names:
            self.pinned += self.of(name).tolist()

    def roots(self) -> IntArray:
        """By channel, one member that stands for its set."""
        return np.array([self._find(c) for c in range(len(self._parent))], np.int64)

    def _find(self, channel: int) -> int:
        while self._parent[channel] != channel:
            self._parent[channel] = self._parent[self._parent[channel]]
            channel = self._parent[channel]
        return channel
