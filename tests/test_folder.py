"""Firmware folders: what is replaced, kept and refused, and that a stranger's folder builds nothing but its sources."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.tool import make
from tinyc.cli import run
from tinyc.codegen.projects.firmware import FACTS, BorderTensor, Firmware, RowInput, facts, read_facts
from tinyc.errors import UsageError
from tinyc.target import folder

Captured = pytest.CaptureFixture[str]
FILES = {"a.c": "int a;\n", "runtime/b.h": "int b;\n"}
REPORT = {"schema": 1, "model": {}, "board": "host", "ram": {}, "flash": {}, "layers": []}


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """A folder of ours with two files, with a note of its user's and what make left."""
    out = tmp_path / "out"
    assert folder.write(FILES, REPORT, out) == ()
    (out / "notes.txt").write_text("mine")
    (out / "runtime" / "more.txt").write_text("mine too")
    (out / "empty").mkdir()
    (out / "link").symlink_to("notes.txt")
    (out / "build").mkdir()
    (out / "build" / "stale.o").write_text("old")
    return out


def contents(place: Path) -> dict[str, str]:
    return {p.relative_to(place).as_posix(): p.read_text() for p in place.rglob("*") if p.is_file()}


def test_only_what_tinyc_wrote_is_replaced(ours: Path) -> None:
    """And what make left; the rest stays and is named."""
    kept = folder.write({"a.c": "int c;\n"}, REPORT, ours)
    assert kept == ("empty", "link", "notes.txt", "runtime/more.txt")
    assert sorted(contents(ours)) == ["a.c", "link", "notes.txt", "report.json", "runtime/more.txt"]
    assert (ours / "a.c").read_text() == "int c;\n"
    assert (ours / "link").is_symlink() and (ours / "empty").is_dir()
    assert [path.name for path in ours.parent.iterdir()] == ["out"]


def test_a_changed_file_is_not_overwritten(ours: Path) -> None:
    (ours / "runtime" / "b.h").write_text("int mine;\n")
    before = contents(ours)
    with pytest.raises(UsageError, match=r"changed since tinyc wrote it: runtime/b\.h"):
        folder.write(FILES, REPORT, ours)
    assert contents(ours) == before


@pytest.mark.parametrize("wanted", ["notes.txt", "notes.txt/x.c", "link/x.c", "empty", "link"])
def test_a_foreign_file_is_in_no_files_way(ours: Path, wanted: str) -> None:
    before = contents(ours)
    with pytest.raises(UsageError, match="in the place of a file of its own: "):
        folder.write({wanted: "int x;\n"}, REPORT, ours)
    assert contents(ours) == before


def test_a_folder_that_was_empty_may_hold_files_of_ours(ours: Path) -> None:
    assert "empty" not in folder.write({"empty/x.c": "int x;\n"}, REPORT, ours)
    assert (ours / "empty" / "x.c").is_file()


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", "a/../../secret", "./a.c", "a//b", "", ".", "x\ny", "-x"]
)
def test_listed_paths_stay_in_the_folder(ours: Path, path: str) -> None:
    (ours.parent / "secret").write_text("mine")
    report = json.loads((ours / "report.json").read_text())
    report["files"][path] = hashlib.sha256(b"mine").hexdigest()
    (ours / "report.json").write_text(json.dumps(report))
    with pytest.raises(UsageError, match="is not a path within the folder"):
        folder.write({"x.c": "int x;\n"}, REPORT, ours)
    assert (ours.parent / "secret").read_text() == "mine"


def test_a_link_in_place_of_a_listed_folder_is_not_followed(ours: Path) -> None:
    shutil.rmtree(ours / "runtime")
    (ours.parent / "else").mkdir()
    (ours.parent / "else" / "b.h").write_text(FILES["runtime/b.h"])
    (ours / "runtime").symlink_to(ours.parent / "else")
    with pytest.raises(UsageError, match=r"changed since tinyc wrote it: runtime/b\.h"):
        folder.write(FILES, REPORT, ours)
    assert (ours.parent / "else" / "b.h").is_file()


def damage(change: Callable[[dict[str, Any]], object]) -> Callable[[str], str]:
    """A report with one value changed."""

    def changed(text: str) -> str:
        report = json.loads(text)
        change(report)
        return json.dumps(report)

    return changed


