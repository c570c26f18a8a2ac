"""A functional Keras model as calls of layers and operations, and what each is for the scales."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import keras
from keras import layers

from tinyc.errors import ModelError
from tinyc.qat.keras.layers import FakeQuant, Rounding
from tinyc.qat.places import Kind, Node

WEIGHTED = (
    layers.Conv1D, layers.Conv2D, layers.DepthwiseConv1D, layers.DepthwiseConv2D, layers.Dense, layers.Conv1DTranspose,
    layers.Conv2DTranspose,
)  # fmt: skip
#: What computes inside with what has no scale.
UNSCALED = (
    layers.LayerNormalization,
    layers.GroupNormalization,
    layers.UnitNormalization,
    layers.RNN,
    layers.MultiHeadAttention,
    layers.Attention,
)
_KINDS: tuple[tuple[tuple[Any, ...], Kind], ...] = (
    ((layers.BatchNormalization,), "norm"),
    ((layers.Add,), "add"),
    ((layers.Concatenate,), "join"),
    (
        (
            layers.Flatten, layers.MaxPooling1D, layers.MaxPooling2D, layers.GlobalMaxPooling1D,
            layers.GlobalMaxPooling2D, layers.Reshape, layers.Permute, layers.ZeroPadding1D, layers.ZeroPadding2D,
            layers.Cropping1D, layers.Cropping2D,
        ),
        "move",
    ),
    (
        (
            layers.Dropout, layers.SpatialDropout1D, layers.SpatialDropout2D, layers.GaussianNoise, layers.Identity,
            FakeQuant,
        ),
        "drop",
    ),
    ((layers.AveragePooling1D, layers.AveragePooling2D), "pool"),
    ((layers.Softmax,), "softmax"),
)  # fmt: skip
_ACTIVATIONS: dict[str, Kind] = {
    "relu": "relu",
    "relu6": "relu",
    "softmax": "softmax",
    "log_softmax": "log_softmax",
    "sigmoid": "sigmoid",
    "tanh": "tanh",
}


#: Of keras.ops, by the names of its classes.
_OPERATIONS: dict[str, Kind] = {
    "Add": "add", "Relu": "relu", "Relu6": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh",
    **dict.fromkeys(("ExpandDims", "GetItem", "Reshape", "Slice", "Split", "Squeeze", "Transpose"), "move"),
    **dict.fromkeys(("Concatenate", "Stack"), "join"),
    **dict.fromkeys(("Argmax", "Argmin", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"), "count"),
}  # fmt: skip


@dataclass(eq=False)
class Traced:
    """nodes: calls in order; outputs: which the model answers with; layers: of the nodes, by name."""

    nodes: list[Node] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    layers: dict[str, Any] = field(default_factory=dict)


def functional(model: Any) -> Any:
    """Return a model as a functional one. Raises ModelError where it is code of the user's own."""
    made = model
    if isinstance(model, keras.Sequential):
        if not model.built:
            raise ModelError(
                f"{model.name}: its input has no shape yet", "begin it with keras.Input, or call it once"
            )
        made = keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    elif not (isinstance(model, keras.Model) and hasattr(model, "operations")):
        raise ModelError(
            f"{model.name}: only functional and sequential models show their layers",
            "build it by keras.Model(inputs, outputs), or of TernaryConv2D, TernaryDense and FakeQuant by hand",
        )
    if any(isinstance(layer, keras.Model) for layer in made.layers):
        made = _inlined(made)
    code = [layer.name for layer in made.layers if isinstance(layer, layers.Lambda)]
    if code:
        raise ModelError(
            f"{model.name}: '{code[0]}' is a Lambda layer, whose code no file holds",
            "use operations of keras.ops on the tensors themselves, or layers of Keras",
        )
    return made


def _inlined(model: Any) -> Any:
    """Return a functional model of the same layers, those of models inside it among them."""

    def called(operation: Any) -> Any:
        if not isinstance(operation, keras.Model):
            return operation
        inner = functional(operation)
        return lambda inputs, **_: inner._run_through_graph(
            inputs
        )  # `training` is for the whole model to say

    inputs = keras.tree.map_structure(
        lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name), model.input
    )
    names: list[str] = []
    for layer in _layers_of(model):
        if layer.name in names:
            raise ModelError(
                f"{model.name}: models inside it have two layers called '{layer.name}'",
                "give each a name of its own",
            )
        names.append(layer.name)
    return keras.Model(inputs, model._run_through_graph(inputs, operation_fn=called), name=model.name)


