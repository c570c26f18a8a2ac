"""Firmware folders: written all at once or not at all, and never over what tinyc did not write.

report.json lists every other file that tinyc wrote, with its SHA-256. So it is known which files are ours, which were
changed since, and which are somebody else's.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tinyc.errors import UsageError
from tinyc.paths import temporary_folder
from tinyc.target.report_file import read_report

REPORT = "report.json"

#: What `make` leaves in a firmware folder; it goes with the sources that it was made from.
_BUILD = "build"

_SHOWN = 5


def write(files: Mapping[str, str | bytes], report: Mapping[str, Any], out: Path) -> tuple[str, ...]:
    """Make `out` a firmware folder of these files and report.json; the files of somebody else that stayed there.

    Raises UsageError where `out` cannot be written, is not a folder of ours, or holds something in a file's place.
    """
    check_replaceable(out)
    listed = {path: _sha256(_bytes(content)) for path, content in sorted(files.items())}
    text = json.dumps({**report, "files": listed}, indent=1) + "\n"
    kept = _to_keep(out, {*files, REPORT})
    target = out.absolute()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(".tinyc-", target.parent) as temporary:
            fresh, old = temporary / "new", temporary / "old"
            fill({**files, REPORT: text}, fresh)
            for path in kept:
                _link(target / path, fresh / path)
            _swap(target, fresh, old)
    except OSError as problem:
        raise UsageError(f"{out}: cannot be written: {problem.strerror or problem}") from problem
    return kept


def _swap(target: Path, fresh: Path, old: Path) -> None:
    """Put `fresh` at `target`, which becomes `old` where it was there; all or nothing."""
    existed = target.exists()
    if existed:
        target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        if existed:
            old.rename(target)
        raise


def _link(source: Path, target: Path) -> None:
    """The same file in another folder, or a copy where the file system has no links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if _is_plain_folder(source):
        target.mkdir(exist_ok=True)
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def fill(files: Mapping[str, str | bytes], directory: Path) -> None:
    """Write `files` below a directory."""
    for path, content in files.items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_bytes(content))


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def clear(directory: Path) -> None:
    """Make it an empty folder."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def check_replaceable(out: Path) -> None:
    """Raises UsageError unless `out` is free, empty, or a firmware folder of ours that nobody changed."""
    try:
        if not out.exists() and not out.is_symlink():
            return
        if not out.is_dir() or out.is_symlink():
            raise UsageError(f"{out}: exists and is not a folder", "choose another -o")
        if not any(out.iterdir()):
            return
    except (OSError, ValueError) as problem:
        raise UsageError(f"{out}: cannot be written: {getattr(problem, 'strerror', problem)}") from problem
    if not (out / REPORT).is_file():
        raise UsageError(
            f"{out}: exists and is not a firmware folder written by tinyc", "choose another -o, or remove it"
        )
    changed = changed_files(out, listed_files(out))
    if changed:
        raise UsageError(
            f"{out}: changed since tinyc wrote it: {named(changed)}",
            "move these files away to have them written anew, or choose another -o",
        )


def _to_keep(out: Path, wanted: set[str]) -> tuple[str, ...]:
    """What is not ours in `out`. Raises UsageError where it is, or lies in, the place of a file that is `wanted`."""
    foreign = foreign_files(out)
    inner = {parent.as_posix() for path in wanted for parent in Path(path).parents}
    used = {path for path in foreign if path in inner and _is_plain_folder(out / path)}
    blocked = [
        path for path in foreign
        if path in wanted or path in inner - used or any(parent.as_posix() in wanted for parent in Path(path).parents)
    ]  # fmt: skip
    if blocked:
        raise UsageError(
            f"{out}: not written by tinyc, and in the place of a file of its own: {named(blocked)}",
            "move it away, or choose another -o",
        )
    return tuple(path for path in foreign if path not in used)


def _is_plain_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def listed_files(directory: Path) -> dict[str, str]:
    """SHA-256 by path of every file that tinyc wrote there. Raises UsageError for a folder that is not ours."""
    files: dict[str, str] | None = read_report(directory / REPORT).get("files")
    if files is None:
        raise UsageError(
            f"{directory}: {REPORT} does not say which files tinyc wrote",
            "remove the folder, or choose another",
        )
    return files


def changed_files(directory: Path, listed: Mapping[str, str]) -> tuple[str, ...]:
    """The listed files that are there and are not what tinyc wrote: changed, or links."""
    return tuple(
        path for path, digest in listed.items()
        if os.path.lexists(directory / path) and _digest(directory, path) != digest
    )  # fmt: skip


def _digest(directory: Path, path: str) -> str | None:
    """SHA-256 of a regular file that no link leads to; None for everything else."""
    file = directory / path
    try:
        if not file.is_file() or file.resolve() != directory.resolve() / path:
            return None
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, RuntimeError):
        return None


def foreign_files(directory: Path) -> tuple[str, ...]:
    """Paths of everything in a folder of ours that tinyc or make did not write; folders only where they are empty."""
    if not (directory / REPORT).is_file():
        return ()
    ours = {REPORT, *listed_files(directory)}
    found = []
    for place, folders, names in os.walk(directory):
        here = Path(place).relative_to(directory)
        if here == Path():
            folders[:] = [name for name in folders if name != _BUILD or (directory / name).is_symlink()]
        links = [name for name in folders if (Path(place) / name).is_symlink()]
        found += [(here / name).as_posix() for name in (*names, *links)]
        if not folders and not names:
            found.append(here.as_posix())
    return tuple(sorted(path for path in found if path not in ours and path != "."))


def named(paths: tuple[str, ...] | list[str]) -> str:
    """The first few of them."""
    more = f", and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def read_folder(directory: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """report.json of a firmware folder, and the content of every file that it lists.

    Raises UsageError for a folder that is not ours, or whose files are not those that tinyc wrote.
    """
    if not (directory / REPORT).is_file():
        raise UsageError(f"{directory}: not a firmware folder written by tinyc compile")
    listed_files(directory)
    report = read_report(directory / REPORT, compiled=True)
    listed: dict[str, str] = report["files"]
    changed = [path for path, digest in listed.items() if _digest(directory, path) != digest]
    if changed:
        raise UsageError(
            f"{directory}: changed since tinyc wrote it: {named(changed)}",
            "tinyc runs only what it wrote: run it yourself with make run, or compile the model again",
        )
    return report, {path: (directory / path).read_bytes() for path in listed}
