"""One network built by every compiler, option, kernel and standard, and run where it can be: docs/compilers.md.

python -m benchmarks.compilers [--write]    --write: the tables of docs/compilers.md

Needs arm-none-eabi-gcc and QEMU; clang where it is installed.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tinyc.codegen import generate
from tinyc.emulate import RawRun, pack_vectors, run
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.evaluate import evaluate
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mul import Mul
from tinyc.ops.sub import Sub
from tinyc.ops.window import Window, same_padding
from tinyc.paths import data_dir
from tinyc.schedule import plan_layers
from tinyc.target import folder
from tinyc.target.boards import Board, load_board

PAGE = Path(__file__).resolve().parent.parent / "docs" / "compilers.md"
WARNINGS = (
    *("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"),
    *("-ffunction-sections", "-fdata-sections"),
)
FLAGS = (
    *("-O0", "-Og", "-O1", "-Os", "-O2", "-O3"),
    *("-O2 -fno-omit-frame-pointer", "-O2 -fstack-protector-strong", "-O2 -flto"),
)
#: Kernels, and the board whose core they are for.
KERNELS = {"ref": "mps2-an386", "scalar": "mps2-an385", "dsp": "mps2-an386", "mve": "mps3-an547"}
#: What runs on this machine, without an emulator.
HOST = "host"
C_STANDARDS = ("c11", "c17", "gnu2x")
CPP_STANDARDS = ("c++11", "c++14", "c++17", "c++20")
_CLANGS = ("clang", *(f"clang-{n}" for n in range(22, 13, -1)))
_NAME = "net"
#: What -fstack-protector calls, which is the application's to have.
_GUARD = """#include <stdint.h>
uintptr_t __stack_chk_guard = 0x51AC;
void __stack_chk_fail(void) { for (;;) {} }
"""


@dataclass(frozen=True)
class Compiler:
    """A C compiler."""

    #: With its version.
    name: str
    #: The program, and what makes it compile for another machine.
    command: tuple[str, ...]
    clang: bool

    def compile(self, source: Path, to: Path, options: Sequence[str]) -> str:
        """Compile a file without a word; return what the compiler said where it did not."""
        command = (*self.command, *options, "-c", str(source), "-o", str(to))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else (done.stderr or f"{self.name} ended with {done.returncode}")


def compilers(host: bool = False) -> tuple[Compiler, ...]:
    """Gcc and clang for Arm or for this machine, as far as they are installed."""
    gcc = shutil.which("gcc" if host else "arm-none-eabi-gcc")
    if gcc is None:
        return ()
    found = [Compiler(f"gcc {_version(gcc)}", (gcc,), False)]
    clang = next(filter(None, map(shutil.which, _CLANGS)), None)
    if clang is not None:
        more = () if host else ("--target=arm-none-eabi", *_library_headers())
        found.append(Compiler(f"clang {_version(clang)}", (clang, *more), True))
    return tuple(found)


def _version(program: str) -> str:
    text = subprocess.run((program, "--version"), capture_output=True, text=True, check=True).stdout
    found = re.search(r"\b(\d+\.\d+)\.\d+", text)
    return found[1] if found else "?"


def _library_headers() -> tuple[str, ...]:
    """The C library's headers, which clang takes from where gcc has them."""
    asked = ("arm-none-eabi-gcc", "-E", "-Wp,-v", "-xc", "/dev/null")
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stderr
    folders = [Path(line.strip()) for line in said.splitlines() if line.startswith(" ")]
    return tuple(f"-isystem{f.resolve()}" for f in folders if (f / "newlib.h").is_file())


def network() -> Table:
    """Op by op what a CNN is made of, at shapes that leave rests, all in one graph."""
    t = Table(seed=5)
    t.conv((5, 6, 3), 8, _same((5, 6), (3, 3), (2, 2)), RELU)
    t.conv((4, 5, 12), 7, _same((4, 5), (3, 3)), LINEAR, spread=40.0)
    t.conv((9, 11, 4), 6, Window((3, 2), (1, 1), (2, 3), (2, 1, 2, 2)), LINEAR)
    for depth in (9, 16, 24, 40):
        t.conv((2, 3, depth), 9, Window((1, 1)), CLAMPED)
    for stride in (1, 2):
        t.depthwise((6, 7, 10), _same((6, 7), (3, 3), (stride, stride)), RELU)
        t.depthwise((6, 7, 10), _same((6, 7), (3, 3), (stride, stride)), LINEAR, spread=100.0)
    for kernel in ((1, 2), (5, 5), (7, 7)):
        t.depthwise((8, 9, 18), _same((8, 9), kernel), CLAMPED)
    for spread in (1.0, 100.0):
        t.depthwise((15, 3, 20), Window((10, 1)), LINEAR, spread=spread)
    t.depthwise((9, 40, 20), Window((1, 2), (1, 3), (1, 3), (0, 0, 0, 0)), LINEAR)
    t.depthwise((9, 40, 20), Window((3, 3), (3, 3), (1, 3), (0, 0, 0, 0)), RELU, spread=100.0)
    for vectors in (1, 2):
        t.dense(19, 10, LINEAR, vectors=vectors)
        t.dense(40, 6, CLAMPED, vectors=vectors)
    for kind in (Add, Sub, Mul):
        t.binary(kind, (1, 2, 3, 17), CLAMPED)
    t.pool(AveragePool2D, (6, 6, 6), Window((2, 3), (2, 2)))
    t.pool(AveragePool2D, (5, 4, 9), Window((5, 4)))
    t.pool(MaxPool2D, (6, 6, 21), Window((3, 3), (2, 2), (1, 1), (1, 1, 1, 1)))
    t.mean((4, 5, 13))
    t.transposed((3, 4, 5), (6, 8, 6), _same((6, 8), (3, 3), (2, 2)), LINEAR)
    t.table((1, 37))
    return t


