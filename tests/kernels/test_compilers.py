"""The compilers of docs/compilers.md, in part: all of it is `python -m benchmarks.compilers`."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from benchmarks.compilers import (
    C_STANDARDS,
    CPP_STANDARDS,
    HOST,
    KERNELS,
    Compiler,
    Project,
    built,
    compilers,
    project,
    run_built,
    taken_as,
)
from tests.e2e.tool import FULL
from tests.stub_model import needs_arm_gcc, needs_qemu
from tinyc.codegen.c_text import decimal
from tinyc.paths import data_dir

#: Where assembly gets its registers and where it does not, and what moves the stack.
GCC = ("-O0", "-Os -fno-omit-frame-pointer", "-O2 -fstack-protector-strong -flto")
CLANG = ("-O0 -fno-omit-frame-pointer", "-O2 -fstack-protector-strong")
CASES = tuple(
    (clang, flags)
    for clang, all_flags in ((False, GCC), (True, CLANG))
    for flags in (all_flags if FULL else all_flags[:1])
)
#: The newest C, the oldest and the newest C++.
STANDARDS = (C_STANDARDS[-1], CPP_STANDARDS[0], CPP_STANDARDS[-1])
#: All headers by both compilers; sources, which take long, with TINYC_FULL=1.
TAKEN = tuple(
    (kernels, standard, clang)
    for kernels in KERNELS
    for standard in STANDARDS
    for clang in (True, False)
    if FULL or standard.startswith("c++") or (clang and kernels in ("dsp", "mve"))
)


def compiler(clang: bool, host: bool = False) -> Compiler:
    for found in compilers(host):
        if found.clang == clang:
            return found
    pytest.skip(f"{'clang' if clang else 'gcc'} is not installed")


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Project]:
    place = tmp_path_factory.mktemp("compilers")
    return {k: project(k, place / k) for k in (*KERNELS, HOST)}


@needs_arm_gcc
@needs_qemu
@pytest.mark.emulator
@pytest.mark.parametrize("kernels", KERNELS)
@pytest.mark.parametrize(("clang", "flags"), CASES, ids=lambda v: v if isinstance(v, str) else None)
def test_kernels_are_exact_and_clean_under_each_compiler(
    kernels: str, clang: bool, flags: str, projects: dict[str, Project], tmp_path: Path
) -> None:
    given, options = projects[kernels], ("-std=c11", *flags.split())
    said = built(given, compiler(clang), options, tmp_path)
    assert not said, said
    run_built(given, options, tmp_path)


@pytest.mark.parametrize("clang", [False, True], ids=["gcc", "clang"])
@pytest.mark.parametrize("flags", ["-O0", "-O3"])
def test_portable_kernels_are_exact_on_this_machine(
    clang: bool, flags: str, projects: dict[str, Project], tmp_path: Path
) -> None:
    given, options = projects[HOST], ("-std=c11", flags)
    said = built(given, compiler(clang, host=True), options, tmp_path)
    assert not said, said
    run_built(given, options, tmp_path)


@needs_arm_gcc
@pytest.mark.parametrize(("kernels", "standard", "clang"), TAKEN)
def test_sources_are_clean_c_and_headers_clean_cpp(
    kernels: str, standard: str, clang: bool, projects: dict[str, Project], tmp_path: Path
) -> None:
    said = taken_as(projects[kernels], compiler(clang), standard, tmp_path)
    assert not said, said


@pytest.mark.parametrize("compiler_name", ["g++", "clang++"])
@pytest.mark.parametrize("header", ["thumb2/ternary_vector.h", "rv32/ternary_vector.h"])
def test_headers_of_cores_that_are_no_project_are_clean_cpp(
    header: str, compiler_name: str, tmp_path: Path
) -> None:
    """Here, as portable code."""
    if shutil.which(compiler_name) is None:
        pytest.skip(f"{compiler_name} is not installed")
    source = tmp_path / "header.cpp"
    source.write_text(f'#include "tinyc/{header}"\n', encoding="utf-8")
    include = f"-I{data_dir('runtime') / 'include'}"
    options = ("-std=c++11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function")
    command = (compiler_name, *options, include, "-fsyntax-only", str(source))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_macros_of_headers_are_named_as_ours() -> None:
    """A firmware includes many of them together, and so does the user's own code."""
    for header in (data_dir("runtime") / "include").rglob("*.h"):
        found = re.findall(r"^#define (\w+)", header.read_text(encoding="utf-8"), re.MULTILINE)
        assert all(name.startswith(("TC_", "TINYC_", "tc_")) for name in found), header


def test_scale_in_a_header_is_decimal_and_gives_back_the_same_float() -> None:
    rng = np.random.default_rng(1)
    bits = rng.integers(0x00800000, 0x7F800000, 20_000, dtype=np.uint32)
    for scale in bits.view(np.float32):
        text = decimal(float(scale))
        assert text.endswith("f")
        assert "x" not in text
        assert "." in text or "e" in text
        assert np.float32(float(text[:-1])) == scale
