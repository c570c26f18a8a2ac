"""Within what whole numbers lie that are computed of others: float32 has all of them up to 2^24."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 1 << 24
#: Least and greatest number.
Range = tuple[float, float]


def hull(*ranges: Range) -> Range:
    """Of numbers that are there."""
    return min(low for low, _ in ranges), max(high for _, high in ranges)


def total(*ranges: Range) -> Range:
    return sum(low for low, _ in ranges), sum(high for _, high in ranges)


def negative(a: Range) -> Range:
    return -a[1], -a[0]


def size(a: Range) -> Range:
    """Of magnitudes."""
    return 0.0, max(map(abs, a))


def difference(a: Range, b: Range) -> Range:
    return total(a, negative(b))


def product(a: Range, b: Range) -> Range:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def times(a: Range, count: int) -> Range:
    """Of sums of up to so many."""
    return min(0.0, a[0] * count), max(0.0, a[1] * count)


def quotient(a: Range, b: Range) -> Range:
    """Raises ValueError where the divisor may be 0."""
    _check_divisor(b)
    most = size(a)[1]
    return (-most if a[0] < 0 or b[0] < 0 else 0.0), most


def rest(a: Range, b: Range) -> Range:
    """Raises ValueError where the divisor may be 0."""
    _check_divisor(b)
    most = size(b)[1] - 1
    return (-most if a[0] < 0 or b[0] < 0 else 0.0), most


def check(ranges: Sequence[Range]) -> None:
    """Raise ValueError for what float32 does not have."""
    most = max(size(one)[1] for one in ranges)
    if most > MOST:
        raise ValueError(f"whole numbers of up to {most:.0f}; up to {MOST:,} are computed with, in float32")


def _check_divisor(b: Range) -> None:
    if b[0] <= 0 <= b[1]:
        raise ValueError("the divisor of whole numbers may be 0")
