"""Images as a model's input: decoded, resized, their channels in order, their values scaled."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tinyc.data.preprocess import Preprocess
from tinyc.errors import ToolError, UsageError
from tinyc.ir import Array

#: Endings of the files that are read.
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")
#: What a pixel's byte is between.
_LOW, _HIGH = 0.0, 255.0
#: Dimensions of a batch of images.
_BATCHED = 4


@dataclass(frozen=True)
class Layout:
    """How an input holds an image."""

    height: int
    width: int
    channels: int
    is_channels_first: bool = False


def layout_of(shape: tuple[int, ...], how: Preprocess) -> Layout | None:
    """Return how an input of a shape holds an image; None where it can hold none.

    A vector holds one whose size `resize` says.
    """
    dims = shape[1:] if len(shape) == _BATCHED and shape[0] == 1 else shape
    if len(dims) == 3 and dims[0] == 1 and dims[2] not in {1, 3}:
        dims = dims[1:]
    match dims:
        case (h, w, 1 | 3 as c):
            return Layout(h, w, c)
        case (1 | 3 as c, h, w):
            return Layout(h, w, c, is_channels_first=True)
        case (h, w) if h > 1:
            return Layout(h, w, 1)
    if how.resize is None:
        return None
    height, width = how.resize
    channels, rest = divmod(int(np.prod(shape)), height * width)
    return Layout(height, width, channels) if not rest and channels in {1, 3} else None


def image_reader(
    folder: Path, shape: tuple[int, ...], how: Preprocess, default: tuple[float, float] | None
) -> Callable[[Path], Array]:
    """Return what reads an image of the folder as an input of a shape, float32. Raises UsageError or ToolError.

    default: what black and white become where `how` does not say it.
    """
    layout = layout_of(shape, how)
    if layout is None:
        raise UsageError(
            f"{folder}: holds images, and the model's input {list(shape)} is none",
            "an image is [1, height, width, 1 or 3]; of a vector, --preprocess resize=HEIGHTxWIDTH tells the size",
        )
    order = how.order or ("grey" if layout.channels == 1 else "rgb")
    if (order == "grey") != (layout.channels == 1):
        raise UsageError(
            f"--preprocess order={order}: the model's input {list(shape)} has {layout.channels} channels"
        )
    for name, values in (("mean", how.mean), ("std", how.std)):
        if len(values) not in {0, 1, layout.channels}:
            raise UsageError(
                f"--preprocess {name}: {len(values)} numbers for the {layout.channels} channels of the model's input"
            )
    pillow = _pillow()

    def read(file: Path) -> Array:
        pixels = np.asarray(_decoded(pillow, file, how, layout), np.float32)
        pixels = pixels.reshape(layout.height, layout.width, layout.channels)
        if order == "bgr":
            pixels = pixels[..., ::-1]
        values = how.applied(pixels, _LOW, _HIGH, default or (_LOW, _HIGH))
        if layout.is_channels_first:
            values = np.moveaxis(values, -1, 0)
        return np.ascontiguousarray(values).reshape(shape)

    return read


def _decoded(pillow: Any, file: Path, how: Preprocess, layout: Layout) -> Any:
    """Return the image as the model's size and number of channels, a byte each."""
    size = layout.width, layout.height
    height, width = how.resize or (layout.height, layout.width)
    bilinear = pillow.Image.Resampling.BILINEAR
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pillow.Image.DecompressionBombWarning)
            with pillow.Image.open(file) as opened:
                if opened.mode.startswith(("I", "F")):
                    raise UsageError(f"{file}: has {opened.mode} pixels; images of 8 bits are read")
                image = opened.convert("L" if layout.channels == 1 else "RGB")
    except (
        OSError, ValueError, SyntaxError, EOFError, TypeError, MemoryError,
        pillow.Image.DecompressionBombError, pillow.Image.DecompressionBombWarning,
    ) as problem:  # fmt: skip
        raise UsageError(f"{file}: cannot be read as an image: {problem or 'damaged'}") from problem
    if how.fit == "crop":
        image = pillow.ImageOps.fit(image, (width, height), bilinear)
    elif how.fit == "pad":
        image = pillow.ImageOps.pad(image, (width, height), bilinear)
    elif image.size != (width, height):
        image = image.resize((width, height), bilinear)
    if image.size == size:
        return image
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    return image.crop((left, top, left + size[0], top + size[1]))


def _pillow() -> Any:
    try:
        import PIL.Image  # noqa: PLC0415 - of the extra `images`
        import PIL.ImageOps  # noqa: PLC0415
    except ImportError as problem:
        raise ToolError(
            "reading images needs Pillow, which is not installed", "pip install 'tinyc[images]'"
        ) from problem
    return PIL
