"""Functions that a PyTorch model calls with its own parameters, as the modules that they stand for."""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from torch import fx, nn
from torch.nn import functional

_DROPOUTS: Mapping[Any, Callable[[float], Any]] = {
    functional.dropout: nn.Dropout,
    functional.dropout1d: nn.Dropout1d,
    functional.dropout2d: nn.Dropout2d,
    functional.dropout3d: nn.Dropout3d,
    functional.alpha_dropout: nn.AlphaDropout,
    functional.feature_alpha_dropout: nn.FeatureAlphaDropout,
}
#: What they read, by the names of their arguments, which are those of the modules' attributes.
_PARAMETERS: Mapping[Any, tuple[str, ...]] = {
    functional.conv2d: ("weight", "bias"),
    functional.linear: ("weight", "bias"),
    functional.batch_norm: ("weight", "bias", "running_mean", "running_var"),
}
#: Arguments of functions that are written in C, which inspect does not know.
_ARGUMENTS: Mapping[Any, tuple[str, ...]] = {
    functional.conv2d: ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    functional.linear: ("input", "weight", "bias"),
}


class _BatchNorm(nn.BatchNorm2d):  # type: ignore[misc]
    """A normalization of tensors of any rank, as the function is."""

    def _check_input_dim(self, input: Any) -> None:  # noqa: A002
        """Take what the function takes."""


def with_modules(model: Any, root: Any) -> Any:
    """Put modules in place of functions that have parameters, or that do something else in training.

    model: a GraphModule, changed and returned; root: the module of which it was traced. A function called with
    `layer.weight` becomes a module called `layer`, so that parameters keep their names. It stays a function where its
    weights are computed, or where something else reads them, too.
    """
    read: Counter[str] = Counter()
    for call in model.graph.nodes:
        if call.op == "get_attr":
            read[call.target] += len(call.users)
    for call in list(model.graph.nodes):
        if call.op != "call_function":
            continue
        if call.target in _DROPOUTS:
            _replace(model, call, call.name, _DROPOUTS[call.target](_arguments(call).get("p", 0.5)))
        elif call.target in _PARAMETERS:
            place = _place(model, call, read)
            if place is not None:
                module = _module(model, call, root.get_submodule(place))
                if module is not None:
                    _replace(model, call, place, module)
    model.graph.eliminate_dead_code()
    model.recompile()
    return model


def put(model: Any, place: str, module: Any) -> None:
    """Put a module into a GraphModule at a place, such as "block.conv".

    What the graph calls below the one that was there, as "block.conv.act", stays below the new one.
    """
    parent, _, name = place.rpartition(".")
    owner = model.get_submodule(parent)
    called = {str(node.target) for node in model.graph.nodes if node.op == "call_module"}
    for below, child in getattr(owner, name, nn.Module()).named_children():
        if any(f"{target}.".startswith(f"{place}.{below}.") for target in called):
            module.add_module(below, child)
    setattr(owner, name, module)


def trains_only(module: Any) -> bool:
    """Whether a module hands on what it is given once it is trained, and not before: stochastic depth, for one."""
    if any(True for _ in module.parameters()) or any(True for _ in module.children()):
        return False
    trained, training = _graph(module, is_training=False), _graph(module, is_training=True)
    return trained is not None and _hands_on(trained) and not (training is not None and _hands_on(training))


def _graph(module: Any, *, is_training: bool) -> Any:
    """Return what a module computes in training or once trained; None where that cannot be traced."""
    try:
        return fx.Tracer().trace(copy.deepcopy(module).train(is_training))
    except Exception:  # whatever it raises when it is given no tensor
        return None


def _hands_on(graph: Any) -> bool:
    given = next(iter(graph.nodes))
    return all(node.args[0] is given for node in graph.nodes if node.op == "output")


def _arguments(call: Any) -> Mapping[str, Any]:
    """Return what a function is called with, by the names of its arguments."""
    names = _ARGUMENTS.get(call.target) or tuple(inspect.signature(call.target).parameters)
    return {**dict(zip(names, call.args, strict=False)), **call.kwargs}


def _place(model: Any, call: Any, read: Counter[str]) -> str | None:
    """Return the module whose parameters a function reads; None where no single one below the model has them."""
    given = _arguments(call)
    places = set()
    for name in _PARAMETERS[call.target]:
        value = given.get(name)
        if value is None:
            continue
        if not isinstance(value, fx.Node) or value.op != "get_attr" or read[value.target] > 1:
            return None
        place, _, attribute = value.target.rpartition(".")
        is_parameter = isinstance(getattr(model.get_submodule(place), attribute), nn.Parameter)
        if not place or attribute != name or is_parameter == name.startswith("running"):
            return None
        places.add(place)
    return places.pop() if len(places) == 1 else None


def _module(model: Any, call: Any, traced: Any) -> Any:
    """Return the module that a function with parameters is; None where it has to stay a function.

    traced: the module that called it.
    """
    given = _arguments(call)
    tensors = {
        name: getattr(model.get_submodule(node.target.rpartition(".")[0]), name)
        for name in _PARAMETERS[call.target]
        if (node := given.get(name)) is not None
    }
    made: Any
    if call.target is functional.batch_norm:
        made = _normalization(given, tensors, traced)
    elif call.target is functional.linear:
        made = nn.Linear(*reversed(tensors["weight"].shape), bias="bias" in tensors)
    else:
        out_channels, channels, *kernel = tensors["weight"].shape
        groups = given.get("groups", 1)
        made = nn.Conv2d(
            channels * groups,
            out_channels,
            kernel,
            given.get("stride", 1),
            given.get("padding", 0),
            given.get("dilation", 1),
            groups,
            bias="bias" in tensors,
        )
    if made is not None:
        for name, tensor in tensors.items():
            setattr(made, name, tensor)
    return made


def _normalization(given: Mapping[str, Any], tensors: Mapping[str, Any], traced: Any) -> Any:
    """Return a batch normalization; None where it has no statistics, or keeps them in training."""
    if "running_mean" not in tensors or ("weight" in tensors) != ("bias" in tensors):
        return None
    graph = _graph(traced, is_training=True)
    calls = [n for n in graph.nodes if n.target is functional.batch_norm] if graph is not None else []
    if any(not _arguments(call).get("training", False) for call in calls):
        return None
    momentum = getattr(traced, "momentum", given.get("momentum", 0.1))
    count = tensors["running_mean"].numel()
    return _BatchNorm(count, given.get("eps", 1e-5), momentum, affine="weight" in tensors)


def _replace(model: Any, call: Any, place: str, module: Any) -> None:
    """Call a module at a place in the model in place of a function."""
    put(model, place, module)
    with model.graph.inserting_before(call):
        made = model.graph.call_module(place, (_arguments(call)["input"],))
    call.replace_all_uses_with(made)
    model.graph.erase_node(call)
