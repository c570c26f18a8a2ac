"""Operators on bytes as QuantizeLinear and DequantizeLinear around operators on real numbers: one form for the reader.

QLinearConv is DequantizeLinear of its operands, Conv, QuantizeLinear; an operator that moves bytes moves the real
numbers that they stand for. What the model takes or gives as bytes is float for the reader, and noted in the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.onnx.dynamic import NOTE, without_dynamic
from tinyc.frontends.onnx.on_bytes import BYTES, MOVES, PLACES, Bytes
from tinyc.ir import Array, Origin, fresh_name
from tinyc.plain import printable

#: TensorProto.FLOAT, and of bytes.
_FLOAT, _BYTES = 1, {2: "uint8", 3: "int8"}
#: Key of the model's metadata under which the element type of a port is noted.
BORDER = "tinyc.border."
_QUANTIZE, _DEQUANTIZE = "QuantizeLinear", "DequantizeLinear"
_MICROSOFT = "com.microsoft"
#: Scale and zero point, by name.
_Scale = tuple[str, str]


def with_real_numbers(model: Any, file: str) -> None:
    """Change a model in place. Raises ModelError for an operator whose scales are not constants."""
    noted = [p for p in model.metadata_props if p.key.startswith(BORDER) or p.key == NOTE]
    for each in noted:
        model.metadata_props.remove(each)
    if not any(_is_of_bytes(node) for node in model.graph.node):
        return
    without_dynamic(model)
    _Rewriter(model, file).rewrite()


def borders_of(model: Any) -> dict[str, str]:
    """Return the element type of each port that the file has as bytes, by name."""
    return {p.key.removeprefix(BORDER): p.value for p in model.metadata_props if p.key.startswith(BORDER)}


def _is_of_bytes(node: Any) -> bool:
    return node.op_type in BYTES or "uantizeLinear" in node.op_type or node.op_type.endswith("Integer")


class _Rewriter:
    """One model's nodes anew."""

    def __init__(self, model: Any, file: str) -> None:
        self._model, self._file = model, file
        self._graph = model.graph
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {i.name: i for i in self._graph.initializer}
        self._constants |= constant_nodes(self._graph)
        self._names = {n for node in self._graph.node for n in (*node.input, *node.output)}
        self._names |= set(self._constants)
        #: Tensors that depend on no input: what becomes of their bytes is computed as it stands.
        self._fixed = fixed(self._graph, self._constants)
        #: Of tensors of bytes.
        self._scales: dict[str, _Scale] = {}

    def rewrite(self) -> None:
        wanted = self._wanted()
        for one in self._graph.input:
            if one.type.tensor_type.elem_type in _BYTES:
                self._input(one, wanted)
        for index, node in enumerate(self._graph.node):
            self._node(index, node)
        for one in self._graph.output:
            if one.name in self._scales:
                self._output(one)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        del self._graph.value_info[:]

    def _wanted(self) -> dict[str, _Scale]:
        """Return scale and zero point by which tensors are read."""
        found: dict[str, _Scale] = {}
        for node in reversed(self._graph.node):
            form, inputs = BYTES.get(node.op_type), list(node.input)
            if form is not None:
                for x, scale, zero in form.operands:
                    if zero < len(inputs):
                        found.setdefault(inputs[x], (inputs[scale], inputs[zero]))
            elif node.op_type == _DEQUANTIZE and len(inputs) > 1:
                found.setdefault(inputs[0], (inputs[1], inputs[2] if len(inputs) > 2 else ""))
            elif node.op_type in MOVES and inputs and node.output and node.output[0] in found:
                found.setdefault(inputs[0], found[node.output[0]])
        return found

    def _input(self, one: Any, wanted: dict[str, _Scale]) -> None:
        kind = one.type.tensor_type
        if one.name not in wanted:
            raise ModelError(
                f"{self._file}: input '{printable(one.name)}' is {_BYTES[kind.elem_type]} without a scale"
            )
        self._note(one, kind.elem_type)
        inside = self._fresh(f"{one.name}_bytes")
        for node in self._graph.node:
            for at, name in enumerate(node.input):
                if name == one.name:
                    node.input[at] = inside
        scale, zero = wanted[one.name]
        self._quantize(one.name, inside, (scale, zero or self._zero(_BYTES[kind.elem_type])))

    def _output(self, one: Any) -> None:
        """Bytes that leave the model leave it as real numbers."""
        self._note(one, one.type.tensor_type.elem_type or self._type_of(self._scales[one.name][1]))
        inside = self._fresh(f"{one.name}_bytes")
        for node in self._nodes:
            for names in (node.input, node.output):
                for at, name in enumerate(names):
                    if name == one.name:
                        names[at] = inside
        self._scales[inside] = self._scales.pop(one.name)
        self._dequantize(inside, self._scales[inside], one.name)

    def _note(self, one: Any, kind: int) -> None:
        self._model.metadata_props.add(key=BORDER + one.name, value=_BYTES.get(kind, "uint8"))
        one.type.tensor_type.elem_type = _FLOAT

    def _node(self, index: int, node: Any) -> None:
        if node.domain == _MICROSOFT and node.op_type in (_QUANTIZE, _DEQUANTIZE):
            node.domain = ""
        form = BYTES.get(node.op_type)
        if form is None and self._fixed.issuperset(node.output):
            self._nodes.append(node)
        elif node.op_type == _QUANTIZE and len(node.input) > 1:
            self._scales[node.output[0]] = node.input[1], node.input[2] if len(node.input) > 2 else ""
            self._nodes.append(node)
        elif form is not None:
            origin = Origin(self._file, index, printable(node.op_type), printable("".join(node.output[:1])))
            self._of_bytes(node, form, origin)
        elif node.op_type == "QLinearConcat":
            self._concat(node)
        elif node.op_type in MOVES and any(n in self._scales for n in node.input):
            self._move(node)
        elif node.op_type in PLACES and node.input[0] in self._scales:
            x = self._dequantized(node.input[0], self._scales[node.input[0]], None)
            self._real(node.op_type, [x], node.output, ("", ""), node.attribute, node.domain)
        else:
            self._nodes.append(node)

    def _of_bytes(self, node: Any, form: Bytes, origin: Origin) -> None:
        names = [*node.input, *[""] * 10]
        operands = []
        for number, (x, scale, zero) in enumerate(form.operands):
            if not (names[x] and names[scale]):
                raise ModelError(f"{origin}: an operand or its scale is missing")
            axis = self._axis(node, form, names[scale]) if number else None
            operands.append(self._dequantized(names[x], (names[scale], names[zero]), axis))
        if form.bias is not None and names[form.bias]:
            operands.append(self._bias(node, names[form.bias], form, origin))
        if _attribute(node, "channels_last", 0):
            raise ModelError(f"{origin}: channels_last is not supported")
        result = names[form.result[0]], names[form.result[1]]
        attributes = [a for a in node.attribute if a.name in form.attributes]
        self._real(form.kind, operands, node.output, result, attributes)

    def _bias(self, node: Any, bias: str, form: Bytes, origin: Origin) -> str:
        """Return a bias, which is in the scale of the operands' products, as real numbers."""
        product = np.asarray(_attribute(node, "alpha", 1.0), np.float32)
        for _, scale, _ in form.operands:
            product = product * self._known(node.input[scale], origin).astype(np.float32)
        name = self._constant("bias_scale", product.reshape(-1) if product.size > 1 else product.reshape(()))
        return self._dequantized(bias, (name, ""), 0)

    def _axis(self, node: Any, form: Bytes, scale: str) -> int | None:
        """Return along which dimension an operand has a scale each, None where it has one."""
        found = self._value(scale)
        if found is None or found.size == 1:
            return None
        return 0 if _attribute(node, "transB", 0) else form.channels

    def _concat(self, node: Any) -> None:
        names = list(node.input)
        triples = zip(names[2::3], names[3::3], names[4::3], strict=False)
        operands = [self._dequantized(x, (scale, zero), None) for x, scale, zero in triples]
        attributes = [a for a in node.attribute if a.name == "axis"]
        self._real("Concat", operands, node.output, (names[0], names[1]), attributes)

    def _move(self, node: Any) -> None:
        """Move real numbers in place of bytes; constants beside them are bytes of the same scale."""
        count = MOVES[node.op_type] or len(node.input)
        scale = next(self._scales[n] for n in node.input if n in self._scales)
        inputs = list(node.input)
        if node.op_type == "Pad" and not (len(inputs) > 2 and inputs[2]):
            inputs = [*[*inputs, ""][:2], self._zero(self._kind_of(scale[1])), *inputs[3:]]
        bounds = node.op_type in ("Pad", "Clip")
        for at, name in enumerate(inputs):
            if name and (at < count or (bounds and self._is_bytes(name))):
                inputs[at] = self._dequantized(name, self._scales.get(name, scale), None)
        self._real(node.op_type, inputs, node.output, scale, node.attribute, node.domain)

    def _real(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        scale: _Scale,
        attributes: Sequence[Any],
        domain: str = "",
    ) -> None:
        """Add an operator on real numbers, and what makes bytes of its outputs; they stay real without a scale."""
        from onnx import helper  # noqa: PLC0415 - optional

        made = list(outputs)
        if scale[0]:
            made = [self._fresh(f"{out}_real") if out else "" for out in outputs]
        node = helper.make_node(kind, list(inputs), made, domain=domain)
        node.attribute.extend(attributes)
        self._nodes.append(node)
        for real, out in zip(made, outputs, strict=True):
            if real != out:
                self._quantize(real, out, scale)

    def _quantize(self, x: str, out: str, scale: _Scale) -> None:
        from onnx import helper  # noqa: PLC0415 - optional

        self._scales[out] = scale
        self._nodes.append(helper.make_node(_QUANTIZE, [x, *(n for n in scale if n)], [out]))

    def _dequantized(self, x: str, scale: _Scale, axis: int | None) -> str:
        made = self._fresh(f"{x}_real")
        self._dequantize(x, scale, made, axis)
        return made

    def _dequantize(self, x: str, scale: _Scale, out: str, axis: int | None = None) -> None:
        from onnx import helper  # noqa: PLC0415 - optional

        node = helper.make_node(_DEQUANTIZE, [x, *(n for n in scale if n)], [out])
        if axis is not None:
            node.attribute.append(helper.make_attribute("axis", axis))
        self._nodes.append(node)

    def _fresh(self, name: str) -> str:
        found = fresh_name(name, self._names)
        self._names.add(found)
        return found

    def _constant(self, name: str, value: Array) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        made = numpy_helper.from_array(np.ascontiguousarray(value).reshape(value.shape), self._fresh(name))
        self._graph.initializer.append(made)
        self._constants[made.name] = made
        return str(made.name)

    def _zero(self, kind: str) -> str:
        return self._constant("zero", np.zeros((), kind))

    def _value(self, name: str) -> Array | None:
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        found = self._constants.get(name)
        return None if found is None else np.asarray(numpy_helper.to_array(found))

    def _known(self, name: str, origin: Origin) -> Array:
        found = self._value(name)
        if found is None:
            raise ModelError(
                f"{origin}: scale '{printable(name)}' is computed; only a constant one is supported"
            )
        return found

    def _is_bytes(self, name: str) -> bool:
        found = self._constants.get(name)
        return found is not None and found.data_type in _BYTES

    def _type_of(self, zero: str) -> int:
        found = self._constants.get(zero)
        return 2 if found is None else int(found.data_type)

    def _kind_of(self, zero: str) -> str:
        return _BYTES.get(self._type_of(zero), "uint8")


def _attribute(node: Any, name: str, default: Any) -> Any:
    from onnx import helper  # noqa: PLC0415 - optional

    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def fixed(graph: Any, constants: Iterable[str]) -> set[str]:
    """Return the tensors that depend on no input of the model. constants: those that the file has."""
    found = set(constants)
    for node in graph.node:
        if node.input and found.issuperset(n for n in node.input if n):
            found.update(node.output)
    return found


def constant_nodes(graph: Any) -> dict[str, Any]:
    """Return the tensors of nodes of kind Constant, by name."""
    found = {}
    for node in graph.node:
        value = next((a.t for a in node.attribute if a.name == "value"), None)
        if node.op_type == "Constant" and value is not None and node.output:
            found[node.output[0]] = value
    return found
