"""make in a firmware folder: products, reproducible bytes, and errors a user can act on."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.stub_model import (
    INPUTS,
    MODEL,
    STUB,
    Stub,
    expected,
    needs_arm_gcc,
    needs_qemu,
    on_all,
    on_m4,
    stub,
)
from tinyc.errors import FitError, ToolError
from tinyc.target.boards import Ram, load_board
from tinyc.target.elf import read_footprint, region_use, symbol_at

on_m4_gcc = pytest.mark.parametrize("board", [pytest.param("mps2-an386", marks=needs_arm_gcc)])


@on_all
def test_make_run_passes_without_python(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    done = model.make("run")
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
    subprocess.run(["make", "-s", "clean"], cwd=model.written, check=True)
    assert not (model.written / "build").exists()


@on_all
def test_make_run_fails_on_a_mismatch(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    vectors = bytearray(model.vectors)
    vectors[-1] ^= 1
    (model.written / "vectors.bin").write_bytes(vectors)
    done = model.make("run")
    assert done.returncode != 0
    assert "FAIL" in done.stdout


@on_all
def test_building_elsewhere_leaves_the_folder_alone(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    before = sorted(model.written.rglob("*"))
    model.build()
    model.build("trace")
    assert sorted(model.written.rglob("*")) == before


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=needs_arm_gcc)])
@pytest.mark.parametrize("variant", ["demo", "lib", "footprint"])
def test_the_same_folder_elsewhere_gives_the_same_bytes(tmp_path: Path, board: str, variant: str) -> None:
    first = stub(tmp_path / "here", board).build(variant)  # type: ignore[arg-type]
    second = stub(tmp_path / "there/and/deeper", board).build(variant)  # type: ignore[arg-type]
    assert first.elf.read_bytes() == second.elf.read_bytes()


def test_the_shared_library_computes(tmp_path: Path) -> None:
    library = ctypes.CDLL(str(stub(tmp_path, "host").build("shared").elf))
    library.stub_input.restype = library.stub_output.restype = ctypes.c_void_p
    ctypes.memmove(library.stub_input(), INPUTS[1], 16)
    assert library.stub_run() == 0
    assert ctypes.string_at(library.stub_output(), 16) == expected(INPUTS[1])


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=needs_arm_gcc)])
def test_the_footprint_is_the_model_alone(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    cost = read_footprint(model.build("footprint").elf, "stub")
    assert (cost.weights, cost.arena, cost.data) == (16, 64, 8 if board != "host" else 4)
    assert cost.static == cost.data + cost.zeroed
    assert 40 < cost.code < 700
    assert cost.flash == cost.weights + cost.code + cost.data


@on_m4_gcc
def test_library_functions_count_as_code(tmp_path: Path, board: str) -> None:
    body = "tc_status stub_run(void) { memcpy(stub_arena, stub_arena + 32, stub_arena[63]); return TC_OK; }"
    plain = stub(tmp_path / "a", board, "tc_status stub_run(void) { return TC_OK; }").build("footprint")
    copying = stub(tmp_path / "b", board, body).build("footprint")
    assert symbol_at(copying.elf, _address(copying.elf, "memcpy")) == "memcpy"
    assert read_footprint(copying.elf, "stub").code > read_footprint(plain.elf, "stub").code + 50


def _address(elf: Path, symbol: str) -> int:
    listing = subprocess.run(
        ["arm-none-eabi-nm", str(elf)], capture_output=True, text=True, check=True
    ).stdout
    return next(int(line.split()[0], 16) for line in listing.splitlines() if line.endswith(f" {symbol}"))


@pytest.mark.parametrize("board", [pytest.param("mps3-an547", marks=[needs_qemu, pytest.mark.emulator])])
def test_constants_and_a_large_arena_lie_in_their_own_memories(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board, model=MODEL.replace("[64]", "[1000000]"), arena_bytes=1_000_000)
    assert model.run().mismatches == (0, 0, 0)
    used = region_use(model.build().elf, model.board)
    assert used["SRAM"] == 16
    assert used["ISRAM"] == 1_000_000
    assert used["DTCM"] < 5000


@on_m4_gcc
@pytest.mark.parametrize("name", ["SSRAM1", "SSRAM23"])
def test_too_little_memory_is_told_by_region(tmp_path: Path, board: str, name: str) -> None:
    known = load_board(board)
    small = known.model_copy(
        update={
            "flash": tuple(r.model_copy(update={"size": 200}) if r.name == name else r for r in known.flash),
            "ram": tuple(r.model_copy(update={"size": 2500}) if r.name == name else r for r in known.ram[:1]),
        }
    )
    assert isinstance(small.main_ram, Ram)
    with pytest.raises(FitError, match=rf"{name} \(.*bytes\) is too small by [\d,]+ bytes"):
        stub(tmp_path, small).build()


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=needs_arm_gcc)])
def test_a_compiler_error_is_shown_without_the_noise(tmp_path: Path, board: str) -> None:
    with pytest.raises(ToolError, match=r"stub.c:\d+:\d+: error: 'undeclared'") as caught:
        stub(tmp_path, board, "tc_status stub_run(void) { return undeclared; }").build()
    assert "-Wall" not in caught.value.message


@on_m4_gcc
def test_a_warning_is_an_error(tmp_path: Path, board: str) -> None:
    with pytest.raises(ToolError, match="unused variable"):
        stub(tmp_path, board, "tc_status stub_run(void) { int unused; return TC_OK; }").build()


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=needs_arm_gcc)])
def test_extra_flags_reach_the_compiler(tmp_path: Path, board: str) -> None:
    body = "#ifndef EXTRA\n#error no extra\n#endif\ntc_status stub_run(void) { return TC_OK; }"
    stub(tmp_path, board, body).build(extra_cflags="-DEXTRA=1")


def test_a_missing_compiler_is_answered_with_the_apt_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    make = shutil.which("make")
    assert make is not None
    (tools / "make").symlink_to(make)
    monkeypatch.setenv("PATH", str(tools))
    with pytest.raises(ToolError, match="arm-none-eabi-gcc is not installed") as caught:
        stub(tmp_path, "mps2-an386").build()
    assert caught.value.hint == (
        "Install it: sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi make"
    )


@on_m4
def test_two_models_and_their_folders_link_into_one_program(tmp_path: Path, board: str) -> None:
    """lib and header of each, in an application that brings its own start-up."""
    first = stub(tmp_path, board).build("lib")
    text = Stub(tmp_path / "second", load_board(board), firmware=STUB)
    for path in (text.written / "stub.c", text.written / "stub_weights.c", text.written / "stub.h"):
        path.write_text(path.read_text().replace("stub", "other").replace("STUB", "OTHER"))
        path.rename(path.with_name(path.name.replace("stub", "other")))
    application = tmp_path / "application.c"
    application.write_text(
        '#include "stub.h"\n#include "other.h"\n'
        "int application(void) { return (int)stub_run() + (int)other_run(); }\n"
    )
    flags = [
        *load_board(board).toolchain.cflags,
        "-O2",
        "-nostartfiles",
        "-Wl,-e,application",
        "-Wall",
        "-Werror",
    ]
    includes = [f"-I{stub_dir}" for stub_dir in (tmp_path / f"fw-{board}", text.written)]
    runtime = f"-I{text.written}/runtime/include"
    sources = [str(text.written / "other.c"), str(text.written / "other_weights.c"), str(application)]
    subprocess.run(
        [
            "arm-none-eabi-gcc",
            *flags,
            *includes,
            runtime,
            *sources,
            str(first.elf),
            "-o",
            str(tmp_path / "app.elf"),
        ],
        check=True,
    )
