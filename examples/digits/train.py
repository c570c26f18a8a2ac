"""Trains the example's CNN on scikit-learn's 8×8 digits and writes digits.tflite and digits.npz.

Run it only to change the model: both files are in the repository.
It needs `pip install tensorflow scikit-learn ai-edge-litert`.
Seeds are fixed; another TensorFlow or CPU may still give other weights.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = Path(__file__).resolve().parent
SEED = 7
EPOCHS = 30
EXAMPLES = 20  # digits in digits.npz, two of each class


def load() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Train and test images [N, 8, 8, 1] float32 in [0, 1], and their labels."""
    digits = load_digits()
    images = (digits.images[..., np.newaxis] / 16.0).astype(np.float32)
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target
    )
    return x_train, y_train, x_test, y_test


def augmented(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each digit as it is, moved by a pixel in four directions, and with the ink varied."""
    rng = np.random.default_rng(SEED)
    variants = [images]
    variants += [np.roll(images, step, axis) for axis in (1, 2) for step in (-1, 1)]
    variants += [
        np.clip(images * rng.uniform(0.7, 1.3, images.shape) + rng.normal(0, 0.05, images.shape), 0, 1)
        for _ in range(3)
    ]
    return np.concatenate(variants).astype(np.float32), np.tile(labels, len(variants))


def network() -> tf.keras.Model:
    """Conv, an inverted residual, a strided depthwise block, pooling, dense, softmax."""
    layers = tf.keras.layers

    def conv(x: tf.Tensor, filters: int, size: int) -> tf.Tensor:
        x = layers.Conv2D(filters, size, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    def depthwise(x: tf.Tensor, strides: int = 1) -> tf.Tensor:
        x = layers.DepthwiseConv2D(3, strides=strides, padding="same", use_bias=False)(x)
        return layers.ReLU(6.0)(layers.BatchNormalization()(x))

    image = layers.Input((8, 8, 1), batch_size=1, name="image")
    x = layers.ReLU(6.0)(conv(image, 16, 3))
    skip = x
    x = layers.ReLU(6.0)(conv(x, 32, 1))
    x = conv(depthwise(x), 16, 1)
    x = layers.Add()([x, skip])
    x = layers.ReLU(6.0)(conv(depthwise(x, strides=2), 32, 1))
    x = layers.MaxPooling2D(2)(x)
    x = layers.ReLU()(conv(x, 48, 1))
    x = layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, layers.Dense(10, activation="softmax", name="digit")(x))


def train(x: np.ndarray, y: np.ndarray) -> tf.keras.Model:
    """The trained float model with a batch of 1, as the firmware has it."""
    model = network()
    free = tf.keras.models.clone_model(
        model, input_tensors=tf.keras.Input((8, 8, 1), name="image")
    )  # same layers, any batch size
    x, y = augmented(x, y)
    steps = EPOCHS * -(-len(x) // 64)
    free.compile(
        tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(4e-3, steps)),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    free.fit(x, y, batch_size=64, epochs=EPOCHS, verbose=2)
    model.set_weights(free.get_weights())
    return model


def quantize(model: tf.keras.Model, calibration: np.ndarray) -> bytes:
    """An INT8 .tflite file with int8 input and output."""

    def batches() -> list[list[np.ndarray]]:
        return [[image[np.newaxis]] for image in calibration]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = batches
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    return converter.convert()


def main() -> None:
    """Trains, converts, tests, writes."""
    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()
    x_train, y_train, x_test, y_test = load()
    tflite = quantize(train(x_train, y_train), x_train[:300])

    interpreter = Interpreter(model_content=tflite, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero_point = source["quantization"]
    raw = np.clip(np.round(x_test / scale) + zero_point, -128, 127).astype(np.int8)

    def predict(image: np.ndarray) -> int:
        interpreter.set_tensor(source["index"], image[np.newaxis])
        interpreter.invoke()
        return int(np.argmax(interpreter.get_tensor(target["index"])))

    predicted = np.array([predict(image) for image in raw])
    accuracy = float(np.mean(predicted == y_test))
    print(f"{len(tflite):,} bytes, accuracy of the int8 model on {len(y_test)} test digits: {accuracy:.1%}")
    if accuracy < 0.97:
        raise SystemExit("accuracy is below 97 %: nothing written")

    chosen = np.concatenate([np.flatnonzero(y_test == digit)[: EXAMPLES // 10] for digit in range(10)])
    (HERE / "digits.tflite").write_bytes(tflite)
    np.savez_compressed(HERE / "digits.npz", in0=raw[chosen], labels=y_test[chosen].astype(np.int64))


if __name__ == "__main__":
    main()
