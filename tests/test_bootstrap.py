"""scripts/bootstrap.sh where it may not install: one apt line, exit code 5."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def bootstrap(tmp_path: Path, *programs: str) -> subprocess.CompletedProcess[str]:
    """Runs it in a copy of the checkout's surface; only `programs` exist, and the user is nobody special."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "bootstrap.sh", tmp_path / "scripts")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("dirname", "find"):
        (commands / name).symlink_to(shutil.which(name) or "missing")
    for name, body in {"id": "echo 1000", **dict.fromkeys(programs, "exit 0")}.items():
        (commands / name).write_text(f"#!/bin/sh\n{body}\n")
        (commands / name).chmod(0o755)
    return subprocess.run(
        ("/bin/sh", "scripts/bootstrap.sh", "demo"),
        cwd=tmp_path,
        env={"PATH": str(commands)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_prints_the_one_apt_line(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "apt-get", "make", "python3")
    assert done.returncode == 5
    (line,) = [line.strip() for line in done.stderr.splitlines() if "apt-get install" in line]
    assert line.startswith("sudo apt-get install -y ")
    wanted = {"gcc", "libc6-dev", "gcc-arm-none-eabi", "libnewlib-arm-none-eabi", "qemu-system-arm"}
    assert set(line.split()[4:]) == wanted
    assert not (tmp_path / ".venv").exists()


def test_names_what_is_missing_where_there_is_no_apt(tmp_path: Path) -> None:
    done = bootstrap(tmp_path)
    assert done.returncode == 5
    assert "qemu-system-arm" in done.stderr
    assert "python3-venv" in done.stderr


def test_refuses_other_purposes() -> None:
    done = subprocess.run(
        (ROOT / "scripts" / "bootstrap.sh", "x"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 64


@pytest.mark.parametrize("script", ["bootstrap.sh", "c_format.sh"])
def test_scripts_are_posix(script: str) -> None:
    subprocess.run(("/bin/sh", "-n", ROOT / "scripts" / script), check=True)