def ternary_layers(t: Table) -> None:
    """Adds layers of ternary weights, whose kernels are assembly or not as the compiler has it."""
    t.ternary = True
    for depth in (16, 32, 70):
        t.conv((2, 9, depth), 7, Window((1, 1)), (LINEAR, RELU)[depth == 16])
    for channels in (5, 80):
        t.conv((3, 18, channels), 8, _same((3, 18), (3, 3)), CLAMPED)
    t.depthwise((4, 18, 20), _same((4, 18), (3, 3)), LINEAR)
    t.dense(40, 12, RELU)
    t.dense(128, 9, RELU)


def _same(size: tuple[int, int], kernel: tuple[int, int], stride: tuple[int, int] = (1, 1)) -> Window:
    (top, bottom), (left, right) = (
        same_padding(n, k, s, 1) for n, k, s in zip(size, kernel, stride, strict=True)
    )
    return Window(kernel, stride, (1, 1), (top, left, bottom, right))


@dataclass(frozen=True)
class Project:
    """The network as a firmware folder, by the kernels of one instruction set."""

    kernels: str
    place: Path
    board: Board
    #: Inputs and what must come out.
    vectors: bytes

    @property
    def options(self) -> tuple[str, ...]:
        """What is told to every compiler."""
        return (*self.board.toolchain.cflags, "-ffp-contract=off", "-fno-common", *self.includes)

    @property
    def includes(self) -> tuple[str, ...]:
        return (f"-I{self.place}", f"-I{self.place}/runtime/include")

    @property
    def generated(self) -> tuple[Path, ...]:
        """What the compiler under test gets."""
        kernels = (self.place / "runtime/src/kernels").rglob("*.c")
        return (self.place / f"{_NAME}.c", self.place / f"{_NAME}_weights.c", *sorted(kernels))

    @property
    def around(self) -> tuple[Path, ...]:
        """The demo and its port, which gcc compiles."""
        files = (*self.board.port.files, *(f for e in self.board.emulators.values() for f in e.files))
        ports = (self.place / "runtime/src/port" / f for f in files if f.endswith((".c", ".S")))
        guard = () if self.board.is_host else (self.place / "guard.c",)
        return (self.place / "main.c", *ports, *guard)


def project(kernels: str, place: Path) -> Project:
    """Write the network's firmware folder."""
    table, board = network(), load_board(KERNELS.get(kernels, HOST))
    ternary_layers(table)
    graph = table.graph()
    isas = {"mve": ("mve", "dsp", "ref"), HOST: ("ref",)}.get(kernels, (kernels, "ref"))
    plan = plan_layers(graph, isas)
    folder.fill(generate(plan, board, _NAME, "resident", ("benchmark",)), place)
    (place / "guard.c").write_text(_GUARD)
    samples = []
    for extreme in (True, False):
        inputs = table.bytes(graph, extreme)
        values = evaluate(graph, inputs)
        out = (np.ascontiguousarray(values[p.tensor]).tobytes() for p in graph.outputs)
        samples.append((b"".join(inputs[p.tensor].tobytes() for p in graph.inputs), b"".join(out)))
    return Project(kernels, place, board, pack_vectors(samples))


def built(given: Project, compiler: Compiler, options: Sequence[str], out: Path) -> str:
    """Compile all that is generated; return what the compiler objects to, or ""."""
    out.mkdir(parents=True, exist_ok=True)
    for source in given.generated:
        to = out / f"{source.stem}.o"
        if said := compiler.compile(source, to, (*given.options, *WARNINGS, *options)):
            return said
    return ""


