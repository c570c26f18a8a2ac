"""The other process: reads a question on stdin, leaves a .tflite file or a problem in the question's folder."""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from typing import Any

from tinyc.errors import ModelError, TinycError
from tinyc.frontends.keras.load import LONGEST, Callee, load
from tinyc.plain import printable

_FLEX = re.compile(r"(?:Flex|Custom|TF Select) ops: ([^\n]+)")
#: Where an error in a traced function is told, after the places that it passed; and how it is made bold.
_LAST_ERROR, _BOLD = re.compile(r"\n {4}(?=\w+(?:Error|Exception): )"), re.compile(r"\x1b\[\d*m")


def main() -> None:
    """Convert one model."""
    question = json.loads(sys.stdin.read())
    folder = Path(question["folder"])
    resource.setrlimit(resource.RLIMIT_DATA, (question["bytes"],) * 2)
    try:
        shapes = tuple((name, tuple(shape)) for name, shape in question["shapes"])
        found = load(Path(question["path"]), folder, question["signature"], shapes)
        (folder / "model.part").write_bytes(_converted(found))
        (folder / "model.part").rename(folder / "model.tflite")
    except TinycError as problem:
        told = {"kind": type(problem).__name__, "message": problem.message, "hint": problem.hint}
        (folder / "problem.json").write_text(json.dumps(told), encoding="utf-8")
    except MemoryError:
        told = {"kind": "ModelError", "message": "converting it takes more than 8 GB of memory", "hint": ""}
        (folder / "problem.json").write_text(json.dumps(told), encoding="utf-8")


def _converted(found: Callee) -> bytes:
    """Return the function as a float .tflite file, its inputs of the shapes that were chosen."""
    import tensorflow as tf  # noqa: PLC0415 - in this process only
    from tensorflow.python.framework import convert_to_constants  # noqa: PLC0415

    try:
        specs = [tf.TensorSpec(shape, dtype, name) for name, shape, dtype in found.inputs]
        call = tf.function(found.call).get_concrete_function(*specs)
        # the variables of Keras 3 would stay variables
        frozen = convert_to_constants.convert_variables_to_constants_v2(call)
        converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen])
        made: Any = converter.convert()
        return bytes(made)
    except Exception as problem:  # the converter raises what its many parts raise
        raise refusal(str(problem) or type(problem).__name__) from problem


def refusal(said: str) -> ModelError:
    """Return what is told of an error of the converter."""
    kinds = _FLEX.search(said)
    if kinds is not None:
        return ModelError(
            f"TensorFlow's converter has no TFLite operator for {printable(kinds[1])[:LONGEST]}",
            "write that part with other layers, or leave it out of the model and do it in the application",
        )
    last = " ".join(_BOLD.sub("", _LAST_ERROR.split(said)[-1]).split())
    return ModelError(f"TensorFlow's converter refuses it: {printable(last)[:LONGEST]}")
