"""Work that is shared among the computer's cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: More threads than these do not help numpy.
_MOST = 8


def cores() -> int:
    """Return how many threads may run at once."""
    return min(len(os.sched_getaffinity(0)), _MOST)


@contextmanager
def quiet_blas() -> Iterator[None]:
    """Hold back BLAS' own threads: they wait for one another by spinning, many times slower on a busy machine."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - of use here alone

    with threadpool_limits(1, "blas"):
        yield


def spread(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield function(item) of each item, in order, computed by several threads."""
    with quiet_blas(), ThreadPoolExecutor(cores()) as pool:
        yield from pool.map(function, items)
