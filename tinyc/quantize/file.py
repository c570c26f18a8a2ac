"""A float model file as the int8 file that the rest of the compiler and the judges read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tinyc.data import AS_IS, Calibration, DataSet, Preprocess, open_data
from tinyc.export import export_tflite
from tinyc.frontends.floats import FloatModel, load_float_model
from tinyc.frontends.source import ModelFile
from tinyc.frontends.tflite.metadata import normalization
from tinyc.frontends.tflite.select import NamedShape
from tinyc.ir import Array
from tinyc.plain import plain
from tinyc.quantize.precision import INT8, Precision
from tinyc.quantize.quantize import Choice, Effort, Told, choose
from tinyc.quantize.ranges import Observer

#: Takes a sentence about what is being done.
Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Quantized:
    """A model before and after: the float model, what it was calibrated by, what was chosen, and the int8 file."""

    source: FloatModel
    samples: DataSet
    choice: Choice
    effort: Effort
    file: ModelFile
    #: of all layers, where the user named one
    observer: Observer | None = None

    @property
    def classes(self) -> Array | None:
        """The class of each sample, where the labels are classes."""
        labels = self.samples.labels
        return labels.values if labels is not None and labels.are_classes else None


def quantized(
    path: Path,
    calibration: Calibration,
    effort: Effort,
    signature: str | None,
    shapes: Sequence[NamedShape],
    progress: Progress,
    how: Preprocess | None = None,
    precision: Precision = INT8,
    labels: Path | None = None,
) -> Quantized:
    """Quantize a float model; the file's data become those of an int8 .tflite file. Raises a TinycError.

    calibration: what the model will see, arrays in the file's order of dimensions; how: what files become;
    labels: a file that says what the samples are.
    """
    model = load_float_model(path, signature, shapes)
    samples = float_samples(model, calibration, how, labels)

    def told(what: str, done: int, of: int) -> None:
        progress(f"{what}: {done} of {of}")

    made = choose(model.graph, samples.inputs, effort, told, precision)
    return Quantized(model, samples, made, effort, _written(model, made), precision.observer)


def quantized_again(made: Quantized, precision: Precision, told: Told = lambda *_: None) -> Quantized:
    """Return the same model, quantized by another precision file."""
    choice = choose(made.source.graph, made.samples.inputs, made.effort, told, precision)
    return replace(made, choice=choice, file=_written(made.source, choice), observer=precision.observer)


def _written(model: FloatModel, made: Choice) -> ModelFile:
    content = export_tflite(made.int8_graph(), f"quantized by tinyc from {plain(model.file.name)}")
    return replace(model.file, data=content)


def float_samples(
    model: FloatModel, source: Calibration, how: Preprocess | None = None, labels: Path | None = None
) -> DataSet:
    """Return samples for a float model's inputs; what `how` does not say of values, the file's metadata may."""
    return open_data(
        model.graph, source, with_metadata(model.file, how or AS_IS, source), labels, model.moved
    )


def with_metadata(file: ModelFile, how: Preprocess, source: Calibration) -> Preprocess:
    """Return how the files of a folder become inputs, by the model's metadata where nothing else says it."""
    if how.says_values or not isinstance(source, str | Path) or not Path(source).is_dir():
        return how
    known = normalization(file.data, file.name)
    return how if known is None else replace(how, mean=known.mean, std=known.std)
