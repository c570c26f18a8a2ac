"""What is no .tflite file is told by its content, with the way to one."""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tinyc.cli import run
from tinyc.errors import ModelError
from tinyc.frontends.source import read_model


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, b"content")
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.tflite"))
    return stream.getvalue()


def arrays(*, several: bool) -> bytes:
    stream = io.BytesIO()
    if several:
        np.savez(stream, in0=np.zeros(3))
    else:
        np.save(stream, np.zeros(3))
    return stream.getvalue()


def message(*fields: tuple[int, int | bytes]) -> bytes:
    """A protobuf of (field, number below 128 or bytes shorter than that)."""
    parts = [
        bytes((number << 3, value))
        if isinstance(value, int)
        else bytes((number << 3 | 2, len(value))) + value
        for number, value in fields
    ]
    return b"".join(parts)


FILES = {
    "empty": (b"", "an empty file", "again"),
    "onnx": (message((1, 8), (2, b"pytorch"), (7, b"graph"), (8, b"\x10\x0d")), "an ONNX model", "--quantize int8"),
    "h5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "a Keras model", "docs/quantize.md"),
    "keras": (zipped("metadata.json", "config.json", "model.weights.h5"), "a Keras model", "docs/quantize.md"),
    "saved model": (message((1, 1), (2, b"meta graph")), "a TensorFlow SavedModel", "docs/quantize.md"),
    "graph": (message((1, b"node"), (1, b"node"), (4, b"\x08\x01")), r"a TensorFlow graph", "docs/quantize.md"),
    "pytorch": (zipped("archive/data.pkl", "archive/data/0"), "a PyTorch file", "litert-torch"),
    "pickle": (pickle.dumps({"a": 1}, protocol=2), "a Python pickle", "litert-torch"),
    "lfs": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n", "a Git LFS pointer", "git lfs pull"
    ),
    "html": (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "an HTML page", "raw or download link"),
    "npz": (arrays(several=True), "NumPy arrays", "--inputs"),
    "npy": (arrays(several=False), "NumPy arrays", "--inputs"),
    "gzip": (gzip.compress(b"model"), "compressed with gzip", "unpack"),
    "tar": (tarred(), "a tar archive", "unpack"),
    "zip": (zipped("readme.txt", "model.tflite"), "a zip archive", "unpack"),
    "damaged zip": (zipped("model.tflite")[:20], "a damaged zip archive", "again"),
    "json": (json.dumps({"format": "graph-model"}).encode(), "a JSON file", "docs/quantize.md"),
    "source": (b"// made by xxd\nunsigned char g_model[] = {\n 0x1c, 0x00,", "C source", "from which it was made"),
    "executorch": (b"\x1c\0\0\0ET12" + bytes(30), "an ExecuTorch program", "litert-torch"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path) -> None:
    data, what, hint = FILES[name]
    file = tmp_path / "model.tflite"
    file.write_bytes(data)
    with pytest.raises(ModelError, match=rf"model.tflite: this is {what}.*, not a .tflite file") as caught:
        read_model(file)
    assert "\n" not in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("data", [b"\0" * 64, b"\xff" * 200, b"\x08\0\0\0TFL2", bytes(range(1, 200))])
def test_what_is_not_known(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    file.write_bytes(data)
    with pytest.raises(ModelError, match=r"this is no \.tflite file"):
        read_model(file)


def test_truncated_files_end_in_an_error(tmp_path: Path) -> None:
    file = tmp_path / "model.tflite"
    for data, _, _ in FILES.values():
        for size in range(0, len(data), 3):
            file.write_bytes(data[:size])
            with pytest.raises(ModelError):
                read_model(file)


def test_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match="this is a folder"):
        read_model(tmp_path)
    (tmp_path / "saved_model.pb").write_bytes(b"")
    has_tensorflow = importlib.util.find_spec("tensorflow") is not None
    for command in ("run", "report"):
        assert run([command, str(tmp_path), "--board", "host"]) == (2 if has_tensorflow else 5)
        told = capsys.readouterr().err
        assert ("cannot read this SavedModel" if has_tensorflow else "tinyc[keras]") in told


def test_the_snippet_is_python(request: pytest.FixtureRequest) -> None:
    page = (Path(request.config.rootpath) / "docs" / "quantize.md").read_text(encoding="utf-8")
    snippets = [part.partition("```")[0] for part in page.split("```python\n")[1:]]
    assert len(snippets) == 2
    for snippet in snippets:
        compile(snippet, "quantize.md", "exec")
    assert "representative_dataset" in snippets[0]
    assert len([line for line in snippets[0].splitlines() if line.strip()]) == 10
