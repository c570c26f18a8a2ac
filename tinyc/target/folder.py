"""Writing a firmware folder all at once or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyc.errors import UsageError
from tinyc.paths import temporary_folder


def write(files: Mapping[str, str | bytes], out: Path) -> None:
    """Make `out` hold exactly these files. Raises UsageError where `out` is something that is not ours."""
    check_replaceable(out)
    target = out.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(f".{target.name}.", target.parent) as temporary:
            fresh, old = temporary / "new", temporary / "old"
            fill(files, fresh)
            if target.exists():
                target.rename(old)
            fresh.rename(target)
    except OSError as problem:
        raise UsageError(f"{out}: cannot be written: {problem.strerror}") from problem


def fill(files: Mapping[str, str | bytes], directory: Path) -> None:
    """Write `files` below a new directory."""
    for path, content in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def clear(directory: Path) -> None:
    """Make it an empty folder."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def check_replaceable(out: Path) -> None:
    """Raises UsageError unless `out` is free, empty, or a firmware folder of ours."""
    if not out.exists() and not out.is_symlink():
        return
    if not out.is_dir() or out.is_symlink():
        raise UsageError(f"{out}: exists and is not a folder", "choose another -o")
    if any(out.iterdir()) and not is_ours(out):
        raise UsageError(
            f"{out}: exists and is not a firmware folder written by tinyc", "choose another -o, or remove it"
        )


def read_report(directory: Path) -> dict[str, Any]:
    """report.json of a firmware folder of ours. Raises UsageError for any other folder."""
    if not is_ours(directory):
        raise UsageError(f"{directory}: not a firmware folder written by tinyc compile")
    report: dict[str, Any] = json.loads((directory / "report.json").read_text())
    return report


def copy(source: Path, target: Path) -> None:
    """The folder without what make left in it."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("build"))


def is_ours(directory: Path) -> bool:
    """True where the folder holds a report.json of ours."""
    try:
        report = json.loads((directory / "report.json").read_text())
    except (OSError, ValueError):
        return False
    return (
        isinstance(report, dict) and report.get("schema") == 1 and {"model", "board", "ram"} <= report.keys()
    )
