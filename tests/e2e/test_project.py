"""The firmware folder in its user's hands: make without Python, two models in one program, C++, foreign folders."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.tool import make, tinyc, tinyc_json
from tests.modelgen import KINDS, random_model
from tests.stub_model import QEMU_BOARDS, needs_qemu
from tinyc.compiler import load
from tinyc.emulate import emulators_for
from tinyc.target.boards import load_board

BOARDS = ("host", *(pytest.param(b, marks=[needs_qemu, pytest.mark.emulator]) for b in QEMU_BOARDS))
#: A second model: the generator's last kind.
OTHER = random_model(len(KINDS) - 1)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def compile_to(out: Path, model: Path, *more: str, board: str = "host") -> Path:
    done = tinyc("compile", model, "--board", board, "-o", out, *more)
    assert done.status == 0, done.err
    return out


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("other") / "other.tflite"
    file.write_bytes(OTHER.data)
    return file


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, digits: Path) -> Path:
    """digits for the host; not to be changed."""
    return compile_to(tmp_path_factory.mktemp("project") / "digits", digits)


@pytest.mark.slow
@pytest.mark.parametrize("board", BOARDS)
def test_builds_and_runs_with_plain_make_anywhere(board: str, digits: Path, tmp_path: Path) -> None:
    """In the first of the board's emulators that is installed."""
    emulators = emulators_for(load_board(board))
    if not emulators:
        pytest.skip(f"none of {', '.join(load_board(board).emulators)} is installed")
    chosen = () if board == "host" else (f"EMULATOR={emulators[0]}",)
    made = compile_to(tmp_path / "made", digits, board=board)
    moved = tmp_path / "a folder with spaces" if board == "host" else tmp_path / "moved"
    made.rename(moved)
    built = make(moved, *chosen)
    assert built.status == 0, built.err
    assert "python" not in (built.out + built.err).lower()
    ran = make(moved, "run", *chosen)
    assert ran.status == 0, ran.out + ran.err
    assert "PASS" in ran.out
    assert ("instructions=" in ran.out) == (board != "host")
    library = make(moved, "lib", *chosen)
    assert library.status == 0
    assert (moved / "build" / "libdigits.a").is_file()


def test_a_wrong_vector_makes_make_run_fail(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    vectors = bytearray((copy / "vectors.bin").read_bytes())
    vectors[-1] ^= 1
    (copy / "vectors.bin").write_bytes(vectors)
    ran = make(copy, "run")
    assert ran.status != 0
    assert "FAIL" in ran.out


@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=needs_qemu)])
def test_the_same_input_gives_the_same_bytes(board: str, digits: Path, tmp_path: Path) -> None:
    first = compile_to(tmp_path / "first", digits, "--reference", "tflm", board=board)
    second = compile_to(tmp_path / "deeper" / "second", digits, "--reference", "tflm", board=board)
    assert contents(first) == contents(second)
    make(first), make(second)
    if board != "host":  # sanitizers keep the folder's name
        assert (first / "build" / "digits.elf").read_bytes() == (second / "build" / "digits.elf").read_bytes()


def test_nothing_of_this_machine_is_in_the_folder(project: Path, tmp_path: Path) -> None:
    del tmp_path
    for path, data in contents(project).items():
        assert str(project).encode() not in data, path
        assert str(Path.home()).encode() + b"/" not in data, path
        assert b"_data/" not in data, path


def test_heads_say_where_a_file_came_from(project: Path) -> None:
    report = json.loads((project / "report.json").read_text())
    for path in ("digits.c", "digits.h", "digits_weights.c", "main.c", "Makefile"):
        head = "\n".join((project / path).read_text().splitlines()[:5])
        assert report["model"]["sha256"] in head, path
        assert "tinyc compile digits.tflite --board host" in head, path


