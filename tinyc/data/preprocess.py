"""How images and sounds become a model's input: what --preprocess says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np

from tinyc.errors import UsageError, did_you_mean
from tinyc.ir import Array

Fit = Literal["stretch", "crop", "pad"]
Order = Literal["rgb", "bgr", "grey"]
Frames = Literal["all", "first"]

_KEYS = ("resize", "fit", "order", "scale", "mean", "std", "rate", "frames")
_HINT = "as in --preprocess resize=96x96,fit=crop,order=rgb,scale=0..1,mean=0.485,0.456,0.406,std=0.229,0.224,0.225"


@dataclass(frozen=True)
class Preprocess:
    """A value: (values in scale - mean) / std. None: not said.

    mean, std: one number, or one per channel in the model's order of channels.
    """

    #: height and width that an image gets
    resize: tuple[int, int] | None = None
    #: what becomes of an image of another shape: pulled, cut at the sides, or filled up with black
    fit: Fit = "stretch"
    order: Order | None = None
    #: what black and white, or the ends of a sound's range, become
    scale: tuple[float, float] | None = None
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    #: samples per second that the model takes
    rate: int | None = None
    #: of a sound longer than the model's input
    frames: Frames = "all"

    @property
    def says_values(self) -> bool:
        """Whether it says what numbers the model takes."""
        return self.scale is not None or bool(self.mean or self.std)

    def applied(self, x: Array, low: float, high: float, default: tuple[float, float]) -> Array:
        """Return values between low and high as the model takes them, channels last. default: for an unsaid `scale`."""
        first, last = self.scale or default
        values: Any = np.asarray(x, np.float32)
        if (first, last) != (low, high):
            values = (values - np.float32(low)) * np.float32((last - first) / (high - low)) + np.float32(
                first
            )
        if self.mean:
            values = values - np.asarray(self.mean, np.float32)
        if self.std:
            values = values / np.asarray(self.std, np.float32)
        return np.asarray(values, np.float32)


#: Nothing is said.
AS_IS = Preprocess()


def parse_preprocess(text: str | None) -> Preprocess:
    """Read KEY=VALUE,KEY=VALUE...; numbers without a key belong to the key before them. Raises UsageError."""
    found: dict[str, list[str]] = {}
    key = ""
    for part in filter(None, (part.strip() for part in (text or "").split(","))):
        name, has_value, value = part.partition("=")
        if has_value:
            key = name.strip().lower()
            if key not in _KEYS:
                raise UsageError(
                    f"--preprocess: '{key}' is none of {', '.join(_KEYS)}", did_you_mean(key, _KEYS) or _HINT
                )
            if key in found:
                raise UsageError(f"--preprocess: '{key}' is given twice", _HINT)
            found[key] = [value.strip()]
        elif key in {"mean", "std"}:
            found[key].append(part)
        else:
            raise UsageError(f"--preprocess: '{part}' is no KEY=VALUE", _HINT)
    made = AS_IS
    for key, values in found.items():
        try:
            made = replace(made, **{key: _READ[key](values)})
        except (ValueError, ZeroDivisionError) as problem:
            text = ",".join(values)
            raise UsageError(f"--preprocess: {key}={text}: {_WANTED[key]}", _HINT) from problem
    return made


def _size(values: list[str]) -> tuple[int, int]:
    height, _, width = values[0].lower().partition("x")
    found = int(height), int(width or height)
    if min(found) < 1 or max(found) > 1 << 14:
        raise ValueError
    return found


def _range(values: list[str]) -> tuple[float, float]:
    low, between, high = values[0].partition("..")
    found = _finite(low), _finite(high)
    if not between or found[0] >= found[1]:
        raise ValueError
    return found


def _numbers(values: list[str]) -> tuple[float, ...]:
    return tuple(_finite(value) for value in values)


def _divisors(values: list[str]) -> tuple[float, ...]:
    found = _numbers(values)
    if not all(value > 0 for value in found):
        raise ValueError
    return found


def _finite(text: str) -> float:
    value = float(text)
    if not np.isfinite(value):
        raise ValueError
    return value


def _rate(values: list[str]) -> int:
    found = int(values[0])
    if not 1 <= found <= 1 << 20:
        raise ValueError
    return found


def _one_of(*known: str) -> Callable[[list[str]], str]:
    def read(values: list[str]) -> str:
        found = values[0].lower().replace("gray", "grey")
        if found not in known:
            raise ValueError
        return found

    return read


_READ: dict[str, Callable[[list[str]], Any]] = {
    "resize": _size,
    "fit": _one_of(*get_args(Fit)),
    "order": _one_of(*get_args(Order)),
    "scale": _range,
    "mean": _numbers,
    "std": _divisors,
    "rate": _rate,
    "frames": _one_of(*get_args(Frames)),
}
_WANTED = {
    "resize": "a height, or HEIGHTxWIDTH",
    "fit": f"one of {', '.join(get_args(Fit))}",
    "order": f"one of {', '.join(get_args(Order))}",
    "scale": "LOW..HIGH, as 0..1, -1..1 or 0..255",
    "mean": "a number, or one for each channel",
    "std": "a number above 0, or one for each channel",
    "rate": "samples per second",
    "frames": f"one of {', '.join(get_args(Frames))}",
}
