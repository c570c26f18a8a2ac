"""Frames of the functions we compile, from GCC's `-fcallgraph-info=su` files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_NODE = re.compile(r'^node: \{ title: "([^"]+)" label: "([^"]*)"')
_EDGE = re.compile(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"')
_BYTES = re.compile(r"(\d+) bytes \(([a-z,]+)\)")
_POINTER = "__indirect_call"


@dataclass(frozen=True)
class Frame:
    """bytes: of the stack frame. bounded: False where alloca or a variable-length array has no limit.

    pointer: the function calls through a pointer.
    """

    bytes: int
    bounded: bool
    pointer: bool


def read_frames(files: Sequence[Path]) -> dict[str, Frame]:
    """Frames by function name; of static functions that share a name, the worst of each."""
    frames: dict[str, Frame] = {}
    for path in files:
        text = path.read_text(encoding="utf-8")
        calling = {
            _plain(e[1]) for line in text.splitlines() if (e := _EDGE.match(line)) and e[2] == _POINTER
        }
        for line in text.splitlines():
            node = _NODE.match(line)
            size = _BYTES.search(node[2]) if node else None
            if node is None or size is None:
                continue
            name = _plain(node[1])
            old = frames.get(name, Frame(0, True, False))
            frames[name] = Frame(
                max(old.bytes, int(size[1])),
                old.bounded and size[2] != "dynamic",
                old.pointer or name in calling,
            )
    return frames


def _plain(title: str) -> str:
    """A static function's title has its file before the name."""
    return title.rsplit(":", 1)[-1]
