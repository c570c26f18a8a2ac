"""Networks as people write them in Keras, with random weights; those of the same name in `in_torch` are the same.

usage: python -m tests.twins.in_keras NAME FILE.keras
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import keras
from keras import layers

Value = Any


def normed(x: Value, outs: int, kernel: Any = 3, stride: int = 1, act: str | None = "relu") -> Value:
    """A convolution without bias, batch normalization, and an activation."""
    kind = layers.Conv2D if len(x.shape) == 4 else layers.Conv1D
    return norm(kind(outs, kernel, stride, padding="same", use_bias=False)(x), act)


def depthwise(x: Value, kernel: int = 3, stride: int = 1, act: str | None = "relu") -> Value:
    return norm(layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False)(x), act)


def norm(x: Value, act: str | None) -> Value:
    x = layers.BatchNormalization()(x)
    return layers.Activation(act)(x) if act else x


def inverted(x: Value, outs: int, stride: int, widen: int, kernel: int = 3) -> Value:
    """The block of MobileNetV2 and EfficientNet."""
    ins = x.shape[-1]
    y = normed(x, ins * widen, 1, act="relu6") if widen > 1 else x
    y = normed(depthwise(y, kernel, stride, "relu6"), outs, 1, act=None)
    return layers.Add()([x, y]) if stride == 1 and ins == outs else y


def classes(x: Value, outs: int) -> Value:
    return layers.Dense(outs)(layers.GlobalAveragePooling2D()(x))


def mobilenet_v2(image: Value) -> Value:
    x = normed(image, 16, 3, 2, "relu6")
    for outs, count, stride, widen in (
        (8, 1, 1, 1),
        (8, 2, 2, 6),
        (16, 3, 2, 6),
        (24, 4, 2, 6),
        (32, 3, 1, 6),
        (56, 3, 2, 6),
        (112, 1, 1, 6),
    ):
        for i in range(count):
            x = inverted(x, outs, stride if i == 0 else 1, widen)
    return classes(normed(x, 320, 1, act="relu6"), 10)


def efficientnet_lite(image: Value) -> Value:
    x = normed(image, 16, 3, 2, "relu6")
    for outs, count, stride, widen, kernel in (
        (8, 1, 1, 1, 3),
        (12, 2, 2, 6, 3),
        (20, 2, 2, 6, 5),
        (40, 3, 2, 6, 3),
        (56, 3, 1, 6, 5),
        (96, 4, 2, 6, 5),
        (160, 1, 1, 6, 3),
    ):
        for i in range(count):
            x = inverted(x, outs, stride if i == 0 else 1, widen, kernel)
    return classes(normed(x, 320, 1, act="relu6"), 10)


def resnet8(image: Value) -> Value:
    x = normed(image, 16)
    for outs, stride in ((16, 1), (32, 2), (64, 2)):
        y = normed(normed(x, outs, 3, stride), outs, act=None)
        short = x if stride == 1 else layers.Conv2D(outs, 1, stride, padding="same")(x)
        x = layers.ReLU()(layers.Add()([y, short]))
    return layers.Softmax()(classes(x, 10))


def ds_cnn(image: Value) -> Value:
    x = layers.Dropout(0.2)(normed(image, 64, (10, 4), 2))
    for _ in range(4):
        x = normed(depthwise(x), 64, 1)
    return layers.Softmax()(classes(x, 12))


def autoencoder(x: Value) -> Value:
    for outs in (128, 128, 128, 128, 8, 128, 128, 128, 128):
        x = norm(layers.Dense(outs)(x), "relu")
    return layers.Dense(640)(x)


def unet(x: Value) -> Value:
    def double(x: Value, outs: int) -> Value:
        return normed(normed(x, outs), outs)

    skips = []
    for outs in (8, 16):
        x = double(x, outs)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = double(x, 32)
    for outs, skip in zip((16, 8), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(outs, 2, 2)(x)
        x = double(layers.Concatenate()([x, skip]), outs)
    return layers.Conv2D(1, 1, activation="sigmoid")(x)


def conv_1d(x: Value) -> Value:
    for outs in (16, 24, 32):
        x = layers.MaxPooling1D(2)(normed(x, outs, 5))
    return layers.Dense(6)(layers.Dense(32, activation="relu")(layers.Flatten()(x)))


def squeezenet(image: Value) -> Value:
    def fire(x: Value, squeeze: int, expand: int) -> Value:
        x = layers.Conv2D(squeeze, 1, activation="relu")(x)
        one = layers.Conv2D(expand, 1, activation="relu")(x)
        three = layers.Conv2D(expand, 3, padding="same", activation="relu")(x)
        return layers.Concatenate()([one, three])

    x = layers.MaxPooling2D(3, 2)(layers.Conv2D(16, 3, 2, activation="relu")(image))
    x = layers.MaxPooling2D(3, 2)(fire(fire(x, 4, 16), 4, 16))
    x = layers.MaxPooling2D(3, 2)(fire(fire(x, 8, 32), 8, 32))
    x = fire(fire(fire(fire(x, 12, 48), 12, 48), 16, 64), 16, 64)
    x = layers.Conv2D(10, 1, activation="relu")(layers.Dropout(0.5)(x))
    return layers.GlobalAveragePooling2D()(x)


def shuffled(x: Value, outs: int, stride: int) -> Value:
    """The unit of ShuffleNetV2: half of the channels pass, the others are convolved, and both are dealt by turns."""
    half = outs // 2
    if stride == 1:
        left, right = x[..., :half], x[..., half:]
    else:
        left, right = normed(depthwise(x, 3, 2, None), half, 1), x
    right = normed(depthwise(normed(right, half, 1), 3, stride, None), half, 1)
    x = layers.Concatenate()([left, right])
    _, height, width, channels = x.shape
    x = layers.Permute((1, 2, 4, 3))(layers.Reshape((height, width, 2, channels // 2))(x))
    return layers.Reshape((height, width, channels))(x)


def shufflenet_v2(image: Value) -> Value:
    x = layers.MaxPooling2D(3, 2, padding="same")(normed(image, 24, 3, 2))
    for outs, count in ((48, 4), (96, 8), (192, 4)):
        for i in range(count):
            x = shuffled(x, outs, 1 if i else 2)
    return classes(normed(x, 256, 1), 10)


#: name: (network, shape of its input without the batch)
NETWORKS: dict[str, tuple[Callable[[Value], Value], tuple[int, ...]]] = {
    "autoencoder": (autoencoder, (640,)),
    "conv_1d": (conv_1d, (128, 3)),
    "ds_cnn": (ds_cnn, (49, 10, 1)),
    "efficientnet_lite": (efficientnet_lite, (96, 96, 3)),
    "mobilenet_v2": (mobilenet_v2, (96, 96, 3)),
    "resnet8": (resnet8, (32, 32, 3)),
    "shufflenet_v2": (shufflenet_v2, (64, 64, 3)),
    "squeezenet": (squeezenet, (64, 64, 3)),
    "unet": (unet, (48, 48, 1)),
}


def save(name: str, file: str) -> None:
    keras.utils.set_random_seed(0)
    make, shape = NETWORKS[name]
    image = layers.Input(shape)
    keras.Model(image, make(image)).save(file)


if __name__ == "__main__":
    save(sys.argv[1], sys.argv[2])
