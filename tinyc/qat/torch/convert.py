"""An ordinary PyTorch model as one that is trained with ternary weights, and that as an int8 file."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrize, remove_spectral_norm, remove_weight_norm
from torch.nn.utils.spectral_norm import SpectralNorm
from torch.nn.utils.weight_norm import WeightNorm

from tinyc.errors import ModelError, UsageError
from tinyc.frontends.onnx import load_onnx
from tinyc.frontends.onnx.grids import Grid
from tinyc.ir import Quant, fresh_name
from tinyc.passes.floats import simplify_floats
from tinyc.paths import temporary_folder
from tinyc.plain import reason
from tinyc.qat.places import FIXED_RANGES, Trained, fused, refuse_unscaled, scales, ternary_layers
from tinyc.qat.ranges import quant_of_range
from tinyc.qat.stated import Deployed, deployed, exported, fixed_scales, with_scales
from tinyc.qat.torch.functions import put
from tinyc.qat.torch.layers import BitConv1d, BitConv2d, BitLinear, FakeQuant, Rounding
from tinyc.qat.torch.trace import NORMS, UNSCALED, calls_of, nodes_of, traced

_OPSET = 17

#: Ordinary layers, and those of few levels.
_TWINS: tuple[tuple[Any, Any], ...] = (
    (nn.Conv1d, BitConv1d),
    (nn.Conv2d, BitConv2d),
    (nn.Linear, BitLinear),
)
#: Arguments that tell the shape of a layer and how it moves, as its attributes are called.
_LINEAR = ("in_features", "out_features")
_CONVOLUTION = (
    "in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode",
)  # fmt: skip


def convert(
    model: Any, keep: Sequence[str], levels: str, scale: str, *, per_channel: bool, momentum: float
) -> Any:
    """Return a copy of the model as a GraphModule; see tinyc.qat.convert."""
    found = traced(_plain_copy(model))
    layers = list(calls_of(found, nn.Conv1d | nn.Conv2d | nn.Linear).values())
    if not layers:
        raise ModelError(f"{type(model).__name__}: it has no Conv1d, Conv2d or Linear")
    refuse_unscaled({t: type(found.get_submodule(t)).__name__ for t in calls_of(found, UNSCALED).values()})
    trained = [_trained(target, found.get_submodule(target)) for target in layers]
    chosen = ternary_layers(trained, keep)
    for target in layers:
        made = levels if target in chosen else "int8"
        put(found, target, _rounding(found.get_submodule(target), made, scale, per_channel))
    _place_scales(found, momentum)
    found.train(model.training)
    return found


def _plain_copy(model: Any) -> Any:
    """Return a copy whose weights are parameters, as those of weight_norm and spectral_norm are not: what they make."""
    # what hooks of the old weight_norm compute cannot be copied otherwise
    made = {
        id(value): value.detach().clone()
        for module in model.modules()
        for value in vars(module).values()
        if torch.is_tensor(value) and not value.is_leaf
    }
    found = copy.deepcopy(model, made)
    for module in found.modules():
        for hook in list(module._forward_pre_hooks.values()):
            if isinstance(hook, WeightNorm):
                remove_weight_norm(module, hook.name)
            elif isinstance(hook, SpectralNorm):
                remove_spectral_norm(module, hook.name)
        if parametrize.is_parametrized(module):
            # torch's own way changes the class, which the model that was copied has, too
            weights = {name: getattr(module, name).detach() for name in module.parametrizations}
            module.__class__ = parametrize.type_before_parametrizations(module)
            del module.parametrizations
            for name, weight in weights.items():
                module.register_parameter(name, nn.Parameter(weight))
    return found


def _trained(name: str, layer: Any) -> Trained:
    depthwise = (
        isinstance(layer, nn.Conv1d | nn.Conv2d) and layer.groups > 1 and layer.groups == layer.in_channels
    )
    return Trained(name, depthwise, layer.weight.numel())


def _rounding(layer: Any, levels: str, scale: str, per_channel: bool) -> Any:
    """Return a layer of few levels with the weights of an ordinary one; one of ours stays."""
    if isinstance(layer, Rounding):
        return layer
    options: dict[str, Any] = {
        "levels": levels,
        "scale": scale,
        "per_channel": per_channel,
        "quantize_input": False,
    }
    twin = next(twin for plain, twin in _TWINS if isinstance(layer, plain))
    with torch.device(layer.weight.device):
        made = twin(**_shape(layer), bias=layer.bias is not None, **options)
    made.weight, made.bias = layer.weight, layer.bias
    return made


def _shape(layer: Any) -> dict[str, Any]:
    names = _LINEAR if isinstance(layer, nn.Linear) else _CONVOLUTION
    return {name: getattr(layer, name) for name in names}


def _place_scales(model: Any, momentum: float) -> None:
    nodes, outputs = nodes_of(model)
    calls, kinds = {call.name: call for call in model.graph.nodes}, {node.name: node.kind for node in nodes}
    #: FakeQuants by the call that they round.
    targets = {c.args[0].name: c.target for c in calls.values() if _is(model, c, FakeQuant)}
    for name, owner in scales(nodes, outputs).items():
        if name in targets or _is(model, calls[name], FakeQuant):
            continue
        if owner == name:
            taken = {n for n, _ in model.named_children()}
            targets[name] = fresh_name(f"scale_{name}", taken)
            quant = FakeQuant(momentum, FIXED_RANGES.get(kinds[name]))
            model.add_submodule(targets[name], quant.to(_device(model)))
        call = calls[name]
        users = list(call.users)
        with model.graph.inserting_after(call):
            more = {} if owner == name else {"learns": False}
            made = model.graph.call_module(targets[owner], (call,), more)
        for user in users:
            user.replace_input_with(call, made)
    model.graph.lint()
    model.recompile()


def _device(model: Any) -> Any:
    return next(model.parameters()).device


def _is(model: Any, call: Any, kind: type) -> bool:
    return call.op == "call_module" and isinstance(model.get_submodule(call.target), kind)


class _Stated(nn.Module):  # type: ignore[misc]
    """Bytes of a static scale, as the exporter to ONNX writes them: QuantizeLinear and DequantizeLinear."""

    def __init__(self, quant: Quant) -> None:
        super().__init__()
        self._quant = quant.scale, quant.zero_point

    def forward(self, x: Any, *, learns: bool = True) -> Any:
        return torch.fake_quantize_per_tensor_affine(x, *self._quant, -128, 127)


def export(model: Any, sample: Any) -> bytes:
    """Return the .tflite file of a trained model; see tinyc.qat.export. sample: [1, ...] or its shape."""
    if sample is None:
        raise UsageError(
            "tinyc.qat.export: a PyTorch model does not say the shape of its input", "give sample="
        )
    given = sample if torch.is_tensor(sample) else _sample(sample)
    found = traced(copy.deepcopy(model)).cpu().eval()
    grids: list[Grid] = []
    calls_of(found, Rounding)
    norms = _normalizations(found)
    for target, module in list(found.named_modules()):
        if isinstance(module, Rounding):
            _deploy(found, target, module, norms.get(target), grids)
        elif isinstance(module, FakeQuant) and not _belongs(found, target):
            put(found, target, _stated(target, module))
    with temporary_folder("tinyc-qat-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter of TorchScript is told to be an old one
        path = folder / f"{type(model).__name__}.onnx"
        try:
            torch.onnx.export(
                found,
                (given.cpu(),),
                str(path),
                opset_version=_OPSET,
                dynamo=False,
                do_constant_folding=True,
                input_names=["input"],
                output_names=["output"],
            )
        except Exception as problem:  # whatever an operator's exporter raises
            raise ModelError(
                f"PyTorch cannot export {type(model).__name__} to ONNX: {reason(problem, 200)}",
                "put another layer or function in its place",
            ) from problem
        read = load_onnx(path)
    graph = simplify_floats(read.graph)
    return exported(with_scales(graph, fixed_scales(graph)), (*grids, *read.grids))


def _sample(given: Any) -> Any:
    array = np.asarray(given)
    if array.ndim == 1 and array.dtype.kind in "iu":
        return torch.zeros(*[int(size) for size in array])
    return torch.as_tensor(array.astype(np.float32))


def _belongs(model: Any, target: str) -> bool:
    """Whether a module is the input's scale of a layer."""
    return target.endswith(".input_quant") and not isinstance(
        model.get_submodule(target.rpartition(".")[0]), Rounding
    )


