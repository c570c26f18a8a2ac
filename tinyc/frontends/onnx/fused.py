"""Operators that are made of others, as those: what ONNX Runtime's optimizer fused, of `com.microsoft`, and what the
format had before its first version, which converters from Core ML wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinyc.frontends.onnx.domains import UNKNOWN
from tinyc.frontends.onnx.order import replace_nodes

_DOMAIN = "com.microsoft"


class Apart:
    """The operators in whose place one stood: they make values on the way, and in the end its output."""

    def __init__(self, node: Any) -> None:
        from onnx import helper  # noqa: PLC0415 - optional

        self.node, self.made = node, list[Any]()
        self.attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}

    def input(self, index: int) -> str:
        """Return an input's name, "" for none."""
        return str(self.node.input[index]) if index < len(self.node.input) else ""

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper  # noqa: PLC0415 - optional

        out = f"{self.node.output[0]}_{kind}_{len(self.made)}"
        self.made.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def constant(self, value: float) -> str:
        return self.add("Constant", value_float=float(value))

    def scaled(self, kind: str) -> None:
        """Add alpha times a function of beta times the input."""
        inner = self.add(
            kind, self.add("Mul", self.input(0), self.constant(self.attributes.get("beta", 1.0)))
        )
        self.add("Mul", inner, self.constant(self.attributes.get("alpha", 1.0)))

    def array(self, values: Any) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        return self.add("Constant", value=numpy_helper.from_array(values))

    def taken(self, *names: str) -> dict[str, Any]:
        """Return those of the attributes, by name."""
        return {name: self.attributes[name] for name in names if name in self.attributes}

    def activated(self, x: str) -> None:
        """Add what FusedConv and FusedGemm do last."""
        kind = self.attributes.get("activation", b"").decode()
        numbers = list(self.attributes.get("activation_params", ()))
        numbers += self.taken("activation_alpha", "activation_beta").values()
        if kind == "Clip":
            self.add("Clip", x, *map(self.constant, numbers))
        elif kind:
            self.add(kind, x, **dict(zip(("alpha", "beta"), numbers, strict=False)))


def _gelu(a: Apart) -> None:
    a.add("Gelu", a.input(0))


def _bias_gelu(a: Apart) -> None:
    a.add("Gelu", a.add("Add", a.input(0), a.input(1)))


def _fast_gelu(a: Apart) -> None:
    x = a.input(0)
    a.add("Gelu", a.add("Add", x, a.input(1)) if a.input(1) else x, approximate="tanh")


def _quick_gelu(a: Apart) -> None:
    """x times the sigmoid of alpha * x."""
    x = a.input(0)
    a.add("Mul", x, a.add("Sigmoid", a.add("Mul", x, a.constant(a.attributes.get("alpha", 1.702)))))


def _conv(a: Apart) -> None:
    """Convolution, sum with another image, activation."""
    window = a.taken("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides")
    x = a.add("Conv", *filter(None, map(a.input, range(3))), **window)
    a.activated(a.add("Add", x, a.input(3)) if a.input(3) else x)


def _gemm(a: Apart) -> None:
    a.activated(a.add("Gemm", *a.node.input, **a.taken("alpha", "beta", "transA", "transB")))


def _matmul(a: Apart) -> None:
    """alpha times the product of matrices, each of which may be turned, or have its rows before all dimensions."""

    def term(name: str, rows: str, columns: str) -> str:
        if a.attributes.get(f"trans{name}", 0):
            rows, columns = columns, rows
        return f"{rows}...{columns}" if a.attributes.get(f"transBatch{name}", 0) else f"...{rows}{columns}"

    terms = f"{term('A', 'i', 'j')},{term('B', 'j', 'k')}->...ik"
    made = a.add("Einsum", a.input(0), a.input(1), equation=terms)
    if a.attributes.get("alpha", 1.0) != 1:
        a.add("Mul", made, a.constant(a.attributes["alpha"]))


def _skip_norm(a: Apart) -> None:
    """LayerNormalization of a sum. inputs: x, skip, scale, shift, bias of the sum."""
    x = a.add("Add", a.input(0), a.input(1))
    x = a.add("Add", x, a.input(4)) if a.input(4) else x
    a.add("LayerNormalization", x, *filter(None, map(a.input, (2, 3))), axis=-1, **a.taken("epsilon"))


