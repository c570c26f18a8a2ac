"""Finding the programs tinyc calls, and running them with a time limit and without leftovers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tinyc.errors import ToolError
from tinyc.paths import temporary_folder


@dataclass(frozen=True)
class Finished:
    """A program that ended: its exit status (negative: the signal that ended it) and what it printed."""

    status: int
    text: str


def find_tool(name: str, packages: tuple[str, ...]) -> str:
    """Full path of a program on PATH, or ToolError with the apt line that installs it."""
    found = shutil.which(name)
    if found is None:
        raise ToolError(f"{name} is not installed.", apt_hint(packages))
    return str(Path(found).absolute())  # PATH may name a folder relative to the one we are in


def apt_hint(packages: tuple[str, ...]) -> str:
    """The one line that installs what is missing."""
    return f"Install it: sudo apt-get install {' '.join(packages)}" if packages else ""


def tool_version(name: str) -> str | None:
    """First line of what `name --version` prints; None where it is not installed."""
    found = shutil.which(name)
    if found is None:
        return None
    lines = run_tool((found, "--version"), timeout=30).text.splitlines()
    return lines[0] if lines else ""


def run_tool(
    command: tuple[str, ...],
    timeout: float,
    folder: Path | None = None,
    environment: dict[str, str] | None = None,
    *,
    interactive: bool = False,
    stop_when: Callable[[str], bool] = lambda _: False,
) -> Finished:
    """Runs a command in a process group of its own, all of which is killed at the time limit (ToolError).

    Its temporary files go to a folder of its own, so that killing it leaves none. interactive: its input stays
    open and silent, where else it is empty. stop_when: asked a few times a second, with what it printed so far,
    whether to kill it, which is then no error. ToolError too where it cannot be started.
    """
    reading, writing = os.pipe() if interactive else (subprocess.DEVNULL, None)
    try:
        with temporary_folder("tinyc-tool-") as temporary:
            process = _started(command, folder, {"TMPDIR": str(temporary), **(environment or {})}, reading)
            with process:
                text = _watch(process, command, timeout, stop_when)
    finally:
        if writing is not None:
            os.close(reading)
            os.close(writing)
    return Finished(process.returncode, text)


def _started(
    command: tuple[str, ...], folder: Path | None, environment: dict[str, str], stdin: int
) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", **environment},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started: {error.strerror}.") from error


def _watch(
    process: subprocess.Popen[str], command: tuple[str, ...], timeout: float, stop_when: Callable[[str], bool]
) -> str:
    """What the process printed until it ended or was stopped."""
    end = time.monotonic() + timeout
    try:
        while True:
            left = end - time.monotonic()
            try:
                return process.communicate(timeout=max(0.0, min(_PERIOD, left)))[0]
            except subprocess.TimeoutExpired as error:
                stopped = stop_when(_so_far(error))
                if not stopped and time.monotonic() < end:
                    continue
                _kill_group(process)
                text, _ = process.communicate()
                if stopped:
                    return text
                said = f" It printed last:\n{_tail(text)}" if text.strip() else ""
                name = Path(command[0]).name
                raise ToolError(f"{name} did not end within {timeout:g} s.{said}") from error
    except BaseException:
        _kill_group(process)
        raise


_PERIOD = 0.25


def _so_far(error: subprocess.TimeoutExpired) -> str:
    """What a process that goes on has printed; subprocess gives bytes even of a text stream."""
    said = error.output or b""
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _kill_group(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _tail(text: str, lines: int = 5) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])