def _stated(name: str, module: Any) -> Any:
    if not module.count:
        raise ModelError(
            f"'{name}' knows no range yet", "train the model, or give it samples by tinyc.qat.calibrate"
        )
    return _Stated(quant_of_range(float(module.low), float(module.high)))


def _normalizations(model: Any) -> dict[str, str]:
    """Return the normalization behind each layer that folds into it, both as names of modules."""
    nodes, outputs = nodes_of(model)
    targets = {call.name: call.target for call in model.graph.nodes if call.op == "call_module"}
    joined = fused(nodes, outputs)
    return {
        targets[before]: targets[name]
        for name, before in joined.items()
        if name in targets and isinstance(model.get_submodule(targets[name]), NORMS)
    }


def _deploy(model: Any, target: str, layer: Any, norm: str | None, grids: list[Grid]) -> None:
    """Put an ordinary layer in place of one of few levels, with the normalization behind it folded in."""
    factor = shift = None
    if norm is not None:
        factor, shift = _affine(model.get_submodule(norm))
        put(model, norm, nn.Identity())
    layer.share.fill_(1.0)
    bias = None if layer.bias is None else layer.bias.detach().numpy()
    made = deployed(
        layer.rounded_weight().detach().numpy(), bias, layer.steps, 0, layer.step().numpy(), factor, shift
    )
    grids.append(made.grid)
    plain = _plain(layer, made)
    if layer.input_quant is not None:
        plain = nn.Sequential(_stated(f"{target}.input_quant", layer.input_quant), plain)
    put(model, target, plain)


def _affine(norm: Any) -> tuple[Any, Any]:
    """Return factor and shift of a batch normalization by what it learned."""
    if norm.running_mean is None:
        raise ModelError(
            "a BatchNorm without running statistics cannot be exported", "leave out track_running_stats"
        )
    mean, variance = norm.running_mean.double(), norm.running_var.double()
    gamma = torch.ones_like(mean) if norm.weight is None else norm.weight.detach().double()
    beta = torch.zeros_like(mean) if norm.bias is None else norm.bias.detach().double()
    factor = gamma / torch.sqrt(variance + norm.eps)
    return factor.float().numpy(), (beta - mean * factor).float().numpy()


def _plain(layer: Any, made: Deployed) -> Any:
    kind = next(plain for plain, twin in _TWINS if isinstance(layer, twin))
    plain: Any = kind(**_shape(layer))
    plain.weight.data = torch.from_numpy(made.kernel.copy())
    plain.bias.data = torch.from_numpy(made.bias.copy())
    return plain
