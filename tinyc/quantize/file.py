"""A float model file as the int8 file that the rest of the compiler and the judges read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tinyc.export import export_tflite
from tinyc.frontends.floats import load_float_model
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.select import NamedShape
from tinyc.plain import plain
from tinyc.quantize.quantize import Effort, quantize_graph
from tinyc.verify.input_file import read_samples

#: Takes a sentence about what is being done.
Progress = Callable[[str], None]


def quantized_file(
    path: Path,
    calibration: Path,
    effort: Effort,
    signature: str | None,
    shapes: Sequence[NamedShape],
    progress: Progress,
) -> ModelFile:
    """Return a float model, its data those of an int8 .tflite file. Raises ModelError, UsageError or ToolError.

    calibration: an .npz or .npy of what the model will see, samples along axis 0, in the file's order of dimensions.
    """
    model = load_float_model(path, signature, shapes)
    samples = read_samples(model.graph, calibration, model.moved)

    def told(what: str, done: int, of: int) -> None:
        progress(f"{what}: {done} of {of}")

    made = quantize_graph(model.graph, samples, effort, told)
    content = export_tflite(made, f"quantized by tinyc from {plain(path.name)}")
    return replace(model.file, data=content)
