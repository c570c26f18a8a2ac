"""Keras 3 layers that compute with weights of few levels and activations of bytes, and learn as if they did not.

Of any backend. The gradient passes rounding unchanged (straight-through), and stops where a value is clipped.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from tinyc.qat.ranges import LEAST_SCALE, MOMENTUM
from tinyc.qat.weights import EPSILON, Steps, ramp, steps_of

_PACKAGE = "tinyc"


def as_array(x: Any) -> Any:
    """Return a tensor or variable in numpy."""
    return ops.convert_to_numpy(ops.convert_to_tensor(x))


def step_of(weights: Any, steps: Steps) -> Any:
    """Return the distance of two levels of weights [..., outputs]: [outputs], or [1]. See tinyc.qat.weights."""
    size = ops.abs(ops.stop_gradient(weights))
    rows = ops.reshape(size, (-1, size.shape[-1])) if steps.per_channel else ops.reshape(size, (-1, 1))
    if steps.measure == "median":
        measured = ops.sort(rows, axis=0)[(rows.shape[0] - 1) // 2]
    elif steps.measure == "mean":
        measured = ops.mean(rows, axis=0)
    else:
        measured = ops.max(rows, axis=0)
    return ops.maximum(measured, EPSILON) / steps.most


def rounded_weights(weights: Any, steps: Steps, share: Any) -> Any:
    """Return what a layer computes with; of the gradient, all reaches the float weights.

    weights: [..., outputs]; share: of the rounded weights, 0 to 1.
    """
    plain = ops.stop_gradient(weights)
    each = step_of(plain, steps)
    rounded = ops.clip(ops.round(plain / each), steps.low, steps.high) * each
    used = ops.where(share == 1.0, rounded, share * rounded + (1 - share) * plain)
    return used + (weights - plain)


@keras.saving.register_keras_serializable(package=_PACKAGE)
class FakeQuant(layers.Layer):  # type: ignore[misc]
    """Rounds a tensor to the 256 steps of a range, which training learns: a moving minimum and maximum, and 0.

    Before the first batch of training (or `calibrate`) it knows no range, and changes nothing. momentum: share of what
    was known before; the first batches are averaged. fixed: the range, where it is known beforehand and stays.
    """

    def __init__(
        self, momentum: float = MOMENTUM, fixed: tuple[float, float] | None = None, **more: Any
    ) -> None:
        super().__init__(**more)
        self.momentum, self.fixed = momentum, fixed

    def build(self, input_shape: Any) -> None:
        """Add the range, how many batches it has seen, and whether it stays as it is."""
        self.low, self.high, self.count, self.frozen = (
            self.add_weight(shape=(), initializer="zeros", trainable=False, name=name)
            for name in ("low", "high", "count", "frozen")
        )
        if self.fixed is not None:
            self.span(*self.fixed)

    def call(self, x: Any, training: bool = False, learns: bool = True) -> Any:
        """learns: whether this call moves the range, in training."""
        if training and learns and self.fixed is None:
            self._learn(ops.stop_gradient(x))
        scale, zero_point = self.grid()
        plain = ops.stop_gradient(x)
        steps = ops.round(plain / scale) + zero_point
        inside = ops.cast(ops.logical_and(steps >= -128, steps <= 127), x.dtype)
        rounded = (ops.clip(steps, -128, 127) - zero_point) * scale
        known = self.count > 0
        return ops.where(known, rounded, plain) + ops.where(known, inside, ops.ones_like(inside)) * (
            x - plain
        )

    def grid(self) -> tuple[Any, Any]:
        """Return scale and zero point, in float32."""
        low, high = ops.convert_to_tensor(self.low), ops.convert_to_tensor(self.high)
        scale = ops.maximum((high - low) / 255, LEAST_SCALE)
        return scale, ops.clip(ops.round(-128 - low / scale), -128, 127)

    def span(self, low: float, high: float) -> None:
        """Set the range to [low, high] and 0."""
        self.low.assign(min(low, 0.0))
        self.high.assign(max(high, 0.0))
        self.count.assign(max(float(as_array(self.count)), 1.0))

    def _learn(self, x: Any) -> None:
        count, frozen = ops.convert_to_tensor(self.count), ops.convert_to_tensor(self.frozen)
        keep = ops.where(frozen > 0, 1.0, ops.minimum(count / (count + 1), self.momentum))
        for end, seen in (
            (self.low, ops.minimum(ops.min(x), 0.0)),
            (self.high, ops.maximum(ops.max(x), 0.0)),
        ):
            end.assign(keep * end + (1 - keep) * seen)
        self.count.assign(ops.where(frozen > 0, count, count + 1))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "fixed": self.fixed}


class Rounding(layers.Layer):  # type: ignore[misc]
    """What the layers of few levels have beside their bases: how weights are rounded, and the bytes of the input."""

    def __init__(
        self,
        *args: Any,
        levels: str = "ternary",
        scale: str = "median",
        per_channel: bool = False,
        quantize_input: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.levels, self.scale, self.per_channel = levels, scale, per_channel
        self.steps = steps_of(levels, scale, per_channel=per_channel)
        self.input_quant = FakeQuant() if quantize_input else None

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        #: Share of the rounded weights: set_share and Ramp ramp it up.
        self.share = self.add_weight(shape=(), initializer="ones", trainable=False, name="share")
        if self.input_quant is not None:
            self.input_quant.build(input_shape)

    def read(self, x: Any, training: bool) -> Any:
        """Return the input as the layer sees it."""
        return x if self.input_quant is None else self.input_quant(x, training=training)

    def flat_kernel(self) -> Any:
        """Return the float weights as [..., outputs]."""
        return ops.convert_to_tensor(self.kernel)

    def rounded_kernel(self) -> Any:
        """Return the weights that the layer computes with, in the shape of its kernel."""
        flat = rounded_weights(self.flat_kernel(), self.steps, ops.convert_to_tensor(self.share))
        return ops.reshape(flat, self.kernel.shape)

    def step(self) -> Any:
        """Return the distance of two levels: [outputs], or [1]."""
        return step_of(self.flat_kernel(), self.steps)

    def finish(self, outputs: Any) -> Any:
        """Return the outputs with bias and activation."""
        if self.use_bias:
            shape = [1] * (len(outputs.shape) - 1) + [-1]
            if getattr(self, "data_format", "channels_last") == "channels_first":
                shape = [1, -1, *shape[2:-1], 1]
            outputs = outputs + ops.reshape(self.bias, shape)
        return outputs if self.activation is None else self.activation(outputs)

    def save_own_variables(self, store: Any) -> None:
        """Keep the share, too, which convolutions leave out."""
        super().save_own_variables(store)
        if len(store.keys()) < len(self._trainable_variables) + len(self._non_trainable_variables):
            store["share"] = as_array(self.share)

    def load_own_variables(self, store: Any) -> None:
        super().load_own_variables(store)
        if "share" in store.keys():  # noqa: SIM118 - a store of HDF5 has no more
            self.share.assign(store["share"])

    def get_config(self) -> dict[str, Any]:
        more = {"levels": self.levels, "scale": self.scale, "per_channel": self.per_channel}
        return {**super().get_config(), **more, "quantize_input": self.input_quant is not None}


@keras.saving.register_keras_serializable(package=_PACKAGE)
class TernaryConv2D(Rounding, layers.Conv2D):  # type: ignore[misc]
    """Conv2D of weights in {-k, 0, k}, k by "BitNet b1.58 Reloaded".

    levels: "ternary", "int2" (-2 to 1) or "int8"; scale: "median" or "mean" of the absolute weights, of the layer or
    (per_channel) of each output channel. quantize_input: the input has bytes of a static scale of its own; `convert`
    leaves that out, since it gives each tensor one.
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.finish(self.convolution_op(self.read(inputs, training), self.rounded_kernel()))


