"""Which basic blocks an inference executes, from QEMU's log of a run of the demo.

QEMU writes a block's instructions once, when it translates it, and a line per execution:

    IN: name
    0x00001000:  2001       movs     r0, #1

    Trace 0: 0x7f0000000100 [00000000/00001000/00000110/ff000000] name

It runs here without -icount, which would cut blocks at odd places; and only code of the model is logged.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from tinyc.errors import ToolError
from tinyc.paths import temporary_folder
from tinyc.target.boards import Board
from tinyc.target.build import Program
from tinyc.target.elf import function_symbols, labels
from tinyc.target.tools import find_tool, run_tool

_AFTER_RUN = "tc_port_now"
_LAYER_BEGINS, _LAYER_ENDS = "tc_profile_begin", "tc_profile_end"
_LABEL = "tc_layer_begin_"
_GAP = 4


@dataclass(frozen=True)
class Trace:
    """blocks: a block's addresses [start, end) by a key; edges: executions by (key, address that came next)."""

    blocks: Mapping[int, tuple[int, int]]
    edges: Mapping[tuple[int, int], int]


def trace_run(built: Program, vectors: bytes, board: Board, name: str, timeout: float) -> Trace:
    """Blocks of one inference. built: the demo; vectors: of one sample. ToolError where QEMU cannot tell."""
    starts = {symbol.name: symbol.start for symbol in function_symbols(built.elf)}
    entry = starts.get(f"{name}_run_rows", starts.get(f"{name}_run", 0))
    reader = Reader(frozenset({entry}), frozenset({starts[_AFTER_RUN]}))
    _log(built, vectors, board, reader, (starts[_AFTER_RUN],), timeout)
    return Trace(reader.blocks, reader.edges[None])


def trace_layers(built: Program, vectors: bytes, board: Board, timeout: float) -> dict[int, Trace]:
    """Blocks of each layer of one inference, by its position. built: the variant `profile`."""
    starts = {symbol.name: symbol.start for symbol in function_symbols(built.elf)}
    marks = sorted(
        (address, int(name.removeprefix(_LABEL).partition("_")[0]))
        for name, address in labels(built.elf, _LABEL)
    )
    begin, end = starts[_LAYER_BEGINS], starts[_LAYER_ENDS]
    reader = Reader(frozenset({begin}), frozenset({end}), tuple(marks))
    _log(built, vectors, board, reader, (begin, end), timeout)
    return {layer: Trace(reader.blocks, edges) for layer, edges in reader.edges.items() if layer is not None}


@dataclass
class Reader:
    """Counts executions between a block at one of `begins` and one at `ends`.

    marks: (address, layer) in order. Where there are any, a block at `begins` belongs to nothing, and says that what
    follows is of the layer marked last before the call of it.
    """

    begins: frozenset[int]
    ends: frozenset[int]
    marks: tuple[tuple[int, int], ...] = ()
    blocks: dict[int, tuple[int, int]] = field(default_factory=dict)
    edges: dict[int | None, Counter[tuple[int, int]]] = field(default_factory=dict)

    def read(self, lines: Iterable[bytes]) -> None:
        starts = [address for address, _ in self.marks]
        told: tuple[int, int] | None = None
        counts: Counter[tuple[int, int]] | None = None
        last = before = None
        for line in lines:
            if line.startswith(b"0x"):
                address, code = line.split(b":", 1)
                at = int(address, 16)
                told = (
                    told[0] if told else at,
                    at + len(code[2:].partition(b"  ")[0].replace(b" ", b"")) // 2,
                )
            elif line.startswith(b"Trace"):
                key = int(line[line.index(b"0x") + 2 : line.index(b" [")], 16)
                pc = int(line.split(b"/", 2)[1], 16)
                if told is not None:
                    self.blocks[key], told = told, None
                if counts is not None and last is not None:
                    counts[last, pc] += 1
                before, last = last, key
                if pc in self.ends:
                    counts = None
                elif pc in self.begins:
                    layer = None
                    if self.marks:
                        called = self.blocks[before][1] - 1 if before is not None else 0
                        layer = self.marks[bisect_right(starts, called) - 1][1]
                        last = None
                    counts = self.edges.setdefault(layer, Counter())
            elif line.startswith(b"Stopped"):
                # the block just told was not begun; it is told again
                if counts is not None and before is not None:
                    counts[before, self.blocks[last][0]] -= 1  # type: ignore[index]
                last = before


def _log(
    built: Program, vectors: bytes, board: Board, reader: Reader, marks: tuple[int, ...], timeout: float
) -> None:
    """Runs the demo in QEMU with `reader` at the other end of its log. marks: addresses to log beside the model."""
    emulator = board.emulators["qemu"]
    program = find_tool(emulator.program, emulator.packages)
    demo = {symbol.name for path in _demo_objects(built) for symbol in function_symbols(path)}
    ranges = [(s.start, s.end) for s in function_symbols(built.elf) if s.name not in demo and s.start < s.end]
    ranges += [(address, address + 2) for address in marks]
    chosen = ",".join(f"{start:#x}..{end - 1:#x}" for start, end in _merged(ranges))
    plain = emulator.command(str(built.elf.resolve()))
    counting = plain.index("-icount")
    with temporary_folder("tinyc-trace-") as folder:
        (folder / "vectors.bin").write_bytes(vectors)
        pipe = folder / "log"
        os.mkfifo(pipe)
        held = os.open(pipe, os.O_RDWR)
        problems: list[Exception] = []
        thread = Thread(target=_read, args=(pipe, reader, problems), daemon=True)
        thread.start()
        try:
            # by its name alone: QEMU would fill in a % of its folder's path
            logging = ("-d", "exec,in_asm,nochain", "-dfilter", chosen, "-D", pipe.name)
            command = (program, *plain[1:counting], *plain[counting + 2 :], *logging)
            finished = run_tool(command, timeout, folder)
        finally:
            os.close(held)
            thread.join(timeout)
    if problems or finished.status not in (0, 1) or not any(reader.edges.values()):
        raise ToolError(f"{emulator.program} gives no log of what it executed.")


def _read(pipe: Path, reader: Reader, problems: list[Exception]) -> None:
    """To the end of the log; what cannot be understood is kept for the thread that waits."""
    with pipe.open("rb", buffering=1 << 16) as lines:
        try:
            reader.read(lines)
        except (ValueError, IndexError, KeyError) as problem:
            problems.append(problem)
            while lines.read(1 << 16):
                pass


def _demo_objects(built: Program) -> list[Path]:
    """Objects of main and port: what is no part of the model."""
    objects = built.build_dir.rglob("*.o")
    return [p for p in objects if p.stem == "main" or "port" in p.relative_to(built.build_dir).parts]


def _merged(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges in order, those that (nearly) touch as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + _GAP:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
