"""A Keras file or a SavedModel folder as a function of tensors with fixed shapes; TensorFlow's process only.

Nothing of a file is executed but what Keras builds from its own layers: safe mode stays on, and Lambda layers, which
are Python code inside the file, are refused before anything is loaded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tinyc.errors import ModelError, UsageError
from tinyc.frontends.keras.shapes import Declared, fixed_shapes
from tinyc.frontends.tflite.select import NamedShape
from tinyc.plain import printable, reason

#: Characters that are told of an error of TensorFlow or Keras.
LONGEST = 300
_EXPORT = (
    "load it in your own Python and write model.export('FOLDER'), a SavedModel that holds the computation itself; "
    "give tinyc the folder"
)
_UNKNOWN_CLASS = re.compile(
    r"(?:Could not locate class|Unknown (?:layer|object|(?:activation|loss) function|initializer)):? "
    r"'?\"?(\w[\w>. ]*)"
)


@dataclass(frozen=True, eq=False)
class Callee:
    """inputs: (name, shape, dtype) of each argument; owner: keeps the variables."""

    inputs: tuple[tuple[str, tuple[int, ...], str], ...]
    call: Callable[..., Any]
    owner: Any


def load(path: Path, folder: Path, signature: str | None, shapes: Sequence[NamedShape]) -> Callee:
    """Return what a path holds. folder: where a link to it may lie. Raises ModelError or UsageError."""
    if path.is_dir():
        return _saved_model(path, signature, shapes)
    if signature is not None:
        raise UsageError("--signature: this is a Keras model, which has none")
    config, version, suffix = _hdf5(path) if _is_hdf5(path) else _archive(path)
    _refuse_code(config)
    link = folder / f"model{suffix}"  # Keras goes by the file's ending
    link.symlink_to(path)
    model = _loaded(link, version)
    declared = tuple(_declared(x) for x in model.inputs)
    fixed = fixed_shapes(declared, shapes)
    inputs = tuple((d.name, shape, d.dtype) for d, shape in zip(declared, fixed, strict=True))
    # Keras 3 does not say it of a Sequential that was loaded
    structure = getattr(model, "input", model.inputs[0])

    def call(*tensors: Any) -> Any:
        import tensorflow as tf  # noqa: PLC0415

        given = tf.nest.pack_sequence_as(structure, list(tensors))
        return model(given, training=False)

    return Callee(inputs, call, model)


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x89HDF"


def _hdf5(path: Path) -> tuple[Any, str, str]:
    """Return the model's configuration, Keras' version and the ending that Keras expects."""
    import h5py  # noqa: PLC0415

    try:
        with h5py.File(path, "r") as file:
            text, version = file.attrs.get("model_config"), file.attrs.get("keras_version", "2")
        decoded = text.decode() if isinstance(text, bytes) else text
        config = json.loads(decoded) if decoded else None
    except Exception as problem:  # h5py raises what a damaged file provokes
        raise ModelError(f"this HDF5 file cannot be read: {reason(problem, LONGEST)}") from problem
    if not isinstance(config, dict):
        raise ModelError(
            "this HDF5 file holds no Keras model, weights perhaps",
            "save all of it: model.save('model.keras')",
        )
    return config, version.decode() if isinstance(version, bytes) else str(version), ".h5"


def _archive(path: Path) -> tuple[Any, str, str]:
    try:
        with ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            known = "metadata.json" in archive.namelist()
            about = json.loads(archive.read("metadata.json")) if known else {}
    except Exception as problem:  # damaged archives provoke errors of many types
        raise ModelError(f"this Keras file cannot be read: {reason(problem, LONGEST)}") from problem
    return config, str(about.get("keras_version", "3")) if isinstance(about, dict) else "3", ".keras"


def _refuse_code(config: Any) -> None:
    """Refuse a model with Python code inside it."""
    names = sorted({_name(layer) for layer in _of_class(config, "Lambda")})
    if names:
        raise ModelError(
            f"layers {', '.join(names)} are Lambda layers: Python code inside the file, which is not run",
            f"write them with Keras' own layers; or {_EXPORT}",
        )


def _of_class(config: Any, kind: str) -> Iterator[dict[str, Any]]:
    pending = [config]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if one.get("class_name") == kind:
                yield one
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)


def _name(layer: dict[str, Any]) -> str:
    config = layer.get("config")
    return f"'{printable(str(config.get('name', '?') if isinstance(config, dict) else '?'))[:60]}'"


def _loaded(path: Path, version: str) -> Any:
    """Return the model by the Keras that wrote it, else by the other one."""
    loaders = [_keras_3, _keras_2] if version.startswith("3") else [_keras_2, _keras_3]
    problems: list[Exception] = []
    for loader in loaders:
        try:
            model = loader(path)
            if model is not None and model.inputs:
                return model
        except Exception as problem:  # Keras raises errors of every type for files that it cannot read
            problems.append(problem)
    if not problems:
        raise ModelError(
            "the model was saved before it knew its inputs",
            "call it once, or begin it with an Input, and save again",
        )
    unknown = next(filter(None, (_UNKNOWN_CLASS.search(str(p)) for p in problems)), None)
    if unknown is not None:
        raise ModelError(
            f"it has a layer or function of your own, '{printable(unknown[1])}', whose code is not in the file",
            _EXPORT,
        ) from problems[0]
    raise ModelError(f"Keras cannot read it: {reason(problems[0], LONGEST)}") from problems[0]


def _keras_3(path: Path) -> Any:
    import keras  # noqa: PLC0415

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def _keras_2(path: Path) -> Any:
    try:
        import tf_keras  # noqa: PLC0415
    except ImportError:
        return None
    return tf_keras.models.load_model(str(path), compile=False, safe_mode=True)


def _declared(tensor: Any) -> Declared:
    import tensorflow as tf  # noqa: PLC0415

    return Declared(tensor.name, tuple(tensor.shape), tf.as_dtype(tensor.dtype).name)


def _saved_model(path: Path, wanted: str | None, shapes: Sequence[NamedShape]) -> Callee:
    import tensorflow as tf  # noqa: PLC0415

    try:
        model = tf.saved_model.load(str(path))
        signatures = dict(model.signatures)
    except Exception as problem:  # damaged folders provoke errors of many types
        raise ModelError(f"TensorFlow cannot read this SavedModel: {reason(problem, LONGEST)}") from problem
    known = ", ".join(printable(name) for name in signatures) or "none"
    if wanted is not None and wanted not in signatures:
        raise UsageError(f"it has no signature '{wanted}'", f"its signatures: {known}")
    if not signatures:
        raise ModelError("this SavedModel has no signature", "save it with model.export('FOLDER')")
    usual = "serving_default" if "serving_default" in signatures else next(iter(signatures))
    if wanted is None and len(signatures) > 1 and usual != "serving_default":
        raise ModelError(
            f"this SavedModel has {len(signatures)} signatures: {known}", f"choose: --signature {usual}"
        )
    chosen = signatures[wanted or usual]
    specs = chosen.structured_input_signature[1]
    declared = tuple(Declared(n, _dims(s.shape), s.dtype.name) for n, s in specs.items())
    fixed = fixed_shapes(declared, shapes)
    inputs = tuple((d.name, shape, d.dtype) for d, shape in zip(declared, fixed, strict=True))

    def call(*tensors: Any) -> Any:
        return chosen(**{d.name: x for d, x in zip(declared, tensors, strict=True)})

    return Callee(inputs, call, model)


def _dims(shape: Any) -> tuple[int | None, ...]:
    if shape.rank is None:
        raise ModelError(
            "this SavedModel has an input without a number of dimensions", "save it with fixed shapes"
        )
    return tuple(shape.as_list())
