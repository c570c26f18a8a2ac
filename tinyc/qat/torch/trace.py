"""A PyTorch model as calls of modules and functions, and what each is for the scales."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import fx, nn
from torch.nn import functional

from tinyc.errors import ModelError
from tinyc.plain import reason
from tinyc.qat.places import Kind, Node
from tinyc.qat.torch.functions import trains_only, with_modules
from tinyc.qat.torch.layers import FakeQuant, Rounding

WEIGHTED = (nn.Conv2d, nn.Conv1d, nn.Linear, nn.ConvTranspose1d, nn.ConvTranspose2d)
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
#: What computes inside with what has no scale.
UNSCALED = (
    nn.LayerNorm,
    nn.GroupNorm,
    nn.RMSNorm,
    nn.modules.instancenorm._InstanceNorm,
    nn.RNNBase,
    nn.MultiheadAttention,
)
_MODULES: tuple[tuple[tuple[type, ...], Kind], ...] = (
    (WEIGHTED, "weighted"),
    (NORMS, "norm"),
    ((nn.ReLU, nn.ReLU6), "relu"),
    (
        (
            nn.MaxPool2d,
            nn.MaxPool1d,
            nn.AdaptiveMaxPool2d,
            nn.Flatten,
            nn.Unflatten,
            nn.ConstantPad1d,
            nn.ConstantPad2d,
            nn.ChannelShuffle,
            nn.PixelShuffle,
            nn.PixelUnshuffle,
        ),
        "move",
    ),
    ((nn.modules.dropout._DropoutNd, nn.Identity, FakeQuant), "drop"),
    ((nn.AvgPool2d, nn.AvgPool1d), "pool"),
    ((nn.Sigmoid,), "sigmoid"),
    ((nn.Tanh,), "tanh"),
    ((nn.Softmax, nn.Softmax2d), "softmax"),
    ((nn.LogSoftmax,), "log_softmax"),
)
#: Comparisons, and where the largest is: as functions, operators and methods.
_COMPARISONS = ("eq", "ge", "gt", "le", "lt", "ne")
_COUNTS = (*_COMPARISONS, "argmax", "argmin", "isnan", "logical_and", "logical_not", "logical_or")
_FUNCTIONS: dict[Any, Kind] = {
    **dict.fromkeys((getattr(torch, name) for name in _COUNTS), "count"),
    **dict.fromkeys((getattr(operator, name) for name in _COMPARISONS), "count"),
    operator.add: "add",
    operator.iadd: "add",
    torch.add: "add",
    torch.relu: "relu",
    functional.relu: "relu",
    functional.relu6: "relu",
    functional.max_pool2d: "move",
    functional.adaptive_max_pool2d: "move",
    functional.pixel_shuffle: "move",
    functional.pixel_unshuffle: "move",
    functional.avg_pool2d: "pool",
    functional.pad: "move",
    functional.softmax: "softmax",
    functional.log_softmax: "log_softmax",
    torch.sigmoid: "sigmoid",
    torch.tanh: "tanh",
    torch.softmax: "softmax",
    torch.log_softmax: "log_softmax",
    torch.flatten: "move",
    torch.reshape: "move",
    torch.permute: "move",
    torch.transpose: "move",
    torch.squeeze: "move",
    torch.unsqueeze: "move",
    torch.chunk: "move",
    torch.split: "move",
    operator.getitem: "move",
    torch.cat: "join",
    torch.concat: "join",
    torch.stack: "join",
}
_METHODS: dict[str, Kind] = {
    **dict.fromkeys(
        (
            "view", "reshape", "flatten", "permute", "transpose", "contiguous", "squeeze", "unsqueeze", "chunk", "split"
        ),
        "move",
    ),
    **dict.fromkeys(("relu", "relu_"), "relu"),
    **dict.fromkeys(("add", "add_"), "add"),
    **dict.fromkeys(_COUNTS, "count"),
    "softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid", "sigmoid_": "sigmoid",
    "tanh": "tanh", "tanh_": "tanh",
}  # fmt: skip
#: What makes no tensor of a tensor.
_SIZES = frozenset(("size", "dim", "numel"))


class _Tracer(fx.Tracer):  # type: ignore[misc]
    """Layers of ours are calls, too, and so is what does nothing once trained, as stochastic depth."""

    def is_leaf_module(self, m: Any, module_qualified_name: str) -> bool:
        ours = isinstance(m, Rounding | FakeQuant)
        return ours or bool(super().is_leaf_module(m, module_qualified_name)) or trains_only(m)


def traced(model: Any) -> Any:
    """Return the model as a GraphModule, with its own modules. Raises ModelError where it decides by values.

    It is traced as it runs once trained: what only training computes, as the answers of auxiliary heads, is left out.
    """
    if isinstance(model, fx.GraphModule):
        return model
    tracer = _Tracer()
    try:
        graph = tracer.trace(model.eval())
    except Exception as problem:  # whatever the model's own code raises when it is given no tensor
        raise ModelError(
            f"torch.fx cannot trace {type(model).__name__}: {reason(problem, 300)}",
            "use BitConv1d, BitConv2d, BitLinear and FakeQuant in it by hand, or leave out what decides by values",
        ) from problem
    return with_modules(fx.GraphModule(tracer.root, graph), tracer.root)


def calls_of(model: Any, kind: Any) -> dict[str, str]:
    """Return the names of modules of a kind by their calls. Raises ModelError for one that is called more than once."""
    found: dict[str, str] = {}
    for call in model.graph.nodes:
        if call.op == "call_module" and isinstance(model.get_submodule(call.target), kind):
            if call.target in found.values():
                raise ModelError(
                    f"'{call.target}' is called more than once", "give each call a layer of its own"
                )
            found[call.name] = call.target
    return found


def nodes_of(model: Any) -> tuple[list[Node], list[str]]:
    """Return the calls that make tensors, and which of them the model answers with. model: a GraphModule."""
    tensors: dict[Any, Node] = {}
    outputs: list[str] = []
    for call in model.graph.nodes:
        read = tuple(tensors[n].name for n in call.all_input_nodes if n in tensors)
        if call.op == "output":
            outputs += read
        elif call.op == "placeholder":
            tensors[call] = Node(call.name, "input")
        elif read and not _is_size(call):
            kind = kind_of(model, call)
            one = kind == "add" and len(read) == 1  # a constant is added
            tensors[call] = Node(call.name, "compute" if one else kind, read)
    return list(tensors.values()), outputs


def kind_of(model: Any, call: Any) -> Kind:
    """Return what a call is for the scales."""
    if call.op == "call_module":
        module = model.get_submodule(call.target)
        known = (kind for types, kind in _MODULES if isinstance(module, types))
        return next(known, "drop" if trains_only(module) else "compute")
    if call.op == "call_method":
        return _METHODS.get(call.target, "compute")
    return _FUNCTIONS.get(call.target, "compute")


def _is_size(call: Any) -> bool:
    by_name = call.op == "call_method" and call.target in _SIZES
    function: Callable[..., Any] | None = call.target if call.op == "call_function" else None
    return by_name or (function is getattr and call.args[1] in ("shape", "ndim"))