@keras.saving.register_keras_serializable(package=_PACKAGE)
class TernaryConv1D(Rounding, layers.Conv1D):  # type: ignore[misc]
    """Conv1D of weights in {-k, 0, k}, causal ones, too; options as of TernaryConv2D."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        x, padding = self.read(inputs, training), self.padding
        if padding == "causal":
            before = [(self.kernel_size[0] - 1) * self.dilation_rate[0], 0]
            is_last = self.data_format == "channels_last"
            x = ops.pad(x, [[0, 0], before, [0, 0]] if is_last else [[0, 0], [0, 0], before])
            padding = "valid"
        outputs = ops.conv(
            x,
            self.rounded_kernel(),
            strides=self.strides,
            padding=padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )
        return self.finish(outputs)


class _Depthwise(Rounding):
    """A depthwise convolution of one dimension or two."""

    def flat_kernel(self) -> Any:
        *window, channels, each = self.kernel.shape
        return ops.reshape(self.kernel, (*window, channels * each))

    def call(self, inputs: Any, training: bool = False) -> Any:
        outputs = ops.depthwise_conv(
            self.read(inputs, training),
            self.rounded_kernel(),
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            data_format=self.data_format,
        )
        return self.finish(outputs)


@keras.saving.register_keras_serializable(package=_PACKAGE)
class TernaryDepthwiseConv1D(_Depthwise, layers.DepthwiseConv1D):  # type: ignore[misc]
    """DepthwiseConv1D of weights in {-k, 0, k}; options as of TernaryConv2D."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class TernaryDepthwiseConv2D(_Depthwise, layers.DepthwiseConv2D):  # type: ignore[misc]
    """DepthwiseConv2D of weights in {-k, 0, k}; options as of TernaryConv2D."""


@keras.saving.register_keras_serializable(package=_PACKAGE)
class TernaryDense(Rounding, layers.Dense):  # type: ignore[misc]
    """Dense of weights in {-k, 0, k}; options as of TernaryConv2D."""

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.finish(ops.matmul(self.read(inputs, training), self.rounded_kernel()))


class Ramp(keras.callbacks.Callback):  # type: ignore[misc]
    """From float weights to rounded ones while a model trains: share 0 before `begin` steps, 1 from `end` on."""

    def __init__(self, end: int, begin: int = 0) -> None:
        super().__init__()
        self._begin, self._end, self._step = begin, end, 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        set_share(self.model, ramp(self._step, self._begin, self._end))
        self._step += 1

    def on_train_end(self, logs: Any = None) -> None:
        set_share(self.model, ramp(self._step, self._begin, self._end))


def set_share(model: Any, share: float) -> None:
    """Let all layers of few levels compute with `share` times the rounded weights, the rest float: 0 to 1."""
    for layer in model._flatten_layers():
        if isinstance(layer, Rounding):
            layer.share.assign(share)


def freeze_ranges(model: Any, frozen: bool = True) -> None:
    """Let the ranges of all activations stay as they are, or move again."""
    for layer in model._flatten_layers():
        if isinstance(layer, FakeQuant):
            layer.frozen.assign(float(frozen))
