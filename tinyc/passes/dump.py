"""The graph after each pass, written to a folder for whoever wants to see what the passes do."""

from __future__ import annotations

from pathlib import Path

from tinyc.ir import Graph, to_text
from tinyc.ir.dot import to_dot
from tinyc.passes import Watch


def dump_into(folder: Path) -> Watch:
    """A watcher of `optimize` that writes NN_<pass>.txt and NN_<pass>.dot, the graph as it was read being 00."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0

    def write(name: str, graph: Graph) -> None:
        nonlocal count
        for ending, text in (("txt", to_text(graph)), ("dot", to_dot(graph))):
            (folder / f"{count:02}_{name}.{ending}").write_text(text, encoding="utf-8")
        count += 1

    return write
