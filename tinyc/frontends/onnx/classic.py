"""Operators of `ai.onnx.ml`, as scikit-learn's pipelines are exported with them, made of those of ONNX.

Scaling, linear models, and labels picked by the largest score. Trees, kernels and words stay and are refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinyc.frontends.onnx.fused import Apart
from tinyc.frontends.onnx.integers import constant_nodes
from tinyc.frontends.onnx.order import replace_nodes
from tinyc.ir import Array

_DOMAIN = "ai.onnx.ml"
#: TensorProto.FLOAT.
_FLOAT = 1


def without_classic(model: Any) -> None:
    """Take such operators of a model apart, in place."""
    from onnx import numpy_helper  # noqa: PLC0415 - optional

    graph = model.graph
    if not any(node.domain == _DOMAIN for node in graph.node):
        return
    constants = {i.name: i for i in graph.initializer} | constant_nodes(graph)
    known = {name: np.asarray(numpy_helper.to_array(one)) for name, one in constants.items()}
    made: list[Any] = []
    for node in graph.node:
        form = _FORMS.get(node.op_type) if node.domain == _DOMAIN else None
        parts = None if form is None else form(Apart(node), known)
        made += [node] if parts is None else parts
    replace_nodes(graph, made)


def _ended(a: Apart, *outputs: str) -> list[Any]:
    """Return the operators, with what is made under the names that the node gave its outputs."""
    from onnx import helper  # noqa: PLC0415 - optional

    ends = [helper.make_node("Identity", [x], [y]) for x, y in zip(outputs, a.node.output, strict=True) if y]
    return [*a.made, *ends]


def _floats(a: Apart, name: str) -> Array:
    return np.array(a.attributes.get(name, ()), np.float32)


def _scaler(a: Apart, known: Mapping[str, Array]) -> list[Any]:
    del known
    x = a.add("Cast", a.input(0), to=_FLOAT)
    if a.attributes.get("offset"):
        x = a.add("Sub", x, a.array(_floats(a, "offset")))
    if a.attributes.get("scale"):
        x = a.add("Mul", x, a.array(_floats(a, "scale")))
    return _ended(a, x)


def _normalizer(a: Apart, known: Mapping[str, Array]) -> list[Any] | None:
    del known
    x, norm = a.add("Cast", a.input(0), to=_FLOAT), a.attributes.get("norm", b"MAX").decode()
    if norm == "MAX":
        return _ended(a, a.add("Div", x, a.add("ReduceMax", x, axes=[-1], keepdims=1)))
    powers = {"L1": 1, "L2": 2}
    return _ended(a, a.add("LpNormalization", x, axis=-1, p=powers[norm])) if norm in powers else None


def _binarizer(a: Apart, known: Mapping[str, Array]) -> list[Any]:
    del known
    above = a.add("Greater", a.input(0), a.constant(a.attributes.get("threshold", 0.0)))
    return _ended(a, a.add("Cast", above, to=_FLOAT))


def _linear(a: Apart, rows: int) -> str | None:
    """Add the products of the input with so many rows of coefficients. None where they do not fill them."""
    weights, bias = _floats(a, "coefficients"), _floats(a, "intercepts")
    if not rows or not weights.size or weights.size % rows or bias.size not in (0, rows):
        return None
    x = a.add("MatMul", a.add("Cast", a.input(0), to=_FLOAT), a.array(weights.reshape(rows, -1).T.copy()))
    return a.add("Add", x, a.array(bias)) if bias.size else x


def _transformed(a: Apart, x: str) -> str | None:
    kind = a.attributes.get("post_transform", b"NONE").decode()
    if kind == "SOFTMAX":
        return a.add("Softmax", x, axis=-1)
    return {"NONE": lambda: x, "LOGISTIC": lambda: a.add("Sigmoid", x)}.get(kind, lambda: None)()


def _regressor(a: Apart, known: Mapping[str, Array]) -> list[Any] | None:
    del known
    x = _linear(a, int(a.attributes.get("targets", 1)))
    made = None if x is None else _transformed(a, x)
    return None if made is None else _ended(a, made)


def _classifier(a: Apart, known: Mapping[str, Array]) -> list[Any] | None:
    """Of two classes and more with a row of coefficients each; labels are numbers."""
    del known
    labels = np.array(a.attributes.get("classlabels_ints", ()), np.int64)
    x = _linear(a, labels.size) if labels.size > 1 else None
    scores = None if x is None else _transformed(a, x)
    if x is None or scores is None:
        return None
    return _ended(a, _picked(a, labels, a.add("ArgMax", x, axis=-1, keepdims=0)), scores)


def _features(a: Apart, known: Mapping[str, Array]) -> list[Any] | None:
    """Columns of the input at constant places; or of constants at a place that is computed, [1, places]."""
    x, at = known.get(a.input(0)), a.input(1)
    if at in known:
        return _ended(
            a, a.add("Gather", a.input(0), a.array(known[at].reshape(-1).astype(np.int64)), axis=-1)
        )
    if x is None or x.dtype.kind not in "iu" or x.size != x.shape[-1]:
        return None
    row = a.array(np.array([1, -1]))
    return _ended(a, a.add("Reshape", _picked(a, x.reshape(-1), at), row))


def _picked(a: Apart, labels: Array, at: str) -> str:
    """Return the labels at computed places."""
    if np.array_equal(labels, np.arange(labels.size)):
        return at
    ends = a.array(np.array([0, 1], np.int64))
    each = a.add("OneHot", at, a.array(np.array(labels.size)), ends, axis=-1)
    return a.add(
        "ReduceSum", a.add("Mul", each, a.array(labels.astype(np.int64))), a.array(np.array([-1])), keepdims=0
    )


_FORMS: Mapping[str, Callable[[Apart, Mapping[str, Array]], list[Any] | None]] = {
    "ArrayFeatureExtractor": _features,
    "Binarizer": _binarizer,
    "LinearClassifier": _classifier,
    "LinearRegressor": _regressor,
    "Normalizer": _normalizer,
    "Scaler": _scaler,
}
