"""What is fuzzed: a reader of something that strangers write."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

from tinyc.codegen import generate
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.passes import optimize
from tinyc.schedule import plan_smallest
from tinyc.target.boards import load_board

#: Of large models, one in so many goes on from the optimised graph to generated sources.
_GENERATED = 50


def model_file(data: bytes) -> None:
    """A .tflite file, up to the generated sources."""
    _generated(_read(data))


def large_model_file(data: bytes) -> None:
    """A .tflite file whose planning takes long: up to the optimised graph, and for one in fifty to the sources."""
    graph = _read(data)
    if crc32(data) % _GENERATED == 0:
        _generated(graph)


def _read(data: bytes) -> Graph:
    try:
        return optimize(load_tflite(data, "hostile.tflite", "litert"))
    except ModelError as problem:
        if not all(line.startswith(("hostile.tflite", "... and")) for line in problem.message.splitlines()):
            raise ValueError(f"a message that does not name the file: {problem.message}") from problem
        raise


def _generated(graph: Graph) -> None:
    generate(plan_smallest(graph, ("scalar", "ref")), load_board("host"), "m", "resident", ("A test.",))


def board_file(data: bytes) -> None:
    """A board.toml."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "board.toml")
        file.write_bytes(data)
        load_board(str(file))
