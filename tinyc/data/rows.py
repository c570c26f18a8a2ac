"""Samples along axis 0 that need not lie in memory: they are read, and made what the model takes, slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np

from tinyc.ir import Array

T = TypeVar("T")


class Rows(Protocol):
    """What an array of samples is, too: as many as `len` says, and those of a slice as an array."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> Any: ...


class MadeRows:
    """Rows whose slices are made of other rows' slices."""

    def __init__(self, source: Rows, make: Callable[[Any], Array]) -> None:
        self._source, self._make = source, make

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, part: slice) -> Array:
        return self._make(self._source[part])


class ReadRows:
    """Rows that are read one by one."""

    def __init__(self, items: Sequence[T], read: Callable[[T], Array]) -> None:
        self._items, self._read = items, read

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, part: slice) -> Array:
        return np.stack([self._read(item) for item in self._items[part]])
