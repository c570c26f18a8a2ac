"""A float model file as the int8 file that the rest of the compiler and the judges read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tinyc.errors import ModelError
from tinyc.export import export_tflite
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.frontends.tflite.kinds import not_int8
from tinyc.frontends.tflite.schema import read_model
from tinyc.plain import plain
from tinyc.quantize.quantize import Effort, quantize_graph
from tinyc.verify.input_file import read_samples

#: Takes a sentence about what is being done.
Progress = Callable[[str], None]


def quantized_file(file: ModelFile, calibration: Path, effort: Effort, progress: Progress) -> ModelFile:
    """Return the same model, its data those of an int8 .tflite file. Raises ModelError or UsageError.

    calibration: an .npz or .npy of what the model will see, samples along axis 0.
    """
    if not_int8(read_model(file.data, file.name).graphs[0]) is None:
        raise ModelError(f"{file.name}: this model is quantized already", "compile it without --quantize")
    graph = load_float_tflite(file.data, file.name)
    samples = read_samples(graph, calibration)
    made = quantize_graph(graph, samples, effort, lambda what, done, of: progress(f"{what}: {done} of {of}"))
    return replace(file, data=export_tflite(made, f"quantized by tinyc from {plain(file.name)}"))
