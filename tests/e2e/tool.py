"""The command line as a user types it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent

#: Everything at its full count, as for the acceptance of a release; else the same checks on fewer samples.
FULL = bool(os.environ.get("TINYC_FULL"))


@dataclass(frozen=True)
class Finished:
    """A command that ended."""

    status: int
    out: str
    err: str


def tinyc(*arguments: str | Path, cwd: Path | None = None, timeout: float = 900.0) -> Finished:
    """`tinyc ARGUMENTS`. Fails the test where it prints a traceback or does not end."""
    command = (sys.executable, "-m", "tinyc", *map(str, arguments))
    path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH")) if p)
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "200"}
    environment.pop("TINYC_DEBUG", None)
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return Finished(done.returncode, done.stdout, done.stderr)


def tinyc_json(json_file: Path, *arguments: str | Path) -> dict[str, Any]:
    """The JSON of a command that must end with 0."""
    done = tinyc(*arguments, "--json", json_file)
    assert done.status == 0, f"exit {done.status}: {done.err}\n{done.out}"
    found: dict[str, Any] = json.loads(json_file.read_text())
    return found


def make(folder: Path, *arguments: str) -> Finished:
    """`make ARGUMENTS` in a firmware folder, with nothing of Python in its environment."""
    environment = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TINYC_RENODE"}}
    done = subprocess.run(
        ("make", "-C", str(folder), *arguments), env=environment, capture_output=True, text=True, check=False
    )
    return Finished(done.returncode, done.stdout, done.stderr)
