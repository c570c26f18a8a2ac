"""The files a command line names besides the model: JSON results, saved outputs, reports to compare."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from tinyc.errors import UsageError
from tinyc.paths import temporary_folder
from tinyc.verify.vectors import pack_arrays

Json = Annotated[
    Path | None,
    typer.Option(
        "--json",
        metavar="FILE",
        help="Write the result as JSON; - is standard output, and tables go to standard error.",
    ),
]

Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the result as a page that loads nothing.")
]

#: As a file's name: standard output.
STDOUT = Path("-")


def check_writable(*paths: Path | None) -> None:
    """Raise UsageError for a file that could not be written, before the work whose result it is to hold."""
    for path in paths:
        if path is None or path == STDOUT:
            continue
        if path.is_dir():
            raise UsageError(f"{path}: cannot be written: it is a folder.")
        if not path.absolute().parent.is_dir():
            raise UsageError(f"{path}: cannot be written: there is no folder {path.absolute().parent}.")
        if not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
            raise UsageError(f"{path}: cannot be written: permission denied.")


#: Endings of models in other formats.
_OTHERS = frozenset((".h5", ".hdf5", ".keras", ".onnx", ".pb", ".pt", ".pth"))


def check_tflite(out: Path) -> None:
    """Raise UsageError where a .tflite file would have the name of another format's."""
    if out.suffix.lower() in _OTHERS:
        raise UsageError(
            f"{out}: what is written is a .tflite file, whatever the model is.",
            f"-o {out.with_suffix('.tflite').name}",
        )


def check_another(out: Path, model: Path) -> None:
    """Raise UsageError where a result would be written over the model that it is made from."""
    if out.exists() and model.exists() and out.samefile(model):
        raise UsageError(f"{out}: is the model itself; name another file to write.")


def write_json(path: Path | None, value: Mapping[str, Any]) -> None:
    """Write a JSON file if one was asked for, or standard output."""
    text = json.dumps(value, indent=1) + "\n"
    if path == STDOUT:
        print(text, end="")
    elif path is not None:
        write_bytes(path, text.encode())


def write_text(path: Path | None, text: str) -> None:
    """Write a text file if one was asked for."""
    if path is not None:
        write_bytes(path, text.encode())


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write an .npz."""
    write_bytes(path, pack_arrays(arrays))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole, or leave what was there."""
    try:
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_bytes(content)
            return
        target = path.resolve()
        with temporary_folder(".tinyc-", target.parent) as folder:
            part = folder / "part"
            part.write_bytes(content)
            if target.exists():
                part.chmod(target.stat().st_mode)
            part.replace(target)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}.") from error
