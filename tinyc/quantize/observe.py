"""What the activations of a float graph are like on samples: their extremes, and a share of their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.data import Rows
from tinyc.ir import Array, Graph
from tinyc.ops.floats import evaluate_floats

Float32 = npt.NDArray[np.float32]

#: Values that are kept of each tensor, and bytes of activations that a batch of samples may take.
_KEPT = 1 << 17
_BATCH_BYTES = 1 << 28


@dataclass(frozen=True, eq=False)
class Observed:
    """low, high: of all values; values: a random share of them, [n]."""

    low: float
    high: float
    values: Float32


def observe(
    graph: Graph, samples: Mapping[str, Rows], told: Callable[[int, int], None] = lambda done, of: None
) -> dict[str, Observed]:
    """Run the samples and return what was seen of each activation and input. samples: by tensor, [N, *shape]."""
    rng = np.random.default_rng(0)
    count = len(next(iter(samples.values())))
    found: dict[str, list[Observed]] = {}
    for first, batch in batches(graph, samples):
        size = len(next(iter(batch.values())))

        def seen(name: str, value: Array, share: float = size / count) -> Array:
            if value.dtype == np.float32:
                flat = value.reshape(-1)
                kept = max(1, min(flat.size, round(_KEPT * share)))
                chosen = flat if kept == flat.size else flat[rng.integers(0, flat.size, kept)]
                found.setdefault(name, []).append(
                    Observed(float(flat.min()), float(flat.max()), np.array(chosen))
                )
            return value

        evaluate_floats(graph, batch, seen)
        told(first + size, count)
    return {name: merged(parts) for name, parts in found.items()}


def batches(graph: Graph, samples: Mapping[str, Rows]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the samples in parts whose activations fit into memory, each with the number of its first."""
    each = 4 * sum(t.type.elements for t in graph.tensors.values() if t.data is None)
    size = max(1, _BATCH_BYTES // max(1, each))
    for first in range(0, len(next(iter(samples.values()))), size):
        yield first, {name: x[first : first + size] for name, x in samples.items()}


def merged(parts: list[Observed]) -> Observed:
    """Return what was seen of several tensors, or of several batches, as of one."""
    values = np.concatenate([p.values for p in parts])
    return Observed(min(p.low for p in parts), max(p.high for p in parts), values)
