"""Networks that are hard to quantize, trained on CIFAR-10 for a few epochs: depthwise layers, gates and swish.

    python -m benchmarks.hard_networks [--folder DIR] [--work DIR] [NAME ...]

DIR of --folder: of the shared data sets. Each network is written to --work as NAME.keras; every epoch is kept there,
so that a run that was stopped goes on where it was. Nothing is done for or against quantization: batch normalization,
no weight decay, Adam or (`*_deep`) RMSprop as the papers of these architectures have it. Needs the extra `keras`, and
`pillow`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quantization import CLASSES, decoded_images, scaled

ROOT = Path(__file__).resolve().parent.parent
BATCH, RATE, DEEP_RATE = 128, 4e-3, 8e-3
RMSPROP = {"rho": 0.9, "momentum": 0.9, "epsilon": 1e-3}
#: Of the logarithms of channels' scales.
_SPREAD = 1.5
Floats = npt.NDArray[np.float32]
Layer = Callable[[Any], Any]


def main() -> int:
    parser = argparse.ArgumentParser(description="Train networks that are hard to quantize.")
    parser.add_argument("names", nargs="*", choices=[*NETWORKS, []], default=[])
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "out/hard_networks")
    args = parser.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)
    for name in args.names or NETWORKS:
        train(name, args.folder / "datasets/cifar10_jpeg.tar.xz", args.work, EPOCHS[name])
    for name in ("mobilenet_v3", "efficientnet"):
        source, made = args.work / f"{name}.keras", args.work / f"{name}_rescaled.keras"
        if source.exists() and not made.exists():
            import keras  # noqa: PLC0415

            model = keras.saving.load_model(source, compile=False)
            rescaled(model, _SPREAD)
            model.save(made)
    return 0


def train(name: str, archive: Path, work: Path, epochs: int) -> None:
    """Train one network from where it was left."""
    import keras  # noqa: PLC0415 - of the extra `keras`

    keras.utils.set_random_seed(1)
    state, kept = work / f"{name}.json", work / f"{name}.part.keras"
    is_deep = name.endswith("_deep")
    done = json.loads(state.read_text())["epochs"] if state.exists() else 0
    if done >= epochs:
        return
    if done:
        model = keras.saving.load_model(kept)
    else:
        model = NETWORKS[name]()
        model.compile(
            optimizer=keras.optimizers.RMSprop(**RMSPROP) if is_deep else keras.optimizers.Adam(),
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
            model.optimizer.learning_rate = (DEEP_RATE if is_deep else RATE) * min(
                1.0, 8 * share + 0.05, 1.25 * (1 - share) + 0.002
            )
            losses.append(model.train_on_batch(varied(images[chosen], rng), labels[chosen], return_dict=True))
        model.save(kept)
        state.write_text(json.dumps({"epochs": epoch + 1}))
        told = ", ".join(f"{what} {value:.3f}" for what, value in losses[-1].items())
        print(f"{name}: epoch {epoch + 1} of {epochs}, {told}, {monotonic() - begun:.0f} s", file=sys.stderr)
    kept.replace(work / f"{name}.keras")


def rescaled(model: Any, spread: float) -> None:
    """Scale the channels between blocks, and what reads them scale back: the same function, other ranges.

    spread: of the logarithms of the scales, which are normally distributed.
    """
    from keras import layers  # noqa: PLC0415

    of: dict[str, str] = {}
    for layer in model.layers:
        given = layer.input if isinstance(layer.input, list) else [layer.input]
        before = [x._keras_history.operation.name for x in given]
        readers = [n.operation for n in layer._outbound_nodes]
        if isinstance(layer, layers.BatchNormalization) and not any(
            isinstance(r, layers.Activation) for r in readers
        ):
            of[layer.name] = layer.name
        elif isinstance(layer, layers.Add):
            old, new = of[before[1]], of[before[0]]
            of = {name: new if stream == old else stream for name, stream in of.items()} | {layer.name: new}

    def scales(name: str, channels: int) -> Any:
        seed = sorted(set(of.values())).index(of[name])
        return np.exp(np.random.default_rng(seed).normal(0, spread, channels))

    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization) and layer.name in of:
            factors = scales(layer.name, layer.gamma.shape[0])
            layer.gamma.assign(layer.gamma * factors)
            layer.beta.assign(layer.beta * factors)
        elif isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            before = layer.input._keras_history.operation.name
            if before in of:
                layer.kernel.assign(layer.kernel / scales(before, layer.kernel.shape[2])[:, None])


def varied(images: npt.NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Return the images moved by up to 3 pixels, half of them mirrored."""
    padded = np.pad(images, ((0, 0), (3, 3), (3, 3), (0, 0)), mode="reflect")
    found = np.empty_like(images)
    for i, (y, x) in enumerate(rng.integers(0, 7, (len(images), 2))):
        found[i] = padded[i, y : y + 32, x : x + 32]
    mirrored = rng.random(len(images)) < 0.5
    found[mirrored] = found[mirrored, :, ::-1]
    return scaled(found)


