"""The wheel alone, in an empty folder, compiles."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.stub_model import needs_qemu

ROOT = Path(__file__).resolve().parent.parent
pytest.importorskip("hatchling")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel's files, as pip would lay them out."""
    folder = tmp_path_factory.mktemp("wheel")
    command = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def test_holds_data_licence_and_nothing_else(installed: Path) -> None:
    names = {path.name for path in (installed / "tinyc" / "_data").iterdir()}
    assert names == {"boards", "runtime", "templates"}
    tops = {path.name for path in installed.iterdir()}
    assert tops == {"tinyc", next(name for name in tops if name.endswith(".dist-info"))}
    assert list(installed.rglob("LICENSE"))
    assert (installed / "tinyc" / "py.typed").is_file()
    assert not list(installed.rglob("__pycache__"))


def test_compiles_in_an_empty_folder(installed: Path, digits: Path, tmp_path: Path) -> None:
    def python(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            (sys.executable, *arguments),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(installed) in python("-c", "import tinyc; print(tinyc.__file__)")
    python("-m", "tinyc", "compile", str(digits), "--board", "host", "-o", "firmware")
    done = subprocess.run(
        ("make", "run"), cwd=tmp_path / "firmware", capture_output=True, text=True, check=False
    )
    assert "PASS" in done.stdout, done.stdout + done.stderr


@needs_qemu
@pytest.mark.emulator
def test_installed_by_pip_its_command_compiles_for_a_board(
    installed: Path, digits: Path, tmp_path: Path
) -> None:
    """Without dependencies: those of this environment serve."""
    pytest.importorskip("pip")
    (wheel,) = installed.parent.glob("*.whl")
    site = tmp_path / "site"
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-index")
    subprocess.run((*pip, "--no-deps", "--target", str(site), str(wheel)), check=True, capture_output=True)
    command = (str(site / "bin" / "tinyc"), "compile", str(digits), "--board", "mps2-an386", "-o", "firmware")
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    ran = subprocess.run(
        ("make", "run"), cwd=tmp_path / "firmware", capture_output=True, text=True, check=False
    )
    assert "PASS" in ran.stdout, ran.stdout + ran.stderr
    shipped = {path.name for path in (site / "tinyc" / "_data" / "boards").iterdir()}
    assert shipped == {path.name for path in (ROOT / "boards").iterdir()}
