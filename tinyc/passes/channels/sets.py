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
        self._count = 0
        for name, tensor in graph.tensors.items():
            self._first[name] = self._count
            self._count += tensor.type.shape[-1] if tensor.type.shape else 1
        #: Channels that stay together, pair by pair.
        self._pairs: list[tuple[IntArray, IntArray]] = []
        self._pinned: list[IntArray] = []

    def of(self, name: str) -> IntArray:
        """Numbers of a tensor's channels."""
        shape = self._graph.type(name).shape
        return np.arange(shape[-1] if shape else 1) + self._first[name]

    def elements(self, name: str, count: int) -> IntArray:
        """The channel of each of a tensor's first `count` elements, a multiple of its channels."""
        channels = self.of(name)
        return np.tile(channels, count // len(channels))

    def join(self, a: IntArray, b: IntArray) -> None:
        """a, b: equally many channels; a[i] and b[i] stay together."""
        assert len(a) == len(b)
        self._pairs.append((a, b))

    def pin(self, names: Iterable[str]) -> None:
        """All channels of these tensors stay."""
        self._pinned += [self.of(name) for name in names]

    @property
    def pinned(self) -> IntArray:
        return np.concatenate([np.empty(0, np.int64), *self._pinned])

    def roots(self) -> IntArray:
        """By channel, the least member of its set.

        Every round, each set takes the least label among those it is joined with; at least half of the sets that are
        not done yet disappear.
        """
        labels = np.arange(self._count)
        if not self._pairs:
            return labels
        a, b = (np.concatenate(side) for side in zip(*self._pairs, strict=True))
        while True:
            here, there = labels[a], labels[b]
            if (here == there).all():
                return labels
            least = np.minimum(here, there)
            for side in (here, there):
                np.minimum.at(labels, side, least)
            while (labels[labels] != labels).any():
                labels = labels[labels]
