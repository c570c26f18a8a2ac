"""What onnxscript's optimizer makes of a model, without the numbers that it would round.

Its rules take x + 1e-8 for x, and x * 1.000001: a constant that lies next to 0 or 1 counts as 0 or 1. Then nothing is
left that keeps a divisor from 0. Such constants are inputs of the model while it works.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tinyc.frontends.onnx.order import copied

#: TensorProto.FLOAT, and it with FLOAT16 and DOUBLE.
_FLOAT, _REAL = 1, (1, 10, 11)
#: How near to 0 and 1 a constant counts as that, a little more than the optimizer's own 1e-8 and 1e-5.
_NEAR_0, _NEAR_1 = 1.1e-8, 1.1e-5


def tidied(model: Any, optimize: Callable[..., Any]) -> Any:
    """Return what the optimizer makes of a model; one without functions where it makes nothing that holds together."""
    from onnx import inliner  # noqa: PLC0415 - optional

    if model.functions:
        model = inliner.inline_local_functions(model)
    hidden = _hide(model.graph)
    try:
        made = optimize(model, input_size_limit=1 << 20, output_size_limit=1 << 22)
    except Exception:  # optimizers raise errors of every type; the reader tells of what it does not support
        return _shown(model, hidden)
    graph = made.graph
    known = {one.name for one in (*graph.input, *graph.initializer)} | {""}
    for node in graph.node:
        if not known.issuperset(node.input):
            return _shown(model, hidden)
        known.update(node.output)
    return _shown(made, hidden)


def _hide(graph: Any) -> list[Any]:
    """Make inputs of the constants that would be rounded, and return them."""
    from onnx import helper  # noqa: PLC0415 - optional

    answers = {one.name for one in graph.output}
    found = [(one, graph.initializer, one) for one in graph.initializer]
    found += [
        (value, graph.node, node)
        for node in graph.node
        if node.op_type == "Constant" and (value := _value(node)) is not None
    ]
    hidden = []
    for tensor, place, owner in found:
        if _is_rounded(tensor) and tensor.name not in answers:
            hidden.append(copied(tensor))
            place.remove(owner)
    graph.input.extend(helper.make_tensor_value_info(one.name, one.data_type, ()) for one in hidden)
    return hidden


def _value(node: Any) -> Any:
    """Return what a Constant holds as a tensor of its output's name; None where it is no real number."""
    from onnx import helper  # noqa: PLC0415 - optional

    (attribute,) = node.attribute[:1] or (None,)
    if attribute is None or attribute.name not in ("value", "value_float"):
        return None
    if attribute.name == "value_float":
        return helper.make_tensor(node.output[0], _FLOAT, (), [attribute.f])
    value = copied(attribute.t)
    value.name = node.output[0]
    return value


def _is_rounded(tensor: Any) -> bool:
    """Whether a constant is a single number next to 0 or 1."""
    from onnx import numpy_helper  # noqa: PLC0415 - optional

    if tensor.data_type not in _REAL or len(tensor.dims):
        return False
    value = float(numpy_helper.to_array(tensor))
    return 0 < abs(value) < _NEAR_0 or 0 < abs(value - 1) < _NEAR_1


def _shown(model: Any, hidden: Sequence[Any]) -> Any:
    """Return the model with the constants that were inputs."""
    names = {one.name for one in hidden}
    kept = [copied(one) for one in model.graph.input if one.name not in names]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    model.graph.initializer.extend(hidden)
    return model
