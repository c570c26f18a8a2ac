"""An ordinary Keras model as one that is trained with ternary weights, and that as an int8 file."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import keras
import numpy as np
from keras import layers

from tinyc.errors import ModelError
from tinyc.frontends.floats import load_float_model
from tinyc.frontends.onnx.grids import Grid
from tinyc.ir import Quant
from tinyc.paths import temporary_folder
from tinyc.qat.keras.layers import (
    FakeQuant,
    Rounding,
    TernaryConv1D,
    TernaryConv2D,
    TernaryDense,
    TernaryDepthwiseConv1D,
    TernaryDepthwiseConv2D,
    as_array,
    rounded_weights,
)
from tinyc.qat.keras.separable import apart
from tinyc.qat.keras.trace import UNSCALED, activation_name, activation_of, cloned, functional, traced
from tinyc.qat.places import FIXED_RANGES, Trained, fused, refuse_unscaled, scales, ternary_layers
from tinyc.qat.ranges import quant_of_range
from tinyc.qat.stated import Deployed, deployed, exported, fixed_scales, with_scales

_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
#: Depthwise before the plain ones: Keras derives neither from the other, but a user may.
_TWINS = (
    (layers.DepthwiseConv1D, TernaryDepthwiseConv1D),
    (layers.DepthwiseConv2D, TernaryDepthwiseConv2D),
    (layers.Conv1D, TernaryConv1D),
    (layers.Conv2D, TernaryConv2D),
    (layers.Dense, TernaryDense),
)


def convert(
    model: Any, keep: Sequence[str], levels: str, scale: str, *, per_channel: bool, momentum: float
) -> Any:
    """Return a functional model of other layers and the same weights; see tinyc.qat.convert."""
    source = apart(functional(model))
    found = traced(source)
    trained = [
        Trained(layer.name, isinstance(layer, _DEPTHWISE), prod(layer.kernel.shape))
        for layer in found.layers.values()
        if _twin_of(layer) is not None or isinstance(layer, Rounding)
    ]
    if not trained:
        raise ModelError(f"{model.name}: it has no Conv1D, Conv2D, depthwise one or Dense")
    refuse_unscaled({n: type(x).__name__ for n, x in found.layers.items() if isinstance(x, UNSCALED)})
    chosen = ternary_layers(trained, keep)
    rounded = {r for n in found.nodes if isinstance(found.layers.get(n.name), FakeQuant) for r in n.reads}
    owners = {
        name: name if owner in rounded else owner
        for name, owner in scales(found.nodes, found.outputs).items()
        if name not in rounded
    }
    kinds = {node.name: node.kind for node in found.nodes}
    quants: dict[str, Any] = {}

    def twin(layer: Any) -> Any:
        config, kind = layer.get_config(), _twin_of(layer)
        if kind is None:
            return layer.__class__.from_config(config)
        options = {
            "levels": levels if layer.name in chosen else "int8",
            "scale": scale,
            "quantize_input": False,
        }
        return kind.from_config({**config, "activation": "linear", "per_channel": per_channel, **options})

    def scaled(name: str, x: Any) -> Any:
        owner = owners.get(name)
        if owner is None:
            return x
        if owner not in quants:
            fixed = FIXED_RANGES.get(kinds[owner])
            quants[owner] = FakeQuant(momentum, fixed, name=f"scale_{owner.replace('/', '_')}")
        return quants[owner](x) if owner == name else quants[owner](x, learns=False)

    def call(layer: Any, *args: Any, **more: Any) -> Any:
        made = layer(*args, **more)
        if isinstance(layer, FakeQuant):
            return made
        made = scaled(layer.name, made) if len(keras.tree.flatten(made)) == 1 else made
        before = found.layers.get(layer.name)
        if before is not None and _twin_of(before) is not None and activation_of(before):
            name = activation_name(before)
            made = scaled(name, layers.Activation(before.activation, name=name)(made))
        return made

    made = cloned(source, twin, call, lambda x: scaled(x.name, x))
    _copy_weights(source, made)
    return made


def _twin_of(layer: Any) -> Any:
    """Return the class of few levels for a layer, None for one that has none or is one."""
    if isinstance(layer, Rounding):
        return None
    return next((twin for kind, twin in _TWINS if isinstance(layer, kind)), None)


def _copy_weights(source: Any, made: Any, skip: Container[str] = ()) -> None:
    for layer in source.layers:
        if layer.name in skip or not layer.weights:
            continue
        other = made.get_layer(layer.name)
        if _twin_of(layer) is None:
            other.set_weights(layer.get_weights())
            continue
        other.kernel.assign(layer.kernel)
        if layer.use_bias:
            other.bias.assign(layer.bias)


def calibrate(model: Any, samples: Any, batch: int) -> None:
    """Set the ranges of all activations to what samples [N, ...] span."""
    taps = []
    for layer in functional(model).layers:
        quant = _quant_of(layer)
        if quant is not None and quant.fixed is None:
            taps.append((layer._inbound_nodes[0].input_tensors[0], quant))
            quant.count.assign(0.0)  # nothing is rounded meanwhile
    look = keras.Model(model.input, [x for x, _ in taps])
    ends = np.zeros((len(taps), 2))
    for at in range(0, len(samples), batch):
        found = look(samples[at : at + batch], training=False)
        for i, x in enumerate(found if isinstance(found, list | tuple) else [found]):
            values = as_array(x)
            ends[i] = min(ends[i, 0], values.min()), max(ends[i, 1], values.max())
    for (_, quant), (low, high) in zip(taps, ends, strict=True):
        quant.span(float(low), float(high))


def _quant_of(layer: Any) -> Any:
    """Return the FakeQuant that a layer is or has."""
    return layer if isinstance(layer, FakeQuant) else getattr(layer, "input_quant", None)


def export(model: Any, sample: Any = None) -> bytes:
    """Return the .tflite file of a trained model; see tinyc.qat.export.

    The model without rounding goes through the front end for Keras, with one more output for each tensor that has a
    scale: so it is known in the graph.
    """
    source = functional(model)
    made, tapped, grids = _without_rounding(source)
    count, at = len(made.outputs), {id(x): i for i, x in enumerate(made.outputs)}
    more = {id(x): x for x, _ in tapped if id(x) not in at and not _is_input(made, x)}
    at |= {key: count + i for i, key in enumerate(more)}
    whole = keras.Model(made.inputs, [*made.outputs, *more.values()])
    with temporary_folder("tinyc-qat-") as folder:
        path = folder / f"{source.name}.keras"
        whole.save(path)
        graph = load_float_model(path).graph
    quants: dict[str, Quant] = {}
    for x, quant in tapped:
        number = at.get(id(x))
        ports = graph.inputs if number is None else graph.outputs
        port = ports[_input_number(made, x) if number is None else number]
        quants.setdefault(port.tensor, quant)
    graph = replace(graph, outputs=graph.outputs[:count])
    return exported(with_scales(graph, {**fixed_scales(graph, quants), **quants}), grids)


def _is_input(model: Any, x: Any) -> bool:
    return any(x is one for one in model.inputs)


def _input_number(model: Any, x: Any) -> int:
    return next(i for i, one in enumerate(model.inputs) if one is x)


def _without_rounding(source: Any) -> tuple[Any, list[tuple[Any, Quant]], list[Grid]]:
    """Return the float model, its tensors that have a scale, and the steps of its weights."""
    found = traced(source)
    kinds = {node.name: node.kind for node in found.nodes}
    norms = {
        before: name for name, before in fused(found.nodes, found.outputs).items() if kinds[name] == "norm"
    }
    tapped: list[tuple[Any, Quant]] = []

    def twin(layer: Any) -> Any:
        if isinstance(layer, FakeQuant) or layer.name in norms.values():
            return layers.Identity(name=layer.name)
        if isinstance(layer, Rounding):
            return _plain(layer)
        return layer.__class__.from_config(layer.get_config())

    def call(layer: Any, *args: Any, **more: Any) -> Any:
        before = source.get_layer(layer.name) if isinstance(layer, layers.Layer) else None
        quant = _quant_of(before)
        if isinstance(before, FakeQuant):
            made = layer(args[0])
            tapped.append((args[0] if kinds.get(args[0].name) == "input" else made, _stated(before)))
            return made
        if quant is not None:
            tapped.append((args[0], _stated(quant)))
        return layer(args[0]) if layer.name in norms.values() else layer(*args, **more)

    made = cloned(source, twin, call)
    dropped = {layer.name for layer in source.layers if isinstance(layer, Rounding | FakeQuant)}
    dropped.update(norms.values())
    _copy_weights(source, made, dropped)
    grids = []
    for layer in source.layers:
        if isinstance(layer, Rounding):
            norm = norms.get(layer.name)
            one = _deployed(layer, None if norm is None else source.get_layer(norm))
            grids.append(one.grid)
            plain = made.get_layer(layer.name)
            plain.kernel.assign(one.kernel.reshape(plain.kernel.shape))
            plain.bias.assign(one.bias)
    return made, tapped, grids


def _plain(layer: Any) -> Any:
    """Return an ordinary layer, with a bias."""
    config = layer.get_config()
    for name in ("levels", "scale", "per_channel", "quantize_input"):
        config.pop(name)
    kind = next(kind for kind, twin in _TWINS if isinstance(layer, twin))
    return kind.from_config({**config, "use_bias": True})


def _stated(quant: Any) -> Quant:
    low, high, count = (float(as_array(x)) for x in (quant.low, quant.high, quant.count))
    if not count:
        raise ModelError(
            f"'{quant.name}' knows no range yet", "train the model, or give it samples by tinyc.qat.calibrate"
        )
    return quant_of_range(low, high)


def _deployed(layer: Any, norm: Any) -> Deployed:
    factor = shift = None
    if norm is not None:
        factor, shift = _affine(norm)
    flat = layer.flat_kernel()
    kernel = as_array(rounded_weights(flat, layer.steps, 1.0))
    bias = as_array(layer.bias) if layer.use_bias else None
    step = as_array(layer.step())
    return deployed(kernel, bias, layer.steps, len(flat.shape) - 1, step, factor, shift)


def _affine(norm: Any) -> tuple[Any, Any]:
    """Return factor and shift of a batch normalization by what it learned."""
    mean, variance = (as_array(x).astype(np.float64) for x in (norm.moving_mean, norm.moving_variance))
    gamma = as_array(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = as_array(norm.beta) if norm.center else np.zeros_like(mean)
    factor = gamma / np.sqrt(variance + norm.epsilon)
    return factor.astype(np.float32), (beta - mean * factor).astype(np.float32)
