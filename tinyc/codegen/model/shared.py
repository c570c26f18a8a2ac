"""Arrays that several ops read: one that begins another, or equals it, is not stored a second time."""

from __future__ import annotations

from collections.abc import Iterable

from tinyc.kernels.base import Constant


def holders(arrays: Iterable[tuple[str, Constant]]) -> dict[str, str]:
    """The symbol that each symbol's array is found at: its own, or that of an array of the same type it begins.

    arrays: (symbol, constant), symbols unique. Of equal arrays the first is stored.
    """
    stored: list[tuple[str, str, bytes]] = []
    found: dict[str, str] = {}
    for symbol, c in sorted(arrays, key=lambda a: -a[1].bytes):
        data = c.data.tobytes()
        holder = next(
            (s for s, ctype, whole in stored if ctype == c.ctype and whole.startswith(data)), symbol
        )
        if holder == symbol:
            stored.append((symbol, c.ctype, data))
        found[symbol] = holder
    return found