def run_built(given: Project, options: Sequence[str], out: Path) -> RawRun:
    """Link what `built` left and run it. Raise AssertionError if a byte differs."""
    board = given.board
    gcc = compilers(board.is_host)[0]
    for source in given.around:
        defines = (f"-D{k}={v:#x}u" for k, v in _defines(board))
        said = gcc.compile(source, out / f"around_{source.stem}.o", (*given.options, "-O2", *defines))
        assert not said, said
    elf = out / f"{_NAME}.elf"
    layout = () if board.is_host else (f"-T{given.place}/board.ld", "-Wl,--gc-sections")
    command = (*gcc.command, *board.toolchain.cflags, *board.toolchain.ldflags, *layout, *options)
    link = (*command, *map(str, sorted(out.glob("*.o"))), *board.toolchain.libs, "-o", str(elf))
    done = subprocess.run(link, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result = run(elf, given.vectors, board, timeout=300.0)
    assert not any(result.mismatches), "the network's bytes differ"
    return result


def _defines(board: Board) -> Iterable[tuple[str, int]]:
    yield from board.port.defines.items()
    if board.clock_hz:
        yield "TC_CLOCK_HZ", board.clock_hz


def cell(given: Project, compiler: Compiler, flags: str, out: Path) -> str:
    """Instructions of one inference, or that it is exact; "builds" where gcc's linker cannot take what clang leaves."""
    options = tuple(flags.split())
    if said := built(given, compiler, ("-std=c11", *options), out):
        return "**fails**: " + said.splitlines()[0]
    if compiler.clang and "-flto" in options:
        return "builds"
    result = run_built(given, options, out)
    return f"{result.instructions[0]:,}" if result.instructions else "exact"


def headers(isa: str) -> tuple[str, ...]:
    """All runtime headers, of the instruction sets' own those of `isa`; its `blocks.h` chooses one of blocks_*.h."""
    include = data_dir("runtime") / "include"
    found = (*(include / "tinyc").glob("*.h"), *(include / "tinyc" / isa).glob("*.h"))
    return tuple(str(file.relative_to(include)) for file in sorted(found) if "blocks_" not in file.name)


def taken_as(given: Project, compiler: Compiler, standard: str, out: Path) -> str:
    """Compile what is generated as C, or a C++ file that includes every header; return the objections, or ""."""
    out.mkdir(parents=True, exist_ok=True)
    if not standard.startswith("c++"):
        return built(given, compiler, (f"-std={standard}", "-O2"), out)
    source = out / "headers.cpp"
    names = (f"{_NAME}.h", f"{_NAME}_weights.h", *headers(given.kernels))
    source.write_text("".join(f'#include "{name}"\n' for name in names))
    options = (f"-I{data_dir('runtime')}/include", *given.options, *WARNINGS, f"-std={standard}")
    return compiler.compile(source, out / "headers.o", options)


def tables() -> str:
    """All tables of the page."""
    with tempfile.TemporaryDirectory() as place:
        given = {k: project(k, Path(place) / k) for k in (*KERNELS, HOST)}
        host = {HOST: given.pop(HOST)}
        return "\n".join((*_by_options(given), "", *_by_options(host), "", *_by_standard(given)))


def _by_options(given: dict[str, Project]) -> list[str]:
    """A table of compilers and options against kernels."""
    titles = ["portable C on this machine" if k == HOST else f"`{k}`" for k in given]
    lines = [f"| Compiler | Options | {' | '.join(titles)} |", "|---|---" + "|---:" * len(given) + "|"]
    for compiler in compilers(HOST in given):
        for flags in FLAGS:
            outs = {k: g.place / "out" / f"{compiler.name}{flags}" for k, g in given.items()}
            cells = [cell(g, compiler, flags, outs[k]) for k, g in given.items()]
            lines.append(f"| {compiler.name} | `{flags}` | {' | '.join(cells)} |")
    return lines


def _by_standard(given: dict[str, Project]) -> list[str]:
    """A table of compilers against standards."""
    standards = (*C_STANDARDS, *CPP_STANDARDS)
    lines = [f"| Compiler | {' | '.join(f'`{s}`' for s in standards)} |", "|---" * (1 + len(standards)) + "|"]
    for compiler in compilers():
        cells = []
        for standard in standards:
            said = [taken_as(g, compiler, standard, g.place / "standard") for g in given.values()]
            cells.append("**fails**" if any(said) else "clean")
        lines.append(f"| {compiler.name} | {' | '.join(cells)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/compilers.md")
    text = tables()
    if parser.parse_args().write:
        page = PAGE.read_text(encoding="utf-8")
        mark = "<!-- python -m benchmarks.compilers --write -->\n"
        start, _, rest = page.partition(mark)
        _, end, tail = rest.partition("<!-- end -->")
        PAGE.write_text(f"{start}{mark}\n{text}\n{end}{tail}", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