def _layers_of(model: Any) -> Iterator[Any]:
    """Yield the layers of a model and of those inside it, without its inputs."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers_of(layer)
        elif not isinstance(layer, layers.InputLayer):
            yield layer


def activation_of(layer: Any) -> str:
    """Return the name of a layer's own activation, "" for none."""
    function = getattr(layer, "activation", None)
    name = "" if function is None else str(getattr(function, "__name__", "other"))
    return "" if name == "linear" else name


def kind_of(layer: Any) -> Kind:
    """Return what a call is for the scales."""
    if isinstance(layer, WEIGHTED):
        return "compute" if activation_of(layer) else "weighted"
    if isinstance(layer, layers.ReLU):
        plain = not layer.negative_slope and not layer.threshold and layer.max_value in (None, 6)
        return "relu" if plain else "compute"
    if isinstance(layer, layers.Activation):
        return _ACTIVATIONS.get(activation_of(layer), "compute")
    if not isinstance(layer, layers.Layer):
        return _OPERATIONS.get(type(layer).__name__, "compute")
    return next((kind for types, kind in _KINDS if isinstance(layer, types)), "compute")


def cloned(
    model: Any,
    twin: Callable[[Any], Any],
    call: Callable[..., Any],
    begin: Callable[[Any], Any] = lambda x: x,
) -> Any:
    """Return a model of other layers. twin: a layer for each one; call(layer, ...): what is called in its place.

    begin: what a tensor of the input becomes before anything reads it.
    """
    inputs = keras.tree.map_structure(
        lambda x: keras.Input(batch_shape=x.shape, dtype=x.dtype, name=x.name), model.input
    )
    begun = {id(x): begin(x) for x in keras.tree.flatten(inputs)}

    def called(layer: Any, *args: Any, **more: Any) -> Any:
        args, more = keras.tree.map_structure(lambda x: begun.get(id(x), x), (args, more))
        return call(layer, *args, **more)

    return keras.models.clone_model(model, inputs, clone_function=twin, call_function=called)


def traced(model: Any) -> Traced:
    """Return the calls of a functional model. Raises ModelError for a layer that is called more than once."""
    found, kept = Traced(), []
    names: dict[int, str] = {}

    def call(layer: Any, *args: Any, **more: Any) -> Any:
        made = layer(*args, **more)
        if layer.name in found.layers and isinstance(layer, WEIGHTED):
            raise ModelError(
                f"{model.name}: '{layer.name}' is called more than once", "give each call a layer of its own"
            )
        read = [x for x in keras.tree.flatten((args, more)) if id(x) in names]
        kept.extend(read)
        _note(found, layer, tuple(names[id(x)] for x in read))
        for x in keras.tree.flatten(made):
            names[id(x)] = found.nodes[-1].name
            kept.append(x)
        return made

    def begin(x: Any) -> Any:
        found.nodes.append(Node(x.name, "input"))
        names[id(x)] = x.name
        kept.append(x)
        return x

    copy = cloned(model, lambda layer: layer.__class__.from_config(layer.get_config()), call, begin)
    found.outputs = [names[id(x)] for x in copy.outputs]
    return found


def _note(found: Traced, layer: Any, read: tuple[str, ...]) -> None:
    name = layer.name
    while name in {node.name for node in found.nodes}:
        name += "'"
    found.layers.setdefault(layer.name, layer)
    own = activation_of(layer) if isinstance(layer, WEIGHTED) and not isinstance(layer, Rounding) else ""
    if not own:
        kind = kind_of(layer)
        found.nodes.append(Node(name, "compute" if kind == "add" and len(read) == 1 else kind, read))
        return
    # convert takes the activation out of the layer
    found.nodes.append(Node(name, "weighted", read))
    found.nodes.append(Node(activation_name(layer), _ACTIVATIONS.get(own, "compute"), (name,)))


def activation_name(layer: Any) -> str:
    """Return the name of the layer that a layer's own activation becomes."""
    return f"{layer.name}_{activation_of(layer)}"
