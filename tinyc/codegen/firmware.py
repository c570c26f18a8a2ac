"""A plan and a board as the files of a firmware folder: C sources, runtime, build files. Writes nothing itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tinyc.codegen.model.places import C_TYPES
from tinyc.codegen.model.view import ModelView, PortView, model_view
from tinyc.codegen.projects.board_files import port_files, render_board_files
from tinyc.codegen.projects.cmsis_nn import FOLDER as LIBRARY
from tinyc.codegen.projects.cmsis_nn import library_files
from tinyc.codegen.projects.firmware import BorderTensor, Firmware, RowInput
from tinyc.kernels.cmsis_nn import FOLDER as CMSIS_NN
from tinyc.paths import data_dir
from tinyc.render import render
from tinyc.schedule import Plan
from tinyc.target.boards import Board

_KERNELS = "runtime/src/kernels"
_INCLUDE = "runtime/include/tinyc"
_ELEMENT_BYTES = {"int8_t": 1, "uint8_t": 1, "int16_t": 2, "int32_t": 4, "int64_t": 8, "float": 4}
assert set(_ELEMENT_BYTES) == set(C_TYPES.values())


def generate(
    plan: Plan,
    board: Board,
    name: str,
    mode: str,
    banner: tuple[str, ...],
    stack_bytes: int = 2048,
    library: Path | None = None,
    level: str = "-O2",
) -> dict[str, str]:
    """Text of every file of the folder but the report and the test vectors, by path.

    name: C identifier; mode: "resident" or "rows"; banner: first comment lines of every file; stack_bytes: room the
    linker must leave for the stack; library: the user's CMSIS-NN, where kernels call it; level: how far GCC optimises.
    """
    view = model_view(plan, name)
    files = _sources(view, mode, banner)
    files[f"{name}_weights.c"] = render("model/weights.c.j2", banner=banner, m=view)
    files |= {path: source.read_text() for path, source in port_files(board)}
    callers = [files[f"{_KERNELS}/{s}"] for s in view.sources if s.startswith(CMSIS_NN)]
    copied = library_files(library, callers) if library is not None and callers else {}
    files |= copied
    firmware = replace(
        _firmware(view, plan, banner, mode),
        stack_bytes=stack_bytes,
        library=tuple(path for path in copied if path.endswith(".c")),
        includes=(f"{LIBRARY}/Include",) if copied else (),
        optimize=level,
    )
    return files | render_board_files(firmware, board)


def generate_shared(plan: Plan, host: Board, name: str, banner: tuple[str, ...]) -> dict[str, str | bytes]:
    """The files of the library that this computer loads: `generate`'s, built by "shared", with the weights as bytes.

    GCC takes seconds to read a million numbers as text, and the assembler none to copy them.
    """
    view = model_view(plan, name)
    sources = _sources(view, "resident", banner)
    weights = render("model/weights_bytes.c.j2", banner=banner, m=view)
    arrays = {f"{a.symbol}.bin": a.data.tobytes() for a in view.arrays}
    project = render_board_files(_firmware(view, plan, banner, "resident"), host)
    return {**sources, f"{name}_weights.c": weights, **arrays, **project}


def _sources(view: ModelView, mode: str, banner: tuple[str, ...]) -> dict[str, str]:
    """The network but its weights, and what of the runtime it needs."""
    files = {
        f"{view.name}.c": render("model/model.c.j2", banner=banner, m=view, mode=mode),
        f"{view.name}.h": render("model/model.h.j2", banner=banner, m=view, mode=mode),
        f"{view.name}_weights.h": render("model/weights.h.j2", banner=banner, m=view),
    }
    return files | _runtime(view)


def _firmware(view: ModelView, plan: Plan, banner: tuple[str, ...], mode: str) -> Firmware:
    return Firmware(
        name=view.name,
        banner=banner,
        inputs=tuple(map(_border, view.inputs)),
        outputs=tuple(map(_border, view.outputs)),
        sources=tuple(f"{_KERNELS}/{source}" for source in view.sources),
        layers=len(plan.graph.ops),
        arena_bytes=plan.arena,
        rows=RowInput(view.rows, view.row_bytes) if mode == "rows" else None,
    )


def _border(port: PortView) -> BorderTensor:
    return BorderTensor(port.bytes, _ELEMENT_BYTES[port.ctype], port.suffix)


def _runtime(view: ModelView) -> dict[str, str]:
    """The kernels that are called, and every runtime header that they, the model and the demo include."""
    root = data_dir("runtime")
    files = {f"{_KERNELS}/{s}": (root / "src/kernels" / s).read_text() for s in view.sources}
    wanted = {"tinyc.h", "hook.h", "rows.h", "port.h"} | {h.removeprefix("tinyc/") for h in view.headers}
    for text in files.values():
        wanted |= _headers(text)
    while wanted:
        header = wanted.pop()
        text = (root / "include/tinyc" / header).read_text()
        files[f"{_INCLUDE}/{header}"] = text
        wanted |= {h for h in _headers(text) if f"{_INCLUDE}/{h}" not in files}
    return files


def _headers(text: str) -> set[str]:
    """The runtime headers that a source includes, relative to their folder: "pool.h", "dsp/pool.h"."""
    return set(re.findall(r'#include "tinyc/((?:\w+/)?\w+\.h)"', text))
