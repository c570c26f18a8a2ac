"""tinyc: compile trained INT8 networks into small, exact C firmware for microcontrollers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tinyc.host_model import HostModel

__version__ = "0.1.0"


def load(model: str | Path, reference: Literal["litert", "tflm"] = "litert") -> HostModel:
    """The model in `model` (a .tflite file) as a Python callable that runs the generated C natively.

    y = tinyc.load("net.tflite")(x), with x one sample or samples along axis 0. Printed, it tells shape, type, scale
    and zero point of each input and output, and its arena; see HostModel.
    """
    from tinyc.compiler import load as load_model  # noqa: PLC0415 - importing tinyc alone stays quick

    return load_model(model, reference)
