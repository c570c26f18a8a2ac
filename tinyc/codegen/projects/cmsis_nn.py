"""The files of the user's CMSIS-NN that a firmware needs: what its kernels call, and what that calls in turn."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = "cmsis-nn"
"""In the firmware folder."""

_NAME = re.compile(r"\barm_\w+")
_DEFINITION = re.compile(r"^(?:[\w*]+ )*\*?(arm_\w+)\(", re.MULTILINE)
_INCLUDE = re.compile(r'#\s*include "([\w/]+\.h)"')


def problem(root: Path) -> str | None:
    """Why a folder is no checkout of CMSIS-NN."""
    if not root.is_dir():
        return f"{root} is no folder"
    wanted = ("Include/arm_nnfunctions.h", "Include/arm_nn_types.h", "Source")
    missing = [name for name in wanted if not (root / name).exists()]
    return f"{root} has no {missing[0]}" if missing else None


def library_files(root: Path, callers: list[str]) -> dict[str, str]:
    """Text by path in the firmware folder. callers: the kernels' own text.

    Headers name all functions, so only sources are searched for calls. The licence comes along.
    """
    by_name = _definitions(root)
    found: dict[str, str] = {}
    texts = [(text, True) for text in callers]
    while texts:
        text, calls = texts.pop()
        named = [by_name[name] for name in sorted(set(_NAME.findall(text))) if calls and name in by_name]
        headers = [path for name in sorted(set(_INCLUDE.findall(text))) for path in _headers(root, name)]
        for path in (*named, *headers):
            key = f"{FOLDER}/{path.relative_to(root).as_posix()}"
            if key not in found:
                found[key] = path.read_text(encoding="utf-8", errors="replace")
                texts.append((found[key], path.suffix == ".c"))
    licence = root / "LICENSE"
    if licence.is_file():
        found[f"{FOLDER}/LICENSE"] = licence.read_text(encoding="utf-8", errors="replace")
    return dict(sorted(found.items()))


def _definitions(root: Path) -> dict[str, Path]:
    """The file that defines a function: what begins in the first column is no call."""
    found: dict[str, Path] = {}
    for path in sorted((root / "Source").rglob("*.c")):
        for name in _DEFINITION.findall(path.read_text(encoding="utf-8", errors="replace")):
            found.setdefault(name, path)
    return found


def _headers(root: Path, name: str) -> list[Path]:
    """Where an included header lies: below Include, or next to one that lies deeper, or among the sources."""
    places = (root / "Include" / name, root / "Include" / "Internal" / name)
    return [path for path in places if path.is_file()][:1] or sorted((root / "Source").rglob(Path(name).name))
