"""Operators of old opsets in their newer forms: what were attributes are inputs, what was implied is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.onnx.order import graphs_of, replace_nodes
from tinyc.plain import printable

#: From here on files are read as they are; older ones are rewritten.
_TARGET = 13
#: The first opset without one-sided rules of broadcasting.
_OLDEST = 7
#: What says nothing of an inference.
_SILENT = ("consumed_inputs", "is_test", "momentum", "spatial")
#: Old operators that broadcast only where they say so.
_BROADCAST = (
    "Add",
    "And",
    "Div",
    "Equal",
    "Gemm",
    "Greater",
    "Less",
    "Mul",
    "Or",
    "PRelu",
    "Pow",
    "Sub",
    "Xor",
)
_REDUCTIONS = (
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd",
    "ReduceSum", "ReduceSumSquare",
)  # fmt: skip
_LARGEST = float(np.finfo(np.float32).max)


@dataclass
class _Rewriting:
    """Of one file. taken: names of values; versions: of the file and of what it becomes."""

    file: str
    old: int
    new: int
    taken: set[str]
    made: list[Any] = field(default_factory=list)

    def crosses(self, version: int) -> bool:
        """Whether the file is older than an opset, and becomes at least that."""
        return self.old < version <= self.new

    def name(self, of: str, what: str) -> str:
        found = next(
            n for i in range(len(self.taken) + 1) if (n := f"{of}_{what}{i or ''}") not in self.taken
        )
        self.taken.add(found)
        return found

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        from onnx import helper  # noqa: PLC0415 - optional

        self.made.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, near: Any, what: str, value: Any, dtype: type = np.int64) -> str:
        """Return the name of a constant in front of a node."""
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        name = self.name(near.output[0], what)
        return self.node("Constant", [], name, value=numpy_helper.from_array(np.asarray(value, dtype), name))


def upgraded(model: Any, file: str) -> None:
    """Rewrite a model of an opset below 13, and raise the opset that it declares where it uses newer operators.

    Raises ModelError for an operator whose old meaning has no new form.
    """
    for own in [o for o in model.opset_import if o.domain in ("", "ai.onnx")][:1]:
        new = max(_TARGET, own.version, _needed(model, own.version))
        if new != own.version:
            taken = {name for graph in graphs_of(model.graph) for node in graph.node for name in node.output}
            taken |= {i.name for graph in graphs_of(model.graph) for i in (*graph.initializer, *graph.input)}
            rewriting = _Rewriting(file, own.version, new, taken)
            for graph in list(graphs_of(model.graph))[::-1]:
                _rewritten(rewriting, graph)
        own.version = new


def _needed(model: Any, opset: int) -> int:
    """Return the least opset from the file's on that knows all its operators in the forms that they have."""
    from onnx import defs  # noqa: PLC0415 - optional

    newest = defs.onnx_opset_version()
    return max(
        (_known_since(node, opset, newest) for graph in graphs_of(model.graph) for node in graph.node),
        default=opset,
    )


def _known_since(node: Any, opset: int, newest: int) -> int:
    """Return the first opset, from one on, that has an operator with such attributes and so many inputs."""
    from onnx import defs  # noqa: PLC0415 - optional

    if node.domain not in ("", "ai.onnx") or not defs.has(node.op_type):
        return opset
    names = {a.name for a in node.attribute}
    for version in range(opset, newest + 1):
        try:
            schema = defs.get_schema(node.op_type, version)
        except defs.SchemaError:  # not known yet
            continue
        fits = len(node.input) <= schema.max_input and len(node.output) <= schema.max_output
        if fits and not schema.deprecated and names <= set(schema.attributes):
            return version
    return opset


def _rewritten(rewriting: _Rewriting, graph: Any) -> None:
    rewriting.made = []
    for index, node in enumerate(graph.node):
        if node.domain not in ("", "ai.onnx") or not node.output:
            rewriting.made.append(node)
            continue
        _without_old_words(rewriting, index, node)
        for version, change in _CHANGES.get(node.op_type, ()):
            if rewriting.crosses(version):
                change(rewriting, node)
        rewriting.made.append(node)
    replace_nodes(graph, rewriting.made)


def _attribute(node: Any, name: str, default: Any = None) -> Any:
    """Remove an attribute and return it."""
    from onnx import helper  # noqa: PLC0415 - optional

    for i, one in enumerate(node.attribute):
        if one.name == name:
            value = helper.get_attribute_value(one)
            del node.attribute[i]
            return value
    return default


def _said(node: Any, **attributes: Any) -> None:
    """Add attributes that the node has not."""
    from onnx import helper  # noqa: PLC0415 - optional

    have = {a.name for a in node.attribute}
    node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items() if k not in have)