def test_foreign_folders_and_files_are_left_alone(digits: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    (foreign / "report.json").write_text('{"schema": 7, "mine": true}')
    before = contents(foreign)
    file = tmp_path / "file"
    file.write_text("also mine")
    link = tmp_path / "link"
    link.symlink_to(foreign)
    for out in (foreign, file, link):
        done = tinyc("compile", digits, "--board", "host", "-o", out)
        assert done.status == 64, done.err
        assert str(out) in done.err
    assert contents(foreign) == before
    assert file.read_text() == "also mine"
    assert link.is_symlink()
    assert {p.name for p in tmp_path.iterdir()} == {"foreign", "file", "link"}


def test_our_own_folder_is_replaced_whole(project: Path, other: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(project, out)
    (out / "build").mkdir()
    (out / "build" / "stale.o").write_text("from digits")
    compile_to(out, other)
    names = set(contents(out))
    assert not [name for name in names if "digits" in name or "stale" in name]
    assert "other.c" in names
    assert {p.name for p in tmp_path.iterdir()} == {"out"}


@pytest.mark.parametrize("shared_arena", [False, True])
def test_two_models_in_one_program(
    shared_arena: bool, project: Path, other: Path, digits: Path, tmp_path: Path
) -> None:
    """Two unedited folders, their sources or their libraries; with or without one arena for both."""
    second = compile_to(tmp_path / "other", other)
    both = ((project, "digits", load(digits)), (second, "other", load(other)))
    flags = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", "-fsanitize=address,undefined"]
    flags += [f"-D{name.upper()}_EXTERNAL_ARENA" for _, name, _ in both] if shared_arena else []
    sources: dict[str, Path] = {}
    for folder, name, _ in both:
        runtime = (folder / "runtime/src/kernels").rglob("*.c")
        sources |= {
            path.name: path for path in (folder / f"{name}.c", folder / f"{name}_weights.c", *runtime)
        }
    vectors, expected = b"", b""
    for folder, _, model in both:
        with np.load(folder / "vectors.npz") as stored:
            inputs = [stored[k][0] for k in sorted(stored.files) if k.startswith("in")]
        outputs = model(*inputs)
        vectors += b"".join(x.tobytes() for x in inputs)
        expected += b"".join(y.tobytes() for y in (outputs if isinstance(outputs, tuple) else (outputs,)))
    (tmp_path / "app.c").write_text(application(both, shared_arena=shared_arena))
    includes = [f"-I{folder / sub}" for folder, _, _ in both for sub in ("", "runtime/include")]
    program = tmp_path / "app"
    command = ["gcc", *flags, *includes, str(tmp_path / "app.c"), *map(str, sources.values())]
    built = subprocess.run([*command, "-o", str(program), "-lm"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    ran = subprocess.run([program], input=vectors, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    assert ran.stdout == expected


def application(both: tuple[tuple[Path, str, object], ...], *, shared_arena: bool) -> str:
    """Runs both models twice, one after the other, and writes the outputs of the second time."""
    lines = ["#include <stdalign.h>", "#include <stdio.h>", *(f'#include "{name}.h"' for _, name, _ in both)]
    if shared_arena:
        # one memory under both names, as a linker script or this alias gives it; a union has its size
        lines.append(
            "union arenas { uint8_t digits[DIGITS_ARENA_BYTES]; uint8_t other[OTHER_ARENA_BYTES]; };"
        )
        lines.append(
            "#define ALIGN (DIGITS_ARENA_ALIGN > OTHER_ARENA_ALIGN ? DIGITS_ARENA_ALIGN : OTHER_ARENA_ALIGN)"
        )
        lines.append("alignas(ALIGN) union arenas arena;")
        lines += [f'__asm__(".globl {n}_arena\\n.set {n}_arena, arena");' for _, n, _ in both]
    lines += ["int main(void)", "{"]
    for folder, name, _ in both:
        described = json.loads((folder / "report.json").read_text())["interface"]
        for kind, ports in (("in", described["inputs"]), ("out", described["outputs"])):
            for i, port in enumerate(ports):
                assert port["dtype"] == port["model_dtype"] == "int8"
                size = int(np.prod(port["shape"]))
                lines.append(f"static int8_t {name}_{kind}{i}[{size}];")
                if kind == "in":
                    lines.append(f"if (fread({name}_in{i}, 1, {size}, stdin) != {size}) return 2;")
    for _ in range(2):
        for folder, name, _ in both:
            described = json.loads((folder / "report.json").read_text())["interface"]
            arguments = [f"{name}_in{i}" for i in range(len(described["inputs"]))]
            arguments += [f"{name}_out{i}" for i in range(len(described["outputs"]))]
            lines.append(f"if ({name}_run_copy({', '.join(arguments)}) != TC_OK) return 3;")
    for folder, name, _ in both:
        described = json.loads((folder / "report.json").read_text())["interface"]
        for i in range(len(described["outputs"])):
            lines.append(f"fwrite({name}_out{i}, 1, sizeof({name}_out{i}), stdout);")
    return "\n".join([*lines, "return 0;", "}", ""])


def test_headers_are_cpp(project: Path, tmp_path: Path) -> None:
    gpp = shutil.which("g++")
    if gpp is None:
        pytest.skip("g++ is not installed")
    flags = ["-Wall", "-Wextra", "-Werror", "-pedantic", f"-I{project}", f"-I{project}/runtime/include"]
    assert make(project, "lib", f"BUILD={tmp_path}/build").status == 0
    (tmp_path / "app.cpp").write_text(
        '#include "digits.h"\n'
        "int main() { digits_input()[0] = 1; return digits_run() == TC_OK && digits_output() ? 0 : 1; }\n"
    )
    program = str(tmp_path / "app")
    command = [gpp, *flags, str(tmp_path / "app.cpp"), f"{tmp_path}/build/libdigits.a", "-lm", "-o", program]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    assert subprocess.run([program], check=False).returncode == 0


def test_run_of_a_folder_judges_by_what_it_holds_or_afresh(
    project: Path, digits: Path, tmp_path: Path
) -> None:
    pytest.importorskip("ai_edge_litert")
    result = tmp_path / "r.json"
    assert tinyc_json(result, "run", project)["judge"] == "stored"
    fresh = ("run", project, "--model", digits)
    found = tinyc_json(result, *fresh, "--samples", "7", "--seed", "3", "--layers")
    assert (found["judge"], found["samples"], found["bit_exact"]) == ("litert", 7, True)
    assert contents(project).keys() >= {"digits.c"}
    assert not (project / "build").exists()  # run builds a copy


def test_run_of_a_folder_refuses_what_does_not_belong(
    project: Path, digits: Path, other: Path, tmp_path: Path
) -> None:
    for line in (
        ("run", project, "--board", "mps2-an386"),
        ("run", project, "--samples", "3"),
        ("run", project, "--layers"),
        ("run", project, "--reference", "tflm"),
        ("run", project, "--model", other),
        ("run", tmp_path),
        ("run", digits, "--board", "host", "--model", digits),
    ):
        done = tinyc(*line)
        assert done.status == 64, (line, done.err)


def test_inputs_and_outputs_as_files(digits: Path, tmp_path: Path) -> None:
    examples = digits.with_name("digits.npz")
    outputs = tmp_path / "y.npz"
    line = ("run", digits, "--board", "host")
    found = tinyc_json(tmp_path / "r.json", *line, "--inputs", examples, "--save-outputs", outputs)
    assert found["samples"] == 20
    with np.load(examples) as file, np.load(outputs) as saved:
        images, labels = file["in0"], file["labels"]
        assert set(saved.files) == {"out0"}
        assert saved["out0"].dtype == np.int8
        np.testing.assert_array_equal(saved["out0"].reshape(20, 10).argmax(1), labels)
    np.save(tmp_path / "x.npy", images[:3])
    again = tinyc_json(
        tmp_path / "r.json", *line, "--inputs", tmp_path / "x.npy", "--save-outputs", tmp_path / "z"
    )
    assert again["samples"] == 3
    np.save(tmp_path / "odd.npy", images[:, :5])
    np.save(tmp_path / "complex.npy", images.astype(np.complex64))
    (tmp_path / "text.npz").write_text("not an archive")
    for name in ("odd.npy", "complex.npy", "text.npz", "missing.npz"):
        done = tinyc(*line, "--inputs", tmp_path / name)
        assert done.status == 64, done.err
        assert name in done.err


@pytest.mark.slow
def test_a_model_with_float_borders(shared: Path, tmp_path: Path) -> None:
    """Float arrays in and out of the tool, int8 in and out of the C API."""
    pytest.importorskip("ai_edge_litert")
    model = shared / "models" / "mcunet_vww.tflite"
    folder = compile_to(tmp_path / "mcunet", model)
    described = json.loads((folder / "report.json").read_text())["interface"]
    (port,) = described["inputs"]
    assert (port["dtype"], port["model_dtype"]) == ("int8", "float32")
    header = (folder / "mcunet_vww.h").read_text()
    assert "int8_t *mcunet_vww_input(void);" in header
    assert "#define MCUNET_VWW_INPUT_SCALE" in header
    assert "#define MCUNET_VWW_INPUT_ZERO_POINT" in header
    rng = np.random.default_rng(5)
    images = rng.uniform(-1.2, 1.2, (3, *port["shape"])).astype(np.float32)
    np.savez(tmp_path / "x.npz", in0=images)
    line = (
        "run",
        folder,
        "--model",
        model,
        "--inputs",
        tmp_path / "x.npz",
        "--save-outputs",
        tmp_path / "y.npz",
    )
    found = tinyc_json(tmp_path / "r.json", *line)
    assert (found["bit_exact"], found["samples"]) == (True, 3)
    with np.load(tmp_path / "y.npz") as saved:
        assert saved["out0"].dtype == np.float32
        np.testing.assert_array_equal(saved["out0"], load(model)(images))
