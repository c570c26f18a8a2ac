"""What a file is, told by its content, where it is no .tflite file: one sentence, and the way to one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

#: A .tflite file has these at byte 4.
IDENTIFIER = b"TFL3"

#: Bytes of a text file that are looked at, and members of an archive.
_HEAD, _MEMBERS = 4096, 10_000
#: Top-level fields of a protobuf that are looked at.
_FIELDS = 64


@dataclass(frozen=True)
class Recognised:
    """what: the file, as the end of "this is ..."; hint: the way to a .tflite file."""

    what: str
    hint: str


_CONVERT = "convert it to an INT8 .tflite file: docs/quantize.md has the ten lines"
_GET_AGAIN = "get the file itself again"
_UNPACK = "unpack it and name the .tflite file inside"

_EMPTY = Recognised("an empty file", _GET_AGAIN)
_LFS = Recognised("a Git LFS pointer, which stands for a file", "get the file itself with git lfs pull")
_HTML = Recognised("an HTML page", "the download gave a page about the file: take its raw or download link")
_SOURCE = Recognised(
    "C source, perhaps of a model as an array", "name the .tflite file from which it was made"
)
_JSON = Recognised("a JSON file", f"of a TensorFlow.js model, take what it was converted from and {_CONVERT}")
_ONNX = Recognised(
    "an ONNX model",
    "quantize it, if it is a float one: --quantize int8 --calibration DATA; docs/quantize.md has other ways",
)
_QUANTIZE = "quantize it: --quantize int8 --calibration DATA; docs/quantize.md has other ways"
_KERAS = Recognised("a Keras model", _QUANTIZE)
_SAVED_MODEL = Recognised("a TensorFlow SavedModel", _QUANTIZE)
_GRAPH = Recognised("a TensorFlow graph (protobuf)", _CONVERT)
_PYTORCH = Recognised(
    "a PyTorch file",
    "export the model with litert-torch, or to ONNX and from there to .tflite; docs/quantize.md has the lines",
)
_PICKLE = Recognised("a Python pickle, perhaps of PyTorch or scikit-learn", _PYTORCH.hint)
_ARRAYS = Recognised("NumPy arrays, not a model", "they are for --inputs; name the .tflite file as the model")

#: Where bytes are, which ones, and what has them there.
_SIGNATURES: tuple[tuple[int, bytes, Recognised], ...] = (
    (0, b"version https://git-lfs.github.com/spec/", _LFS),
    (0, b"\x89HDF\r\n\x1a\n", _KERAS),
    (0, b"\x93NUMPY", _ARRAYS),
    (0, b"\x1f\x8b", Recognised("compressed with gzip", "unpack it first: gunzip, or tar xzf")),
    (0, b"BZh", Recognised("compressed with bzip2", "unpack it first")),
    (0, b"\xfd7zXZ", Recognised("compressed with xz", "unpack it first")),
    (0, b"7z\xbc\xaf\x27\x1c", Recognised("a 7z archive", _UNPACK)),
    (0, b"\x7fELF", Recognised("a program (ELF)", "name the model it was built from")),
    (4, b"ET12", Recognised("an ExecuTorch program", _PYTORCH.hint)),
    (257, b"ustar", Recognised("a tar archive", _UNPACK)),
)
_PICKLED = re.compile(rb"\x80[\x02-\x05]")
_PAGE = re.compile(rb"\s*(\xef\xbb\xbf)?\s*(<!doctype html|<html|<head|<!--)", re.IGNORECASE)
_C_ARRAY = re.compile(rb"(\bchar|\buint8_t|\bint8_t)\s+\w+\s*\[\s*\w*\s*\][^=;]*=\s*\{")


def recognise(data: bytes) -> Recognised | None:
    """data: of a file that is no .tflite file. None where it is not known."""
    if not data:
        return _EMPTY
    for at, mark, found in _SIGNATURES:
        if data.startswith(mark, at):
            return found
    if data.startswith(b"PK\x03\x04"):
        return _archive(data)
    return _PICKLE if _PICKLED.match(data) else _text(data[:_HEAD]) or _protobuf(data)


def is_onnx(data: bytes) -> bool:
    """Whether a file is an ONNX model."""
    return recognise(data) is _ONNX


def is_keras_file(path: Path) -> bool:
    """Whether a file is a Keras model, an HDF5 file or an archive."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
        return head in (b"\x89HDF", b"PK\x03\x04") and recognise(path.read_bytes()) is _KERAS
    except OSError:
        return False


def is_saved_model(folder: Path) -> bool:
    """Whether a folder is a TensorFlow SavedModel."""
    return (folder / "saved_model.pb").is_file()


def recognise_folder(folder: Path) -> Recognised:
    """What a folder is that was named as a model."""
    if is_saved_model(folder):
        return _SAVED_MODEL
    return Recognised("a folder", "name the .tflite file in it")


def _archive(data: bytes) -> Recognised:
    """A zip by the names of its members; nothing is unpacked."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()[:_MEMBERS]
    except (BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return Recognised("a damaged zip archive", _GET_AGAIN)
    if any(name.endswith("data.pkl") for name in names):
        return _PYTORCH
    if "config.json" in names and any(name.endswith(".weights.h5") for name in names):
        return _KERAS
    if names and all(name.endswith(".npy") for name in names):
        return _ARRAYS
    if any(name.endswith("saved_model.pb") for name in names):
        return Recognised("a SavedModel inside a zip archive", f"unpack it and {_CONVERT}")
    return Recognised("a zip archive", _UNPACK)


def _text(head: bytes) -> Recognised | None:
    if _PAGE.match(head):
        return _HTML
    if _C_ARRAY.search(head):
        return _SOURCE
    if head.lstrip()[:1] in (b"{", b"[") and b"\0" not in head:
        return _JSON
    return None


def _protobuf(data: bytes) -> Recognised | None:
    """ONNX, SavedModel or a graph, by the fields at the top: (number, wire type) and little more."""
    found: dict[int, int] = {}
    for number, wire in _top_fields(data):
        found.setdefault(number, wire)
    onnx = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
    if found.get(1) == 0 and (found.get(7) == 2 or found.get(8) == 2) and found.items() <= onnx.items():
        return _ONNX
    if found == {1: 0, 2: 2}:
        return _SAVED_MODEL
    graph = {1: 2, 2: 2, 3: 0, 4: 2, 5: 2}
    return _GRAPH if {1: 2, 4: 2}.items() <= found.items() <= graph.items() else None


def _top_fields(data: bytes) -> Iterator[tuple[int, int]]:
    """(field number, wire type) of a message's first fields; (0, 0), which no message has, where it is none."""
    at = 0
    for _ in range(_FIELDS):
        if at >= len(data):
            return
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        value, at = _varint(data, at) if wire in (0, 2) else (0, at)
        if number == 0 or wire not in (0, 2) or (wire == 2 and at + value > len(data)):
            yield 0, 0
            return
        at += value if wire == 2 else 0
        yield number, wire


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """(value, position behind it); a value that is cut off or too long is 0, which no key is."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            return 0, at
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    return 0, at
