"""A model file as it lies on the disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinyc.errors import ModelError
from tinyc.paths import missing_hint


@dataclass(frozen=True)
class ModelFile:
    """path: as the user named it; data: the file's bytes."""

    path: Path
    data: bytes

    @property
    def name(self) -> str:
        """The file's name without its folders, as messages and generated files quote it."""
        return self.path.name

    @cached_property
    def sha256(self) -> str:
        """Hexadecimal digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def read_model(path: Path) -> ModelFile:
    """Raises ModelError where the file cannot be read."""
    try:
        return ModelFile(path, path.read_bytes())
    except OSError as problem:
        raise ModelError(f"{path}: cannot be read: {problem.strerror}", missing_hint(path)) from problem
