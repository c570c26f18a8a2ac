"""The conversion as seen from here: a process of its own, with limits, silent, and one error where it fails.

TensorFlow takes seconds to start, prints as it likes, ends the process on some files and is a large surface for
strangers' ones; none of that reaches the compiler.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tinyc.errors import ModelError, ToolError, UsageError
from tinyc.frontends.recognise import is_keras_file, is_saved_model
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.select import NamedShape
from tinyc.paths import temporary_folder
from tinyc.plain import printable

#: Seconds and bytes of data that a conversion may take.
_SECONDS, _BYTES = 300.0, 8 << 30
_EXTRA = "pip install 'tinyc[keras]'"
_PROBLEMS = {"ModelError": ModelError, "UsageError": UsageError, "ToolError": ToolError}


def is_keras(path: Path) -> bool:
    """Whether a path is a Keras model or a SavedModel folder, told by content."""
    return is_saved_model(path) or (path.is_file() and is_keras_file(path))


def converted(path: Path, signature: str | None, shapes: Sequence[NamedShape]) -> ModelFile:
    """Return a Keras model or SavedModel as a float .tflite file. Raises ModelError, UsageError or ToolError."""
    if importlib.util.find_spec("tensorflow") is None:
        raise ToolError(f"{path.name}: reading Keras models needs the Python package tensorflow", _EXTRA)
    with temporary_folder("tinyc-keras-") as folder:
        question = {
            "path": str(path.absolute()),
            "folder": str(folder),
            "signature": signature,
            "shapes": list(shapes),
            "bytes": _BYTES,
        }
        status = _run(question, folder, path.name)
        answer, result = folder / "problem.json", folder / "model.tflite"
        if answer.is_file():
            problem = json.loads(answer.read_text(encoding="utf-8"))
            raise _PROBLEMS[problem["kind"]](f"{path.name}: {problem['message']}", problem["hint"])
        if status or not result.is_file():
            raise ModelError(
                f"{path.name}: TensorFlow's converter ended without a result{_reason(status, folder)}",
                "convert it yourself, and give the .tflite file: docs/quantize.md has the lines",
            )
        return ModelFile(path, result.read_bytes(), _digest(path))


def _run(question: Mapping[str, object], folder: Path, file: str) -> int:
    """Return the exit status of the conversion; negative, the signal that ended it."""
    quiet = {
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": str(folder),
        "CUDA_VISIBLE_DEVICES": "-1",
        "TMPDIR": str(folder),
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            (sys.executable, "-c", "from tinyc.frontends.keras.worker import main; main()"),
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            env={**os.environ, **quiet},
            start_new_session=True,
        )
        try:
            process.communicate(json.dumps(question).encode(), timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            raise ModelError(f"{file}: TensorFlow's converter did not end within {_SECONDS:g} s") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    return process.returncode


def _reason(status: int, folder: Path) -> str:
    """Return what the process said last, or which signal ended it."""
    lines = (folder / "said.txt").read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((printable(line.strip())[:200] for line in reversed(lines) if line.strip()), "")
    by = f" (signal {-status})" if status < 0 else ""
    return f"{by}: {last}" if last else by


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and contents of all files of a folder."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    found = hashlib.sha256()
    for file in sorted(f for f in path.rglob("*") if f.is_file()):
        found.update(
            str(file.relative_to(path)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest()
        )
    return found.hexdigest()