def _without_old_words(rewriting: _Rewriting, index: int, node: Any) -> None:
    """Below 7, `axis` says where the second operand's dimensions stand: today they stand last."""
    for name in _SILENT:
        _attribute(node, name)
    if node.op_type in _BROADCAST and rewriting.old < _OLDEST:
        axis = _attribute(node, "axis") if _attribute(node, "broadcast") else None
        if axis is not None:
            told = f"{rewriting.file}: op {index} {node.op_type} '{printable(node.output[0])}'"
            raise ModelError(
                f"{told}: `axis` of opset {rewriting.old} is not supported",
                "export the model at opset 7 or newer",
            )


def _input(node: Any, at: int, name: str) -> None:
    """Make a value the input `at` of a node; those that lack in front are left out."""
    node.input.extend([""] * (at + 1 - len(node.input)))
    node.input[at] = name


def _moved(what: str, at: int, dtype: type = np.int64) -> Callable[[_Rewriting, Any], None]:
    """Return the change that makes an attribute an input."""

    def change(rewriting: _Rewriting, node: Any) -> None:
        value = _attribute(node, what)
        if value is not None and (at >= len(node.input) or not node.input[at]):
            _input(node, at, rewriting.constant(node, what, value, dtype))

    return change


def _clip(rewriting: _Rewriting, node: Any) -> None:
    for at, (what, default) in enumerate((("min", -_LARGEST), ("max", _LARGEST)), 1):
        value = _attribute(node, what, default)
        if at >= len(node.input) and abs(value) < _LARGEST:
            _input(node, at, rewriting.constant(node, what, value, np.float32))


def _slice(rewriting: _Rewriting, node: Any) -> None:
    given = [_attribute(node, what) for what in ("starts", "ends", "axes")]
    if len(node.input) == 1:
        for at, (what, value) in enumerate(zip(("starts", "ends", "axes"), given, strict=True), 1):
            if value is not None:
                _input(node, at, rewriting.constant(node, what, value))


def _scatter(_: _Rewriting, node: Any) -> None:
    node.op_type = "ScatterElements"


def _dropout(_: _Rewriting, node: Any) -> None:
    for what in ("ratio", "seed"):
        _attribute(node, what)


def _upsample(rewriting: _Rewriting, node: Any) -> None:
    """A Resize that places pixels where the first ones meet."""
    scales = _attribute(node, "scales")
    height, width = _attribute(node, "height_scale"), _attribute(node, "width_scale")
    if scales is None and height is not None:
        scales = [1.0, 1.0, height, width]
    if scales is not None:
        _input(node, 1, rewriting.constant(node, "scales", scales, np.float32))
    if rewriting.new >= 10:
        node.op_type = "Resize"
        _resize(rewriting, node)


def _resize(_: _Rewriting, node: Any) -> None:
    """(x, scales) of opset 10."""
    if len(node.input) != 2:
        return
    scales = node.input[1]
    del node.input[1:]
    node.input.extend(["", scales])
    mode = _attribute(node, "mode", b"nearest")
    mode = {b"bilinear": b"linear"}.get(mode, mode)
    _said(node, mode=mode, coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def _softmax(rewriting: _Rewriting, node: Any) -> None:
    """Below 13, it is over all dimensions from its axis on together."""
    axis = _attribute(node, "axis", 1)
    x, y = node.input[0], node.output[0]
    name = rewriting.name
    if axis != -1:
        shape = rewriting.node("Shape", [x], name(y, "shape"))
        node.input[0] = rewriting.node("Flatten", [x], name(y, "rows"), axis=axis)
        node.output[0] = name(y, "of_rows")
    _said(node, axis=-1)
    if axis != -1:
        kept = _copy(node)
        rewriting.made.append(kept)
        node.Clear()
        node.op_type = "Reshape"
        node.input.extend([kept.output[0], shape])
        node.output.append(y)


def _copy(node: Any) -> Any:
    made = type(node)()
    made.CopyFrom(node)
    return made


def _split(_: _Rewriting, node: Any) -> None:
    if len(node.input) == 1:
        _said(node, num_outputs=len(node.output))


#: By operator: (opset, what it changed), oldest first.
_CHANGES: dict[str, tuple[tuple[int, Callable[[_Rewriting, Any], None]], ...]] = {
    "Clip": ((11, _clip),),
    "Dropout": ((12, _dropout),),
    "LogSoftmax": ((13, _softmax),),
    "Pad": ((11, _moved("pads", 1)), (11, _moved("value", 2, np.float32))),
    "Reshape": ((5, _moved("shape", 1)),),
    "Resize": ((11, _resize),),
    "Scatter": ((11, _scatter),),
    "Slice": ((10, _slice),),
    "Softmax": ((13, _softmax),),
    "Split": ((13, _moved("split", 1)), (18, _split)),
    "Squeeze": ((13, _moved("axes", 1)),),
    "TopK": ((10, _moved("k", 1)),),
    "Unsqueeze": ((13, _moved("axes", 1)),),
    "Upsample": ((10, _upsample),),
    **{kind: ((18, _moved("axes", 1)),) for kind in _REDUCTIONS if kind != "ReduceSum"},
    "ReduceSum": ((13, _moved("axes", 1)),),
}
