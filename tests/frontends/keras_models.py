"""Small Keras models and SavedModels with what Keras computes of them: python -m tests.frontends.keras_models DIR."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tf_keras
from keras import layers


def main(folder: Path) -> None:
    two_inputs(folder)
    sequential(folder)
    of_keras_2(folder)
    open_shapes(folder)
    refused(folder)


def two_inputs(folder: Path) -> None:
    """Write a functional model of Keras 3 with two inputs, and its answers."""
    keras.utils.set_random_seed(1)
    image, gain = layers.Input((9, 7, 3), name="image"), layers.Input((4,), name="gain")
    x = layers.Conv2D(4, 3, padding="same", use_bias=False, name="first")(image)
    x = layers.Activation("hard_silu")(layers.BatchNormalization(name="norm")(x))
    x = layers.Multiply()([layers.GlobalAveragePooling2D()(x), layers.Activation("sigmoid")(gain)])
    model = keras.Model([image, gain], layers.Dense(5, activation="softmax", name="answer")(x))
    model.get_layer("norm").set_weights([noise(4, seed=i) ** 2 + 0.5 for i in range(4)])
    model.save(folder / "two.keras")
    given = noise(6, 9, 7, 3, seed=7), noise(6, 4, seed=8)
    keep(folder, "two", model(list(given)), image=given[0], gain=given[1])


def sequential(folder: Path) -> None:
    """Write a Sequential of Keras 3, in both of its formats."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [layers.Input((8, 5)), layers.Conv1D(6, 3, activation="relu"), layers.Flatten(), layers.Dense(4)]
    )
    model.save(folder / "row.keras")
    model.save(folder / "row.h5")
    x = noise(6, 8, 5, seed=4)
    keep(folder, "row", model(x), in0=x)


def of_keras_2(folder: Path) -> None:
    """Write a file that Keras 3 does not read."""
    tf_keras.utils.set_random_seed(2)
    parts = [
        tf_keras.layers.DepthwiseConv2D(
            3, padding="same", activation="relu6", input_shape=(8, 8, 2), name="depthwise"
        ),
        tf_keras.layers.SeparableConv2D(4, 3),
        tf_keras.layers.Flatten(),
        tf_keras.layers.Dense(3),
    ]
    model = tf_keras.Sequential(parts)
    model.save(folder / "two.h5", save_format="h5")
    x = noise(6, 8, 8, 2, seed=3)
    keep(folder, "two_h5", model(x), in0=x)
    model.save_weights(folder / "weights.h5", save_format="h5")
    tf_keras.Sequential([tf_keras.layers.Lambda(lambda x: x + 1, name="mine", input_shape=(3,))]).save(
        folder / "code.h5", save_format="h5"
    )


def open_shapes(folder: Path) -> None:
    """Write a SavedModel that leaves its image's size open."""
    keras.utils.set_random_seed(4)
    model = keras.Sequential([layers.Input((None, None, 2)), layers.Conv2D(3, 3, activation="relu")])
    model.export(folder / "open", verbose=False)
    x = noise(6, 10, 6, 2, seed=5)
    keep(folder, "open", model(x), in0=x)


def refused(folder: Path) -> None:
    """Write models that cannot be converted."""

    class Mine(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x * 2

    keras.Sequential([layers.Input((3,)), Mine()]).save(folder / "own.keras")
    code = layers.Lambda(lambda x: x + 1, name="mine")
    keras.Sequential([layers.Input((3,)), code]).save(folder / "code.keras")
    x = layers.Input((3,))
    keras.Model(x, keras.ops.erfinv(x)).save(folder / "flex.keras")


def keep(folder: Path, name: str, answers: Any, **inputs: Any) -> None:
    np.savez(folder / f"{name}.npz", answers=np.asarray(answers), **inputs)


def noise(*shape: int, seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
