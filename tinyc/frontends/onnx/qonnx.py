"""Operators of QONNX as operators of ONNX: Quant, BipolarQuant and Trunc round, scale and clamp to a few bits.

So does QuantizeLinear with a Clip behind it, as QONNX's operators are written where a runtime lacks them.

After the definitions at https://github.com/fastmachinelearning/qonnx/tree/main/docs/qonnx-custom-ops. What rounds
halves to even by one scale, to 8 bits or fewer, is QuantizeLinear and DequantizeLinear; its largest step is the largest
byte, so that only what lies below the least step is clamped. The rest is arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.errors import ModelError
from tinyc.frontends.onnx.integers import constant_nodes, fixed
from tinyc.frontends.onnx.steps import SPAN, Float32, Range, clipped
from tinyc.ir import Array, Origin, fresh_name
from tinyc.plain import printable

#: Those of the exporters: of qonnx itself, and of Brevitas and FINN before it.
DOMAINS = ("qonnx.custom_op.general", "onnx.brevitas", "finn.custom_op.general")
#: The most bits that are read.
_MOST_BITS = 32
_LARGEST = 127
#: What is computed of constants where one is needed; elements of each, and operators one behind the other.
_ARITHMETIC = frozenset(
    (
        "Abs", "Add", "Cast", "Ceil", "Div", "Exp", "Floor", "Identity", "Log", "Max", "Min", "Mul", "Neg", "Pow",
        "Reciprocal", "Reshape", "Round", "Sqrt", "Squeeze", "Sub", "Unsqueeze",
    )
)  # fmt: skip
_LONGEST, _DEEPEST = 1 << 12, 20
_TO_EVEN = ("ROUND", "HALF_EVEN")


def without_qonnx(model: Any, file: str) -> None:
    """Change a model in place. Raises ModelError for what is computed and has to be constant."""
    kinds = {node.op_type for node in model.graph.node}
    if any(node.domain in DOMAINS for node in model.graph.node) or {"QuantizeLinear", "Clip"} <= kinds:
        _Rewriter(model, file).rewrite()


class _Rewriter:
    """One model's nodes anew."""

    def __init__(self, model: Any, file: str) -> None:
        self._graph, self._file = model.graph, file
        self._constants: dict[str, Any] = {i.name: i for i in self._graph.initializer}
        self._constants |= constant_nodes(self._graph)
        self._names = {n for node in self._graph.node for n in (*node.input, *node.output)}
        self._names |= set(self._constants)
        #: Tensors that depend on no input.
        self._fixed = fixed(self._graph, self._constants)
        self._nodes: list[Any] = []
        self._makers = {name: node for node in self._graph.node for name in node.output}
        #: Products that are part of another operator by now.
        self._taken: set[str] = set()

    def rewrite(self) -> None:
        readers: Mapping[str, Callable[[Any, Origin], None]] = {
            "Quant": self._quant,
            "IntQuant": self._quant,
            "BipolarQuant": self._bipolar,
            "Trunc": self._trunc,
        }
        few = {n: c for n, c in clipped(self._graph, self._value).items() if c.x not in self._fixed}
        inside = {name for each in few.values() for name in each.nodes}
        for index, node in enumerate(self._graph.node):
            origin = Origin(self._file, index, printable(node.op_type), printable("".join(node.output[:1])))
            read = readers.get(node.op_type) if node.domain in DOMAINS else None
            out = node.output[0] if node.output else ""
            if out in few:
                self._linear(self._clamped_below(few[out].x, few[out].range), few[out].range, out)
            elif out in inside or out in self._taken:
                continue
            elif read is None:
                self._nodes.append(node)
            else:
                _need(bool(node.input and node.input[0] and node.output), origin, "an operand is missing")
                read(node, origin)
        del self._graph.node[:]
        self._graph.node.extend(self._nodes)
        del self._graph.value_info[:]

    def _quant(self, node: Any, origin: Origin) -> None:
        x, out = node.input[0], node.output[0]
        scale, zero = self._scale(node, 1, origin), self._number(node, 2, "zero point", origin)
        bits = self._bits(node, 3, origin)
        mode = _attribute(node, "rounding_mode", b"ROUND").decode().upper()
        if bits == 1 and _attribute(node, "signed", 1):
            self._sign(x if zero == 0 else self._binary("Add", x, zero * scale), scale, out)
            return
        low, high = _steps(node, bits)
        _need(zero == int(zero), origin, f"zero point {zero:g} is no whole number")
        found = Range(scale, low - int(zero), high - int(zero))
        if mode in _TO_EVEN and self._is_linear(x, scale) and found.fits_bytes:
            x, found, out = self._with_factor(x, found, out)
            self._linear(self._clamped_below(x, found), found, out)
            return
        steps = self._binary("Div", x, scale)
        if zero:  # before it is rounded: halves to even
            steps = self._binary("Add", steps, np.float32(zero))
        steps = self._rounded(self._between(steps, low, high), mode, origin)
        if zero:
            steps = self._binary("Sub", steps, np.float32(zero))
        self._scaled(x, steps, found, out)

    def _with_factor(self, x: str, found: Range, out: str) -> tuple[str, Range, str]:
        """Take in the product behind whole steps, as tools leave it that write scales as operators of their own."""
        readers = [node for node in self._graph.node if out in node.input]
        after = readers[0] if len(readers) == 1 and out not in {o.name for o in self._graph.output} else None
        factor = None if after is None else self._factor(after, out, "Mul")
        if factor is None or after is None or not factor > 0 or x in self._fixed:
            return x, found, out
        before = self._makers.get(x)
        divided = before is not None and self._factor(before, before.input[0], "Div") == factor
        x = before.input[0] if divided and before is not None else self._binary("Mul", x, factor)
        self._taken.add(after.output[0])
        return x, Range(found.scale * factor, found.low, found.high), after.output[0]

    def _factor(self, node: Any, x: str, kind: str) -> Float32 | None:
        """Return the number by which x is multiplied or divided, None where that is not one constant."""
        names = [n for n in node.input if n != x]
        value = self._value(names[0]) if node.op_type == kind and len(names) == 1 else None
        is_one = value is not None and value.size == 1 and (kind == "Mul" or node.input[0] == x)
        return value.reshape(()).astype(np.float32) if is_one and value is not None else None

    def _bipolar(self, node: Any, origin: Origin) -> None:
        self._sign(node.input[0], self._scale(node, 1, origin), node.output[0])

    def _sign(self, x: str, scale: Float32, out: str) -> None:
        """Add what makes the scale of all that is not below 0, and minus the scale of the rest."""
        zero = self._constant("zero", np.zeros((), np.float32))
        above = self._add("GreaterOrEqual", [x, zero])
        ends = [self._constant("level", level) for level in (scale, -scale)]
        found = Range(scale, -1, 1)
        if self._is_linear(x, scale):
            self._linear(self._add("Where", [above, *ends]), found, out)
        else:
            self._add("Where", [above, *ends], out)

    def _trunc(self, node: Any, origin: Origin) -> None:
        """Of the first definition, with 5 inputs, the bits say how far is shifted; of the second, both scales."""
        _need(len(node.input) in (5, 6), origin, f"{len(node.input)} inputs; 5 or 6 are needed")
        x, out = node.input[0], node.output[0]
        scale, zero = self._scale(node, 1, origin), self._number(node, 2, "zero point", origin)
        mode = _attribute(node, "rounding_mode", b"FLOOR").decode().upper()
        before = self._bits(node, 3, origin)
        steps = self._binary("Div", x, scale)
        if zero:
            steps = self._binary("Add", steps, np.float32(zero))
        steps = self._add("Round", [steps])
        if len(node.input) == 5:
            part = 2.0 ** (self._bits(node, 4, origin) - before)
            steps = self._rounded(self._binary("Mul", steps, part), mode, origin)
            if zero:
                steps = self._binary("Sub", steps, np.float32(zero))
            self._scaled(x, steps, Range(scale, -SPAN, SPAN), out)
            return
        wider = self._scale(node, 4, origin)
        low, high = _steps(node, self._bits(node, 5, origin), 1, 0)
        shift = np.asarray(2.0 ** -np.round(np.log2(wider / scale)), np.float32)
        steps = self._rounded(self._between(self._binary("Mul", steps, shift), low, high), mode, origin)
        if zero:
            steps = self._binary("Sub", steps, zero * shift)
        shifted = int(zero * shift) if shift.size == 1 and float(zero * shift) == int(zero * shift) else SPAN
        self._scaled(x, steps, Range(wider, low - shifted, high - shifted), out)

    def _is_linear(self, x: str, scale: Float32) -> bool:
        """Whether QuantizeLinear has such a scale: one; of constants also along one dimension."""
        return scale.size == 1 or (x in self._fixed and max(scale.shape) == scale.size)

    def _clamped_below(self, x: str, found: Range) -> str:
        if found.high - found.low == SPAN:
            return x
        low = found.low * found.scale
        if low.size == 1 and low.reshape(-1)[0] == -1 and found.high == -found.low:
            ends = (self._constant("bound", np.float32(end)) for end in (-1, 1))  # as RELU_N1_TO_1
            return self._add("Clip", [x, *ends])
        return self._add("Relu", [x]) if found.low == 0 else self._binary("Max", x, low)

    def _linear(self, x: str, found: Range, out: str) -> None:
        """Add what rounds to the steps of a scale, as bytes in between."""
        one = found.scale.size == 1
        axis = 0 if one else int(np.argmax(found.scale.shape)) - found.scale.ndim
        shape: tuple[int, ...] = () if one else (-1,)
        byte = np.full(found.scale.size, _LARGEST - found.high, np.int8).reshape(shape)
        names = [self._constant("scale", found.scale.reshape(shape)), self._constant("zero_point", byte)]
        steps = self._add("QuantizeLinear", [x, *names], axis=axis)
        self._add("DequantizeLinear", [steps, *names], out, axis=axis)

    def _scaled(self, x: str, steps: str, found: Range, out: str) -> None:
        """Add the product with the scale, and say what its range is where bytes hold it."""
        if found.fits_bytes and self._is_linear(x, found.scale):
            self._linear(self._binary("Mul", steps, found.scale), found, out)
        else:
            self._binary("Mul", steps, found.scale, out)

    def _between(self, x: str, low: int, high: int) -> str:
        return self._binary("Min", self._binary("Max", x, np.float32(low)), np.float32(high))

    def _rounded(self, x: str, mode: str, origin: Origin) -> str:
        """Return whole numbers, by one of QONNX's ways to round."""
        if mode in _TO_EVEN:
            return self._add("Round", [x])
        if mode in ("FLOOR", "CEIL"):
            return self._add(mode.capitalize(), [x])
        ways = {
            "UP": ("Ceil", 0.0),
            "DOWN": ("Floor", 0.0),
            "HALF_UP": ("Floor", 0.5),
            "HALF_DOWN": ("Ceil", -0.5),
        }
        _need(mode in ways, origin, f"rounding mode {printable(mode)} is not known")
        kind, shift = ways[mode]
        size = self._add("Abs", [x])
        if shift:
            size = self._binary("Add", size, np.float32(shift))
        return self._add("Mul", [self._add("Sign", [x]), self._add(kind, [size])])

    def _scale(self, node: Any, index: int, origin: Origin) -> Float32:
        found = self._known(node, index, "scale", origin).astype(np.float32)
        good = found.size > 0 and np.isfinite(found).all() and bool((found > 0).all())
        _need(good, origin, "a scale is not positive")
        return found

    def _number(self, node: Any, index: int, what: str, origin: Origin) -> float:
        found = self._known(node, index, what, origin).astype(np.float64).reshape(-1)
        same = found.size > 0 and bool((found == found[0]).all()) and bool(np.isfinite(found[0]))
        _need(same, origin, f"{found.size} numbers as {what}; one is supported")
        return float(found[0])

    def _bits(self, node: Any, index: int, origin: Origin) -> int:
        bits = self._number(node, index, "bit width", origin)
        whole = bits == int(bits) and 1 <= bits <= _MOST_BITS
        _need(whole, origin, f"a bit width of {bits:g}; 1 to {_MOST_BITS} whole bits are supported")
        return int(bits)

    def _known(self, node: Any, index: int, what: str, origin: Origin) -> Array:
        name = node.input[index] if index < len(node.input) else ""
        found = self._value(name)
        if found is None:
            raise ModelError(
                f"{origin}: its {what} is {'computed' if name else 'missing'}; it has to be a constant"
            )
        return found

    def _value(self, name: str, depth: int = 0) -> Array | None:
        """Return a constant, or what a few operators make of constants: exporters leave a bit width as a logarithm."""
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        found = self._constants.get(name)
        if found is not None:
            return np.asarray(numpy_helper.to_array(found))
        node = self._makers.get(name)
        if node is None or node.domain or node.op_type not in _ARITHMETIC or depth > _DEEPEST:
            return None
        values = [self._value(n, depth + 1) for n in node.input if n]
        known = [v for v in values if v is not None and v.size <= _LONGEST]
        return _computed(node, known) if len(known) == len(values) else None

    def _binary(self, kind: str, x: str, value: Any, out: str = "") -> str:
        return self._add(kind, [x, self._constant("operand", np.asarray(value, np.float32))], out)

    def _add(self, kind: str, inputs: list[str], out: str = "", **attributes: Any) -> str:
        from onnx import helper  # noqa: PLC0415 - optional

        made = out or self._fresh(f"{inputs[0]}_{kind.lower()}")
        self._nodes.append(helper.make_node(kind, inputs, [made], **attributes))
        return made

    def _constant(self, name: str, value: npt.ArrayLike) -> str:
        from onnx import numpy_helper  # noqa: PLC0415 - optional

        made = self._fresh(name)
        self._graph.initializer.append(numpy_helper.from_array(np.array(value), made))
        return made

    def _fresh(self, name: str) -> str:
        found = fresh_name(name, self._names)
        self._names.add(found)
        return found


def _computed(node: Any, values: list[Array]) -> Array | None:
    from onnx.reference import ReferenceEvaluator  # noqa: PLC0415 - optional

    try:
        with np.errstate(all="ignore"):
            names = [n for n in node.input if n]
            (made,) = ReferenceEvaluator(node).run(None, dict(zip(names, values, strict=True)))
            return np.asarray(made)
    except Exception:  # of every type; the reader tells what is wrong with it
        return None


def _need(ok: Any, origin: Origin, why: str) -> None:
    if not ok:
        raise ModelError(f"{origin}: {why}")


def _attribute(node: Any, name: str, default: Any) -> Any:
    from onnx import helper  # noqa: PLC0415 - optional

    return next((helper.get_attribute_value(a) for a in node.attribute if a.name == name), default)


def _steps(node: Any, bits: int, signed: int = 1, narrow: int = 0) -> tuple[int, int]:
    """Return the least and the greatest step. signed, narrow: what is meant where the attributes are missing."""
    less = 1 if _attribute(node, "narrow", narrow) else 0
    if _attribute(node, "signed", signed):
        return -(2 ** (bits - 1)) + less, 2 ** (bits - 1) - 1
    return 0, 2**bits - 1 - less
