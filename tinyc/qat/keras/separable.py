"""Separable convolutions of Keras as the two layers that they are, so that there is a scale between these."""

from __future__ import annotations

from typing import Any

from keras import layers

from tinyc.qat.keras.trace import cloned

_KINDS = (
    (layers.SeparableConv1D, layers.DepthwiseConv1D, layers.Conv1D),
    (layers.SeparableConv2D, layers.DepthwiseConv2D, layers.Conv2D),
)
_DEPTHWISE = ("kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier")
_POINTWISE = ("filters", "activation", "use_bias", "bias_initializer", "bias_regularizer", "bias_constraint")
_OF_KERNELS = ("initializer", "regularizer", "constraint")


def apart(model: Any) -> Any:
    """Return a functional model of the same weights: a separable convolution is a depthwise one and one of 1x1.

    The latter has its name, the former "_depthwise" behind that.
    """
    found = {layer.name: layer for layer in model.layers if _parts_of(layer)}
    if not found:
        return model
    made: dict[str, Any] = {}

    def twin(layer: Any) -> Any:
        config = layer.get_config()
        parts = _parts_of(layer)
        if not parts:
            return layer.__class__.from_config(config)
        depthwise, pointwise = parts
        common = {"data_format": config["data_format"], "dtype": config["dtype"]}
        made[layer.name] = depthwise.from_config(
            {
                **common,
                **{name: config[name] for name in _DEPTHWISE},
                **{f"depthwise_{what}": config[f"depthwise_{what}"] for what in _OF_KERNELS},
                "name": f"{layer.name}_depthwise",
                "use_bias": False,
            }
        )
        return pointwise.from_config(
            {
                **common,
                **{name: config[name] for name in _POINTWISE},
                **{f"kernel_{what}": config[f"pointwise_{what}"] for what in _OF_KERNELS},
                "name": layer.name,
                "kernel_size": 1,
            }
        )

    def call(layer: Any, *args: Any, **more: Any) -> Any:
        return layer(made[layer.name](*args)) if layer.name in made else layer(*args, **more)

    copy = cloned(model, twin, call)
    for layer in model.layers:
        if layer.name in found:
            made[layer.name].kernel.assign(layer.depthwise_kernel)
            pointwise = copy.get_layer(layer.name)
            pointwise.kernel.assign(layer.pointwise_kernel)
            if layer.use_bias:
                pointwise.bias.assign(layer.bias)
        elif layer.weights:
            copy.get_layer(layer.name).set_weights(layer.get_weights())
    return copy


def _parts_of(layer: Any) -> tuple[Any, Any] | None:
    return next(((first, second) for kind, first, second in _KINDS if isinstance(layer, kind)), None)
