"""The stack of every kernel has a bound, however GCC is told to optimise: what tinyc promises of a firmware."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tinyc.kernels.cost import Level
from tinyc.paths import data_dir
from tinyc.target.boards import load_board
from tinyc.target.stack import worst_case_stack

ROOT = "every_kernel"
#: A core of each kind of code that GCC generates.
BOARDS = ("microbit", "mps2-an385", "mps2-an386", "mps3-an547", "hifive1-revb")


@pytest.mark.parametrize("level", ["-O2", "-Os"])
@pytest.mark.parametrize("board", [pytest.param(b, marks=pytest.mark.slow) for b in BOARDS])
def test_every_kernel_has_a_bounded_stack(board: str, level: Level, tmp_path: Path) -> None:
    target = load_board(board)
    gcc = f"{target.toolchain.prefix}gcc"
    if not shutil.which(gcc):
        pytest.skip(f"{gcc} is not installed")
    found = sorted((data_dir("runtime") / "src/kernels").rglob("*.c"))
    sources = [source for source in found if source.stem.rsplit("_", 1)[1] in target.isa]
    assert {source.stem.rsplit("_", 1)[1] for source in sources} == set(target.isa)
    roots = tmp_path / "roots.c"
    declared = "".join(f"void {source.stem}(void);\n" for source in sources)
    called = "".join(f"    {source.stem}();\n" for source in sources)
    roots.write_text(f"{declared}void {ROOT}(void);\nvoid {ROOT}(void)\n{{\n{called}}}\n")
    options = (
        *("-std=c11", level, *target.toolchain.cflags, "-ffp-contract=off", "-fno-common"),
        *("-ffunction-sections", "-fcallgraph-info=su", f"-I{data_dir('runtime')}/include"),
    )
    compiled = subprocess.run(
        (gcc, *options, "-c", str(roots), *map(str, sources)),
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert compiled.returncode == 0, compiled.stderr
    elf = tmp_path / "kernels.elf"
    # all kernels together take more than a small board has
    layout = (
        "-nostartfiles",
        f"-Wl,--entry={ROOT}",
        "-Wl,--gc-sections",
        "-Wl,--defsym=__flash_size=0x4000000",
    )
    linked = subprocess.run(
        (gcc, *target.toolchain.cflags, *layout, *tmp_path.glob("*.o"), *target.toolchain.libs, "-o", elf),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert linked.returncode == 0, linked.stderr
    assert worst_case_stack(elf, ROOT, target, sorted(tmp_path.glob("*.ci"))).bytes > 0