DAMAGES: tuple[Callable[[str], str], ...] = (
    lambda text: "",
    lambda text: text[: len(text) // 2],
    lambda text: "null",
    lambda text: "[]",
    lambda text: "7",
    lambda text: "[" * 100_000,
    lambda text: '{"schema": 1' + "0" * 6000 + "}",
    lambda text: text + " " * (40 << 20),
    damage(lambda r: r.update(schema="1")),
    damage(lambda r: r.update(schema=2)),
    damage(lambda r: r.update(model=7)),
    damage(lambda r: r.update(model=None)),
    damage(lambda r: r.update(board=[])),
    damage(lambda r: r.update(ram=[])),
    damage(lambda r: r["ram"].update(total="much")),
    damage(lambda r: r["ram"].update(arena=-1)),
    damage(lambda r: r["ram"].update(arena=1e300)),
    damage(lambda r: r["ram"].update(arena=True)),
    damage(lambda r: r.update(flash="")),
    damage(lambda r: r.update(layers={})),
    damage(lambda r: r.update(layers=[7])),
    damage(lambda r: r["layers"][0].update(name=7)),
    damage(lambda r: r["layers"][0].update(macs="many")),
    damage(lambda r: r.update(files=[])),
    damage(lambda r: r.update(files={"a.c": 7})),
    damage(lambda r: r.update(files={"../a.c": "0" * 64})),
)

#: What only `run DIR` reads.
RUN_DAMAGES: tuple[Callable[[str], str], ...] = (
    damage(lambda r: r.pop("files")),
    damage(lambda r: r.update(files={})),
    damage(lambda r: r["files"].pop(FACTS)),
    damage(lambda r: r["files"].pop("vectors.npz")),
    damage(lambda r: r.update(name="other")),
    damage(lambda r: r.update(name="$(shell id)")),
    damage(lambda r: r.update(reference="mine")),
    damage(lambda r: r.pop("interface")),
    damage(lambda r: r["interface"].update(inputs=[])),
    damage(lambda r: r["interface"]["inputs"][0].update(shape=[1 << 30] * 9)),
    damage(lambda r: r["interface"]["inputs"][0].update(shape="wide")),
    damage(lambda r: r["interface"]["inputs"][0].update(dtype="object")),
    damage(lambda r: r["interface"]["outputs"][0].update(model_dtype="float64")),
    damage(lambda r: r["interface"]["outputs"][0].update(scale="1")),
    damage(lambda r: r["layers"][0].update(position=99)),
    damage(lambda r: r["model"].update(macs=None)),
)


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory, digits: Path) -> Path:
    """digits compiled for host; not to be changed."""
    out = tmp_path_factory.mktemp("folder") / "firmware"
    assert run(["compile", str(digits), "--board", "host", "-o", str(out)]) == 0
    return out


@pytest.fixture
def copy(firmware: Path, tmp_path: Path) -> Path:
    return shutil.copytree(firmware, tmp_path / "firmware")


def rehash(place: Path) -> None:
    """As one who forges a folder does: make report.json agree with its files."""
    report = json.loads((place / "report.json").read_text())
    report["files"] = {
        path: hashlib.sha256((place / path).read_bytes()).hexdigest()
        for path in report["files"]
        if (place / path).is_file()
    }
    (place / "report.json").write_text(json.dumps(report))


@pytest.mark.parametrize("number", range(len(DAMAGES) + len(RUN_DAMAGES)))
def test_a_damaged_report_is_a_wrong_command_line(
    number: int, copy: Path, digits: Path, capsys: Captured
) -> None:
    """In every command that reads one: exit 64, nothing written."""
    report = copy / "report.json"
    report.write_text((DAMAGES + RUN_DAMAGES)[number](report.read_text()))
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    assert run(["run", str(copy)]) == 64
    if number < len(DAMAGES):
        assert run(["report", str(report), str(report)]) == 64
        assert run(["compile", str(digits), "--board", "host", "-o", str(copy)]) == 64
    assert "bug in tinyc" not in capsys.readouterr().err
    assert {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize(
    "name", ["digits.c", "Makefile", "board.toml", "vectors.npz", "runtime/include/tinyc/tinyc.h"]
)
def test_a_changed_folder_is_not_run(name: str, copy: Path, capsys: Captured) -> None:
    (copy / name).write_bytes((copy / name).read_bytes() + b"\n")
    assert run(["run", str(copy)]) == 64
    told = capsys.readouterr().err
    assert f"changed since tinyc wrote it: {name}" in told
    assert "make run" in told
    (copy / name).unlink()
    assert run(["run", str(copy)]) == 64


def test_other_files_in_the_folder_are_neither_built_nor_minded(copy: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (copy / "GNUmakefile").write_text(f"$(shell touch {trace})\nall:\n\ttouch {trace}\n")
    (copy / "extra.c").write_text("#error no\n")
    assert run(["run", str(copy)]) == 0
    assert not trace.exists()
    assert make(copy).status == 0
    assert trace.exists()  # plain make obeys it


@pytest.mark.parametrize("file", ["Makefile", "firmware.json"])
def test_a_forged_folder_runs_no_command(file: str, copy: Path, tmp_path: Path, capsys: Captured) -> None:
    """Its hashes agree; still its Makefile is not read, and facts that would end up in ours are checked."""
    trace = tmp_path / "trace"
    shell = f"$(shell touch {trace})"
    if file == "Makefile":
        text = (copy / file).read_text()
        (copy / file).write_text(f"{shell}\n{text}")
        rehash(copy)
        assert run(["run", str(copy)]) == 0
    else:
        for key, value in (
            ("name", shell), ("banner", [f"\n{shell}"]), ("sources", [shell]), ("sources", ["../x.c"]),
            ("optimize", shell),
            ("library", [shell]), ("includes", [shell]), ("includes", ["/etc"]), ("layers", shell), ("stack_bytes", -1),
            ("inputs", [{"bytes": 1, "element_bytes": 1, "suffix": shell}]), ("rows", {"count": shell, "bytes": 1}),
        ):  # fmt: skip
            known = json.loads((copy / file).read_text())
            (copy / file).write_text(json.dumps({**known, key: value}))
            rehash(copy)
            assert run(["run", str(copy)]) == 64, key
            assert f"{FACTS}: {key}" in capsys.readouterr().err
            (copy / file).write_text(json.dumps(known))
    assert not trace.exists()


def test_facts_come_back_as_they_were() -> None:
    firmware = Firmware(
        "net", ("first",), (BorderTensor(16), BorderTensor(8, 4, "_1")), (BorderTensor(4),), ("runtime/src/a.c",),
        3, 100, RowInput(2, 8), 512, ("cmsis-nn/Source/a.c",), ("cmsis-nn/Include",), "-Os",
    )  # fmt: skip
    assert read_facts(facts(firmware).encode(), "here") == firmware
