"""A schedule with its memory: what the code generator turns into C, and what the checker replays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinyc.ir import Graph
from tinyc.kernels.base import Lowering


@dataclass(frozen=True)
class Buffer:
    """Where a tensor's rows live: row y at offset + (y % ring) * pitch bytes of the arena.

    ring: slots; the tensor's height where it is held whole.
    """

    offset: int
    ring: int
    pitch: int

    @property
    def bytes(self) -> int:
        return self.ring * self.pitch

    def row(self, y: int) -> tuple[int, int]:
        """Bytes [start, stop) of row y."""
        start = self.offset + (y % self.ring) * self.pitch
        return start, start + self.pitch


@dataclass(frozen=True)
class Stage:
    """A run of ops executed together. kind: "layer", "stream" or "patch"; ops: indices into the graph's ops;

    peak: most bytes of the arena that hold live data at any time during the stage, scratch included.
    """

    kind: str
    ops: tuple[int, ...]
    peak: int


@dataclass(frozen=True, eq=False)
class Plan:
    """graph: optimised; lowerings: one per op; buffers: of every activation tensor; scratch: offset by op index;

    arena: bytes; lower_bound: no plan of this kind needs a smaller arena.
    """

    graph: Graph
    lowerings: tuple[Lowering, ...]
    stages: tuple[Stage, ...]
    buffers: Mapping[str, Buffer]
    scratch: Mapping[int, int]
    arena: int
    lower_bound: int

    @property
    def macs_executed(self) -> int:
        return self.graph.macs()
