"""A model file, and the part of it that is compiled."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyc.errors import ModelError
from tinyc.frontends.recognise import IDENTIFIER, recognise, recognise_folder
from tinyc.frontends.tflite.select import NamedShape, select
from tinyc.paths import missing_hint


@dataclass(frozen=True)
class ModelFile:
    """A model as the front end and the judges read it."""

    #: As the user named it.
    path: Path
    #: The file's bytes, with the signature and the shapes that were asked for.
    data: bytes
    #: Hexadecimal digest of the file as it lies on the disk.
    sha256: str

    @property
    def name(self) -> str:
        """The file's name without its folders, as messages and generated files quote it."""
        return self.path.name


def read_bytes(path: Path) -> bytes:
    """Return a file's content. Raises ModelError for a folder, and where it cannot be read."""
    if path.is_dir():
        folder = recognise_folder(path)
        raise ModelError(f"{path.name}: this is {folder.what}, not a .tflite file", folder.hint)
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ModelError(f"{path}: cannot be read: {problem.strerror}", missing_hint(path)) from problem


def read_model(path: Path, signature: str | None = None, shapes: Sequence[NamedShape] = ()) -> ModelFile:
    """Read a file, for one of its signatures and with shapes that it leaves open.

    Raises ModelError or UsageError.
    """
    data = read_bytes(path)
    if data[4:8] != IDENTIFIER:
        found = recognise(data)
        if found is None:
            raise ModelError(f"{path.name}: this is no .tflite file", "its bytes 4 to 7 would be TFL3")
        raise ModelError(f"{path.name}: this is {found.what}, not a .tflite file", found.hint)
    chosen = select(data, path.name, signature, shapes)
    return ModelFile(path, chosen, hashlib.sha256(data).hexdigest())
