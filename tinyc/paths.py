"""Where the data that ships with tinyc lies, and folders for what is needed for a while."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

_PACKAGE = Path(__file__).resolve().parent


def data_dir(name: str) -> Path:
    """Folder `templates`, `runtime` or `boards`: in the wheel under `_data`, in a checkout at its root."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


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
