"""Where the data that ships with tinyc lies, and folders for what is needed for a while."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp

from tinyc.errors import did_you_mean

#: Files of a folder that a hint looks at.
_BESIDE = 1000

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Folder `templates`, `runtime` or `boards`: in the wheel under `_data`, in a checkout at its root."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


def missing_hint(path: Path) -> str:
    """Return what to do about a file that is not there: the name of one in its folder that is like it."""
    try:
        if path.exists():
            return ""
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        beside = [
            found.name for found in islice(path.parent.iterdir(), _BESIDE) if found.suffix == path.suffix
        ]
    except (OSError, ValueError):
        return "check the path"
    return did_you_mean(path.name, beside) or "check the path"


@contextmanager
def temporary_folder(prefix: str = "tinyc-", parent: Path | None = None) -> Iterator[Path]:
    """An empty folder that is gone afterwards, even where Ctrl-C hits while it is being removed."""
    folder = Path(mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        except KeyboardInterrupt:
            shutil.rmtree(folder, ignore_errors=True)
            raise
