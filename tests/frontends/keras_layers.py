"""Every layer and function of Keras that the page of supported operators names, as a model of its own.

python -m tests.frontends.keras_layers [NAME ...]     takes about two minutes; exits 1 where one is refused or differs

Each is converted as a Keras file is, in this process, and computed by the graph and by Keras.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from tinyc.errors import TinycError
from tinyc.frontends.meanings import MEANINGS
from tinyc.frontends.tflite.floats import load_float_tflite
from tinyc.ops.floats import evaluate_floats
from tinyc.passes.floats import simplify_floats

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

#: Arguments of layers that need some.
_ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "AveragePooling1D": (2,),
    "AveragePooling2D": (2,),
    "MaxPooling1D": (2,),
    "MaxPooling2D": (2,),
    "Conv1D": (4, 3), "Conv2D": (4, 3), "Conv2DTranspose": (4, 3), "Cropping1D": (1,), "Cropping2D": (1,),
    "Dense": (4,), "DepthwiseConv2D": (3,), "Dot": (2,), "GaussianNoise": (0.1,), "Permute": ((2, 3, 1),),
    "RepeatVector": (3,), "Rescaling": (0.5, 1.0), "Reshape": ((18, 8),), "Resizing": (9, 5), "SeparableConv2D": (4, 3),
    "Dropout": (0.2,), "GroupNormalization": (2,),
}  # fmt: skip
_SEQUENCES = ("Conv1D", "AveragePooling1D", "MaxPooling1D", "GlobalAveragePooling1D", "GlobalMaxPooling1D",
              "Cropping1D", "ZeroPadding1D", "UpSampling1D", "Dot")  # fmt: skip
#: Layers of two inputs, and functions that need more than x.
_OF_TWO = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
#: What does nothing stands behind something.
_NOTHING = ("ActivityRegularization", "Dropout", "GaussianNoise")


def functions() -> dict[str, Callable[[Any], Any]]:
    """Functions of x, which is above 0.1, by name; what is not here is called with x alone."""
    from keras import ops  # noqa: PLC0415

    return {
        "add": lambda x: ops.add(x, 0.5),
        "cast": lambda x: ops.cast(ops.cast(x * 3, "int32"), "float32"),
        "divide": lambda x: ops.divide(x, x + 1.0),
        "flip": lambda x: ops.flip(x, 1),
        "floor_divide": lambda x: ops.floor_divide(x, 0.7),
        "greater": lambda x: ops.cast(ops.greater(x, 1.0), "float32"),
        "less": lambda x: ops.cast(ops.less(x, 1.0), "float32"),
        "log_softmax": lambda x: ops.log_softmax(x, -1),
        "logical_and": lambda x: ops.cast(ops.logical_and(x > 0.5, x < 1.0), "float32"),
        "logsumexp": lambda x: ops.logsumexp(x, -1),
        "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 1, 3, 2))),
        "max": lambda x: ops.max(x, (1, 2)),
        "mean": lambda x: ops.mean(x, (1, 2)),
        "min": lambda x: ops.min(x, (1, 2)),
        "mod": lambda x: ops.mod(x, 0.7),
        "multiply": lambda x: ops.multiply(x, 3.0),
        "pad": lambda x: ops.pad(x, ((0, 0), (1, 1), (0, 2), (0, 0)), "reflect"),
        "power": lambda x: ops.power(x, 1.7),
        "split": lambda x: ops.split(x, 2, -1)[1],
        "stack": lambda x: ops.stack([x, x + 1.0], 1),
        "subtract": lambda x: ops.subtract(1.0, x),
        "sum": lambda x: ops.sum(x, (1, 2)),
        "take": lambda x: ops.take(x, np.array([3, 0, 1]), -1),
        "tile": lambda x: ops.tile(x, (1, 2, 1, 1)),
        "transpose": lambda x: ops.transpose(x, (0, 3, 1, 2)),
        "where": lambda x: ops.where(x > 0.8, x, x * 0.1),
    }


def model_of(name: str) -> Any:
    """Return a Keras model of one layer or function."""
    import keras  # noqa: PLC0415
    from keras import layers, ops  # noqa: PLC0415

    shape = (
        (12, 8)
        if name in _SEQUENCES
        else (8,)
        if name == "RepeatVector"
        else (6, 8, 3)
        if name == "Reshape"
        else (6, 7, 8)
    )
    x = keras.Input(shape)
    if not name[0].isupper():
        found = functions().get(name) or getattr(keras.activations, name, None) or getattr(ops, name)

        class Function(layers.Layer):  # type: ignore[misc]
            def call(self, x: Any) -> Any:
                return found(x)

        return keras.Model(x, Function()(x))
    layer, other = getattr(layers, name)(*_ARGUMENTS.get(name, ())), layers.ReLU()(x)
    model = keras.Model(x, layer([x, other] if name in _OF_TWO else other if name in _NOTHING else x))
    for i, weights in enumerate(model.weights):
        if "seed" not in weights.name:
            weights.assign(np.abs(np.random.default_rng(i).normal(size=weights.shape)) + 0.1)
    return model


def problem_of(name: str) -> str:
    """Return what is wrong with a layer or function, "" where nothing is."""
    import tensorflow as tf  # noqa: PLC0415

    try:
        model = model_of(name)
    except (AttributeError, TypeError, ValueError) as problem:
        return f"Keras has no such model: {problem}"[:160]
    shape = (1, *model.inputs[0].shape[1:])
    call = tf.function(lambda x: model(x, training=False)).get_concrete_function(
        tf.TensorSpec(shape, tf.float32)
    )
    try:
        from tensorflow.python.framework import convert_to_constants  # noqa: PLC0415

        frozen = convert_to_constants.convert_variables_to_constants_v2(call)
        data = tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
        graph = simplify_floats(load_float_tflite(data, name))
    except TinycError as problem:
        return problem.message
    except Exception as problem:  # the converter raises what its many parts raise
        return f"TensorFlow's converter refuses it: {str(problem).splitlines()[-1][:120]}"
    x = (np.abs(np.random.default_rng(1).normal(size=shape)) + 0.1).astype(np.float32)
    want = np.asarray(model(x, training=False))
    made = evaluate_floats(graph, {graph.inputs[0].tensor: x[None]})[graph.outputs[0].tensor][0]
    near = want.shape == made.shape and np.allclose(want, made, rtol=1e-4, atol=1e-4)
    return (
        ""
        if near
        else f"{float(np.abs(want - made).max()) if want.shape == made.shape else made.shape} apart"
    )


def main() -> int:
    every = sys.argv[1:] or list(dict.fromkeys(name for row in MEANINGS for name in row.names("keras")))
    wrong = 0
    for name in every:
        found = problem_of(name)
        wrong += bool(found)
        if found:
            print(f"{name}: {found}", flush=True)
    print(f"{len(every) - wrong} of {len(every)} are as Keras computes them")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
