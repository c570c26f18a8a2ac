"""Networks that are hard to quantize, trained on CIFAR-10 for a few epochs: depthwise layers, gates and swish.

    python -m benchmarks.hard_networks [--folder DIR] [--work DIR] [--epochs 6] [NAME ...]

DIR of --folder: of the shared data sets. Each network is written to --work as NAME.keras; every epoch is kept there,
so that a run that was stopped goes on where it was. Nothing is done for or against quantization: batch normalization,
Adam, no weight decay. Needs the extra `keras`, and `pillow`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quantization import CLASSES, decoded_images

ROOT = Path(__file__).resolve().parent.parent
BATCH, RATE = 128, 4e-3
Floats = npt.NDArray[np.float32]
Layer = Callable[[Any], Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Train networks that are hard to quantize.")
    parser.add_argument("names", nargs="*", choices=[*NETWORKS, []], default=[])
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "out/hard_networks")
    parser.add_argument("--epochs", type=int, default=6)
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    for name in args.names or NETWORKS:
        train(name, args.folder / "datasets/cifar10_jpeg.tar.xz", args.work, args.epochs)
    return 0


def prepared(images: npt.NDArray[Any]) -> Floats:
    """Return images of 0 to 255 as the networks take them: -1 to 1."""
    return np.asarray(images, np.float32) / np.float32(127.5) - 1


def train(name: str, archive: Path, work: Path, epochs: int) -> None:
    """Train one network from where it was left."""
    import keras  # noqa: PLC0415 - of the extra `keras`

    keras.utils.set_random_seed(1)
    state, kept = work / f"{name}.json", work / f"{name}.part.keras"
    done = json.loads(state.read_text())["epochs"] if state.exists() else 0
    if done >= epochs:
        return
    if done:
        model = keras.saving.load_model(kept)
    else:
        model = NETWORKS[name]()
        model.compile(
            optimizer=keras.optimizers.Adam(RATE),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
    images, labels = decoded_images(archive, "train", None, work / "train.npz")
    for epoch in range(done, epochs):
        begun = monotonic()
        rng = np.random.default_rng(epoch)
        losses = []
        for step, chosen in enumerate(np.array_split(rng.permutation(len(images)), len(images) // BATCH)):
            share = (epoch + step * BATCH / len(images)) / epochs
            model.optimizer.learning_rate = RATE * min(1.0, 8 * share + 0.05, 1.25 * (1 - share) + 0.002)
            losses.append(model.train_on_batch(varied(images[chosen], rng), labels[chosen], return_dict=True))
        model.save(kept)
        state.write_text(json.dumps({"epochs": epoch + 1}))
        told = ", ".join(f"{what} {value:.3f}" for what, value in losses[-1].items())
        print(f"{name}: epoch {epoch + 1} of {epochs}, {told}, {monotonic() - begun:.0f} s", file=sys.stderr)
    kept.replace(work / f"{name}.keras")


def varied(images: npt.NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Return the images moved by up to 3 pixels, half of them mirrored."""
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect")
    found = np.empty_like(images)
    for i, (y, x) in enumerate(rng.integers(0, 7, (len(images), 2))):
        found[i] = padded[i, y : y + 32, x : x + 32]
    mirrored = rng.random(len(images)) < 0.5
    found[mirrored] = found[mirrored, :, ::-1]
    return prepared(found)


def mobilenet_v2() -> Any:
    """Return a network of inverted residuals with RELU6."""
    return _network(
        [(8, 1, 3, 1), (16, 2, 3, 4), (16, 1, 3, 4), (24, 2, 3, 4), (24, 1, 3, 4), (48, 2, 3, 4)], "relu6"
    )


def mobilenet_v3() -> Any:
    """Return inverted residuals with squeeze-and-excite by hard sigmoids, and hard swish."""
    rows = [(8, 1, 3, 1), (16, 2, 3, 4), (16, 1, 3, 3), (24, 2, 5, 4), (24, 1, 5, 4), (48, 2, 3, 4)]
    return _network(rows, "hard_silu", gate="hard_sigmoid")


def efficientnet() -> Any:
    """Return inverted residuals with squeeze-and-excite by sigmoids, and swish."""
    rows = [(8, 1, 3, 1), (16, 2, 3, 4), (16, 1, 3, 4), (24, 2, 5, 4), (24, 1, 5, 4), (48, 2, 3, 4)]
    return _network(rows, "silu", gate="sigmoid")


NETWORKS: dict[str, Callable[[], Any]] = {
    "mobilenet_v3": mobilenet_v3,
    "efficientnet": efficientnet,
    "mobilenet_v2": mobilenet_v2,
}


def _network(rows: list[tuple[int, int, int, int]], activation: str, gate: str | None = None) -> Any:
    """rows: (channels, stride, kernel, expansion) of each block."""
    from keras import Model, layers  # noqa: PLC0415

    image = layers.Input((32, 32, 3), name="image")
    x = _normed(layers.Conv2D(16, 3, padding="same", use_bias=False), activation)(image)
    for channels, stride, kernel, expansion in rows:
        x = _block(x, channels, stride, kernel, expansion, activation, gate)
    x = _normed(layers.Conv2D(128, 1, use_bias=False), activation)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return Model(image, layers.Dense(len(CLASSES), name="logits")(x))


def _normed(layer: Layer, activation: str | None) -> Layer:
    from keras import layers  # noqa: PLC0415

    def made(x: Any) -> Any:
        x = layers.BatchNormalization(momentum=0.97)(layer(x))
        return x if activation is None else layers.Activation(activation)(x)

    return made


def _block(
    x: Any, channels: int, stride: int, kernel: int, expansion: int, activation: str, gate: str | None
) -> Any:
    """Return an inverted residual."""
    from keras import layers  # noqa: PLC0415

    y, wide = x, x.shape[-1] * expansion
    if expansion > 1:
        y = _normed(layers.Conv2D(wide, 1, use_bias=False), activation)(y)
    y = _normed(layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False), activation)(y)
    if gate is not None:
        s = layers.GlobalAveragePooling2D(keepdims=True)(y)
        s = layers.Conv2D(
            max(4, wide // 8), 1, activation="relu" if activation == "hard_silu" else activation
        )(s)
        y = layers.Multiply()([y, layers.Conv2D(wide, 1, activation=gate)(s)])
    y = _normed(layers.Conv2D(channels, 1, use_bias=False), None)(y)
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == channels else y


if __name__ == "__main__":
    sys.exit(main())
