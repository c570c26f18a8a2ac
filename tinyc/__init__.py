"""tinyc: compile trained networks into small, exact C firmware for microcontrollers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tinyc.data import Calibration
    from tinyc.host_model import HostModel

__version__ = "0.1.0"


def load(model: str | Path, reference: Literal["litert", "tflm"] = "litert") -> HostModel:
    """The model in `model` (a .tflite file) as a Python callable that runs the generated C natively.

    y = tinyc.load("net.tflite")(x), with x one sample or samples along axis 0. Printed, it tells shape, type, scale
    and zero point of each input and output, and its arena; see HostModel.
    """
    from tinyc.compiler import load as load_model  # noqa: PLC0415 - importing tinyc alone stays quick

    return load_model(model, reference)


def quantize_model(
    model: str | Path,
    calibration: Calibration,
    effort: Literal["fast", "good", "best"] = "good",
    *,
    preprocess: str | None = None,
    signature: str | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> bytes:
    """The float model in `model`, quantized to INT8, as the bytes of a .tflite file.

    calibration: what the model will see: an array [N, ...], arrays by the inputs' names, anything that yields samples
    (of a model with several inputs, tuples or dicts of arrays), or the path of a file or folder, whose images or sounds
    become what `preprocess` says, as --preprocess does. signature, shapes: as --signature and --shape.
    """
    from tinyc.data import parse_preprocess  # noqa: PLC0415
    from tinyc.quantizer import quantize_model as quantized  # noqa: PLC0415

    named = [(name, tuple(shape)) for name, shape in (shapes or {}).items()]
    return quantized(Path(model), calibration, effort, signature, named, parse_preprocess(preprocess))