def mobilenet_v2(spread: float = 0.0) -> Any:
    """Return a network of inverted residuals with RELU6."""
    rows = [(8, 1, 3, 1), (16, 2, 3, 4), (16, 1, 3, 4), (24, 2, 3, 4), (24, 1, 3, 4), (48, 2, 3, 4)]
    return _network(rows, "relu6", None, spread)


def mobilenet_v3(spread: float = 0.0) -> Any:
    """Return inverted residuals with squeeze-and-excite by hard sigmoids, and hard swish."""
    rows = [(8, 1, 3, 1), (16, 2, 3, 4), (16, 1, 3, 3), (24, 2, 5, 4), (24, 1, 5, 4), (48, 2, 3, 4)]
    return _network(rows, "hard_silu", "hard_sigmoid", spread)


def efficientnet(spread: float = 0.0) -> Any:
    """Return inverted residuals with squeeze-and-excite by sigmoids, and swish."""
    rows = [(8, 1, 3, 1), (16, 2, 3, 4), (16, 1, 3, 4), (24, 2, 5, 4), (24, 1, 5, 4), (48, 2, 3, 4)]
    return _network(rows, "silu", "sigmoid", spread)


def deep(activation: str, gate: str) -> Any:
    """Return twelve inverted residuals with squeeze-and-excite."""
    rows = [(12, 2, 3, 1), (12, 1, 3, 3), *[(20, 1, 3, 3)] * 3, (32, 2, 5, 3), (32, 1, 5, 3), (32, 1, 3, 3)]
    rows += [*[(40, 1, 3, 3)] * 2, (64, 2, 5, 3), (64, 1, 3, 3)]
    return _network(rows, activation, gate, 0.0)


#: "unlike": the channels between blocks begin with scales that are spread as long training leaves them, some tens of
#: times larger than others (log-normally).
NETWORKS: dict[str, Callable[[], Any]] = {
    "mobilenet_v3_unlike": partial(mobilenet_v3, _SPREAD),
    "efficientnet_unlike": partial(efficientnet, _SPREAD),
    "mobilenet_v3": mobilenet_v3,
    "efficientnet": efficientnet,
    "mobilenet_v2": mobilenet_v2,
    "efficientnet_deep": partial(deep, "silu", "sigmoid"),
    "mobilenet_v3_deep": partial(deep, "hard_silu", "hard_sigmoid"),
}
#: How often each sees all images.
EPOCHS = dict.fromkeys(
    ("mobilenet_v3_unlike", "efficientnet_unlike", "efficientnet_deep", "mobilenet_v3_deep"), 4
) | dict.fromkeys(("mobilenet_v3", "efficientnet", "mobilenet_v2"), 6)


def _network(rows: list[tuple[int, int, int, int]], activation: str, gate: str | None, spread: float) -> Any:
    """rows: (channels, stride, kernel, expansion) of each block."""
    from keras import Model, layers  # noqa: PLC0415

    image = layers.Input((32, 32, 3), name="image")
    x = _normed(layers.Conv2D(16, 3, padding="same", use_bias=False), activation)(image)
    for channels, stride, kernel, expansion in rows:
        x = _block(x, channels, stride, kernel, expansion, activation, gate, spread)
    x = _normed(layers.Conv2D(128, 1, use_bias=False), activation)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return Model(image, layers.Dense(len(CLASSES), name="logits")(x))


def _normed(layer: Layer, activation: str | None, spread: float = 0.0) -> Layer:
    """Return a layer with its normalization. spread: of the logarithms of the scales that it begins with."""
    from keras import layers  # noqa: PLC0415

    def made(x: Any) -> Any:
        norm = layers.BatchNormalization(momentum=0.97)
        x = norm(layer(x))
        if spread:
            channels = x.shape[-1]
            norm.gamma.assign(np.exp(np.random.default_rng(channels).normal(0, spread, channels)))
        return x if activation is None else layers.Activation(activation)(x)

    return made


def _block(
    x: Any,
    channels: int,
    stride: int,
    kernel: int,
    expansion: int,
    activation: str,
    gate: str | None,
    spread: float,
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
    y = _normed(layers.Conv2D(channels, 1, use_bias=False), None, spread)(y)
    return layers.Add()([x, y]) if stride == 1 and x.shape[-1] == channels else y


if __name__ == "__main__":
    sys.exit(main())