def _few_bits(a: Apart) -> None:
    """MatMul with weights of a few bits, [columns, blocks of a row, bytes of a block], a scale for each block.

    inputs: x, weights, scales, zero points, order of rows, bias.
    """
    bits, size = int(a.attributes.get("bits", 4)), int(a.attributes["block_size"])
    columns, rows = int(a.attributes["N"]), int(a.attributes["K"])
    blocks = -(-rows // size)
    steps = _unpacked(a, a.input(1), columns, blocks * size, bits)
    steps = a.add("Reshape", steps, a.array(np.array([columns, blocks, size])))
    each = a.array(np.array([columns, blocks, 1]))
    zero = a.constant(2.0 ** (bits - 1))
    if a.input(3):
        zero = a.add("Reshape", _unpacked(a, a.input(3), columns, blocks, bits), each)
    real = a.add(
        "Mul", a.add("Sub", steps, zero), a.add("Reshape", a.add("Cast", a.input(2), to=_FLOAT), each)
    )
    real = a.add("Reshape", real, a.array(np.array([columns, blocks * size])))
    ends = (a.array(np.array([value])) for value in (0, rows, 1))
    made = a.add("MatMul", a.input(0), a.add("Transpose", a.add("Slice", real, *ends), perm=[1, 0]))
    if a.input(5):
        a.add("Add", made, a.input(5))


def _unpacked(a: Apart, name: str, rows: int, count: int, bits: int) -> str:
    """Return numbers of a few bits, the lowest of a byte first, as floats: [rows, count]. Rows begin at whole bytes."""
    number = -(-count * bits // 8)
    left = a.add("Reshape", a.add("Cast", name, to=_FLOAT), a.array(np.array([rows, number, 1])))
    parts = []
    for _ in range(8 // bits):
        above = a.add("Floor", a.add("Mul", left, a.constant(2.0**-bits)))
        parts.append(a.add("Sub", left, a.add("Mul", above, a.constant(2.0**bits))))
        left = above
    every = a.add("Reshape", a.add("Concat", *parts, axis=2), a.array(np.array([rows, number * 8 // bits])))
    return a.add("Slice", every, *(a.array(np.array([value])) for value in (0, count, 1)))


def _is_few_bits(node: Any) -> bool:
    """Whether a MatMulNBits has whole numbers in a byte, and rows and zero points as they come."""
    from onnx import helper  # noqa: PLC0415 - optional

    known = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    reordered = len(node.input) > _ORDER and node.input[_ORDER]
    return known.get("bits", 4) in (2, 4, 8) and not reordered


def _affine(a: Apart) -> None:
    scaled = a.add("Mul", a.input(0), a.constant(a.attributes.get("alpha", 1.0)))
    a.add("Add", scaled, a.constant(a.attributes.get("beta", 0.0)))


def _crop(a: Apart) -> None:
    """Without border pixels on the left, at the top, on the right and at the bottom; or of a size from there on."""
    left, top, right, bottom = a.attributes["border"]
    height, width = a.attributes.get("scale", (None, None))
    ends = (-bottom or _END, -right or _END) if height is None else (top + height, left + width)
    begin, end, axes = (a.array(np.array(v, np.int64)) for v in ((top, left), ends, (2, 3)))
    a.add("Slice", a.input(0), begin, end, axes)


def _image_scaler(a: Apart) -> None:
    scaled = a.add("Mul", a.input(0), a.constant(a.attributes.get("scale", 1.0)))
    bias = np.array(a.attributes.get("bias", (0.0,)), np.float32).reshape(-1, 1, 1)
    a.add("Add", scaled, a.array(bias))


#: Of the end of a dimension.
_END = (1 << 31) - 1
#: TensorProto.FLOAT; the input of MatMulNBits that says in which order rows lie.
_FLOAT, _ORDER = 1, 4
_FORMS: Mapping[str, Callable[[Apart], None]] = {
    "BiasGelu": _bias_gelu,
    "FastGelu": _fast_gelu,
    "FusedConv": _conv,
    "FusedGemm": _gemm,
    "FusedMatMul": _matmul,
    "Gelu": _gelu,
    "MatMulNBits": _few_bits,
    "QuickGelu": _quick_gelu,
    "SkipLayerNormalization": _skip_norm,
}


#: Of the format itself, before its first version.
_OLD: Mapping[str, Callable[[Apart], None]] = {
    "Affine": _affine,
    "Crop": _crop,
    "ImageScaler": _image_scaler,
    "ParametricSoftplus": lambda a: a.scaled("Softplus"),
    "ScaledTanh": lambda a: a.scaled("Tanh"),
}
_BY_DOMAIN = {_DOMAIN: _FORMS, UNKNOWN: _OLD}


def without_fused(model: Any) -> None:
    """Take such operators of a model apart, in place; those with outputs of their own stay and are refused by name."""
    nodes = model.graph.node
    if not any(node.op_type in _BY_DOMAIN.get(node.domain, ()) for node in nodes):
        return
    made: list[Any] = []
    for node in nodes:
        form = _BY_DOMAIN.get(node.domain, {}).get(node.op_type) if len(node.output) == 1 else None
        if form is None or (form is _few_bits and not _is_few_bits(node)):
            made.append(node)
            continue
        apart = Apart(node)
        form(apart)
        apart.made[-1].output[0] = node.output[0]
        made += apart.made
    replace_nodes(model.graph, made)
