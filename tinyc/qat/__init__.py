"""Training with ternary weights: what is trained in Keras or PyTorch is, to the step, what the firmware computes.

    model = tinyc.qat.convert(model)             # an ordinary model, trained or not
    ...                                          # train it as usual; tinyc.qat.set_share ramps the rounding up
    tinyc.qat.export(model, "net.tflite")        # for tinyc compile, and for any TFLite runtime

Layers to build with: TernaryConv1D, TernaryConv2D, TernaryDepthwiseConv1D, TernaryDepthwiseConv2D, TernaryDense,
FakeQuant, Ramp (Keras: tinyc.qat.keras), BitConv1d, BitConv2d, BitLinear, FakeQuant (PyTorch: tinyc.qat.torch). Neither
package is imported before it is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tinyc.errors import ToolError, UsageError
from tinyc.qat.places import KEPT, TINY
from tinyc.qat.ranges import MOMENTUM
from tinyc.qat.weights import Levels, Steps, ramp, steps_of

__all__ = [
    "KEPT",
    "TINY",
    "Levels",
    "Steps",
    "calibrate",
    "convert",
    "export",
    "freeze_ranges",
    "ramp",
    "set_share",
    "steps_of",
]

#: Which framework has a layer of this name.
_LAYERS = {
    "TernaryConv1D": "keras",
    "TernaryConv2D": "keras",
    "TernaryDepthwiseConv1D": "keras",
    "TernaryDepthwiseConv2D": "keras",
    "TernaryDense": "keras",
    "Ramp": "keras",
    "BitConv1d": "torch",
    "BitConv2d": "torch",
    "BitLinear": "torch",
}


def convert(
    model: Any,
    keep: Sequence[str] = KEPT,
    *,
    levels: str = "ternary",
    scale: str = "median",
    per_channel: bool = False,
    momentum: float = MOMENTUM,
) -> Any:
    """Return a copy of an ordinary model that trains with weights of few levels and activations of bytes.

    model: a functional or sequential Keras 3 model, or a PyTorch module that torch.fx can trace; its weights are the
    copy's (a warm start). keep: which layers stay INT8: "first", "last", "depthwise", "tiny" (fewer than 512 weights),
    and names or patterns of layers; () makes all ternary. levels: "ternary", or for comparison "int2" (-2 to 1) or
    "int8"; scale: "median" or "mean" of the absolute weights, of a layer or (per_channel) of each output channel.
    momentum: of the moving ranges of activations. Raises ModelError, UsageError or ToolError.
    """
    return _framework(model).convert(
        model, tuple(keep), levels, scale, per_channel=per_channel, momentum=momentum
    )


def calibrate(model: Any, samples: Any, batch: int = 32) -> None:
    """Set the ranges of all activations to what they span on samples, an array [N, ...]: before training, or after it.

    The model computes as it is, without learning anything else.
    """
    _framework(model).calibrate(model, samples, batch)


def set_share(model: Any, share: float) -> None:
    """Let layers compute with share times the rounded weights and 1 - share times the float ones: 0 to 1."""
    if not 0 <= share <= 1:
        raise UsageError(f"share {share}: 0 to 1 is a share")
    _framework(model).set_share(model, share)


def freeze_ranges(model: Any, frozen: bool = True) -> None:
    """Let the ranges of activations stay as they are while training goes on, or move again."""
    _framework(model).freeze_ranges(model, frozen)


def export(model: Any, path: str | Path | None = None, sample: Any = None) -> bytes:
    """Return the INT8 .tflite file of a model that was trained, and write it to `path` where one is given.

    Scales of activations and levels of weights are those of training; batch normalization becomes part of the scales.
    sample: for PyTorch, an input [1, ...] or its shape. Raises ModelError for what has no scale, or no range yet.
    """
    content: bytes = _framework(model).export(model, sample)
    if path is not None:
        Path(path).write_bytes(content)
    return content


def _framework(model: Any) -> Any:
    """Return the package of ours for a model of either framework."""
    for base in type(model).__mro__:
        name = base.__module__.partition(".")[0]
        if name in ("keras", "torch"):
            return import_module(f"tinyc.qat.{name}")
    raise UsageError(f"{type(model).__name__}: this is neither a Keras model nor a PyTorch module")


def __getattr__(name: str) -> Any:
    if name not in _LAYERS:
        raise AttributeError(f"module 'tinyc.qat' has no attribute '{name}'")
    package = _LAYERS[name]
    if find_spec(package) is None:
        raise ToolError(f"tinyc.qat.{name} needs the Python package {package}", f"pip install {package}")
    return getattr(import_module(f"tinyc.qat.{package}"), name)
