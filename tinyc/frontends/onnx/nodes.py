"""The operators of a file, read one after the other; what does not depend on the inputs is computed on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from tinyc.errors import ModelError
from tinyc.frontends.onnx.domains import UNKNOWN
from tinyc.frontends.onnx.guarded import DAMAGE, Guard, told
from tinyc.frontends.onnx.operators import READERS
from tinyc.frontends.onnx.prepare import constant
from tinyc.frontends.onnx.values import Draft, Known, Lazy, Node, Value
from tinyc.frontends.onnx.views import View
from tinyc.frontends.onnx.whole import as_whole, in_floats
from tinyc.ir import Array, Origin
from tinyc.plain import printable, reason

#: Elements that a constant may become.
_MOST = 1 << 24
#: What is computed where all inputs are known.
_COMPUTED = frozenset(
    (
        "Abs", "Acos", "Acosh", "Add", "AffineGrid", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh",
        "AveragePool", "BatchNormalization", "BitShift", "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor",
        "BlackmanWindow", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Compress", "Concat", "Constant",
        "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "Cosh", "CumSum", "DepthToSpace", "Div", "Einsum", "Elu",
        "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten", "Floor", "Gather", "GatherElements", "GatherND",
        "Gelu", "Gemm", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "Greater", "GreaterOrEqual",
        "GridSample", "GroupNormalization", "HammingWindow", "HannWindow", "HardSigmoid", "HardSwish", "Hardmax",
        "Identity", "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LayerNormalization", "LeakyRelu", "Less",
        "LessOrEqual", "Log", "LogSoftmax", "LpNormalization", "LpPool", "MatMul", "Max", "MaxPool", "Mean",
        "MeanVarianceNormalization", "MelWeightMatrix", "Min", "Mish", "Mod", "Mul", "Neg", "NonZero", "Not",
        "OneHot", "Or", "PRelu", "Pad", "Pow", "RMSNormalization", "Range", "Reciprocal", "ReduceL1", "ReduceL2",
        "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
        "ReduceSumSquare", "Relu", "Reshape", "Resize", "ReverseSequence", "Round", "ScatterElements", "ScatterND",
        "Selu", "Shape", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Size", "Slice", "Softmax", "Softplus",
        "Softsign", "SpaceToDepth", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Swish", "Tan", "Tanh",
        "ThresholdedRelu", "Tile", "TopK", "Transpose", "Trilu", "Unique", "Unsqueeze", "Where", "Xor",
    )
)  # fmt: skip
#: What takes any element type, and what takes elements that are true or not.
_ANY = frozenset(("Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"))
_BOOLS = frozenset(("And", "Equal", "Expand", "Not", "Or", "ReduceMax", "ReduceMin", "Tile", "Where", "Xor"))


@dataclass
class Reading:
    """What is known so far. found: by name; missing: what could not be read, or depends on that; opset: of the file."""

    draft: Draft
    file: str
    opset: int
    found: dict[str, Lazy | Known] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    guard: Guard = field(default_factory=Guard)

    def constants(self, initializers: Iterable[Any]) -> None:
        self.found.update((i.name, Known(constant(i, self.file))) for i in initializers)

    def nodes(self, protos: Iterable[Any], at: int | None = None) -> None:
        """Read operators; what is wrong with each is kept. at: index of the operator that they are part of."""
        for index, proto in enumerate(protos):
            try:
                self._node(index if at is None else at, proto)
            except ModelError as problem:
                self.missing.update(proto.output)
                self.problems.append(problem.message)
            except DAMAGE as problem:
                self.missing.update(proto.output)
                self.problems.append(f"{self._origin(index if at is None else at, proto)}: {told(problem)}")

    def _origin(self, index: int, proto: Any) -> Origin:
        label = printable(proto.output[0]) if proto.output else ""
        return Origin(self.file, index, printable(proto.op_type), label)

    def _node(self, index: int, proto: Any) -> None:
        from onnx import helper  # noqa: PLC0415 - optional

        origin = self._origin(index, proto)
        reader = READERS.get(proto.op_type) if not proto.domain else None
        if self.missing.intersection(proto.input):
            # refused for what came before: not worth a line, if it is supported or would have gone
            if reader is None and (proto.domain or proto.op_type not in (*_COMPUTED, "If")):
                raise ModelError(f"{origin}: {_unsupported(proto)}")
            self.missing.update(proto.output)
            return
        inputs = tuple(self.found.get(name) if name else None for name in proto.input)
        if proto.op_type == "If" and isinstance(inputs[0], Known):
            self._branch(index, proto, bool(inputs[0].data.reshape(-1)[0]))
            return
        computed = self._computed(proto, inputs, origin) or self._nothing(proto, inputs)
        if computed is not None:
            self.guard.constants(computed, origin)
            self.found.update(zip(proto.output, map(Known, computed), strict=False))
            return
        if reader is None:
            raise ModelError(f"{origin}: {_unsupported(proto)}")
        attributes = {a.name: helper.get_attribute_value(a) for a in proto.attribute}
        outputs = tuple(map(printable, proto.output))
        node = Node(self.draft, origin, proto.op_type, inputs, outputs, attributes)
        node = in_floats(node)
        _check_types(node)
        _check_bytes(node)
        made = as_whole(node, self.guard.read(node, reader))
        self.found.update(zip(proto.output, made, strict=False))

    def _branch(self, index: int, proto: Any, taken: bool) -> None:
        """Read the branch of an If that is always taken."""
        name = "then_branch" if taken else "else_branch"
        graph = next(a.g for a in proto.attribute if a.name == name)
        self.constants(graph.initializer)
        self.nodes(graph.node, index)
        for inner, outer in zip(graph.output, proto.output, strict=False):
            if inner.name in self.found:
                self.found[outer] = self.found[inner.name]
            else:
                self.missing.add(outer)

    def _computed(
        self, proto: Any, inputs: tuple[Lazy | Known | None, ...], origin: Origin
    ) -> list[Array] | None:
        """Return the outputs of an operator that depends on no input, None for any other."""
        if proto.domain or proto.op_type not in _COMPUTED:
            return None
        if proto.op_type in ("Shape", "Size") and inputs and inputs[0] is not None:
            shape = self.draft.shape(inputs[0])
            if proto.op_type == "Size":
                return [np.array(prod(shape), np.int64)]
            ends = {a.name: a.i for a in proto.attribute}
            return [np.array(shape[ends.get("start", 0) : ends.get("end", len(shape))], np.int64)]
        values = [i.data for i in inputs if isinstance(i, Known)]
        if len(values) != sum(1 for name in proto.input if name):
            return None
        if _size(proto.op_type, values) > _MOST:
            raise ModelError(f"{origin}: it makes a constant of more than {_MOST:,} elements")
        return self._evaluated(proto, values, origin)

    def _nothing(self, proto: Any, inputs: tuple[Lazy | Known | None, ...]) -> list[Array] | None:
        """Return the product of integers with 0, by which files keep an input that nothing needs."""
        known = [i.data for i in inputs if isinstance(i, Known)]
        others = [i for i in inputs if isinstance(i, Value | View)]
        if proto.op_type != "Mul" or len(known) != 1 or len(others) != 1:
            return None
        (zeros,), (other,) = known, others
        if zeros.dtype.kind not in "iu" or np.any(zeros) or prod(self.draft.shape(other)) > _MOST:
            return None
        return [np.zeros(np.broadcast_shapes(zeros.shape, self.draft.shape(other)), zeros.dtype)]

    def _evaluated(self, proto: Any, values: list[Array], origin: Origin) -> list[Array]:
        from onnx.reference import ReferenceEvaluator  # noqa: PLC0415 - optional

        names = [name for name in proto.input if name]
        try:
            with np.errstate(all="ignore"):
                made = ReferenceEvaluator(proto, opsets={"": self.opset}).run(
                    None, dict(zip(names, values, strict=True))
                )
        except Exception as problem:  # the package raises errors of every type
            raise ModelError(f"{origin}: it cannot be computed: {reason(problem, 120)}") from problem
        return [
            np.asarray(m).astype(np.float32) if np.asarray(m).dtype.kind == "f" else np.asarray(m)
            for m in made
        ]


def _unsupported(proto: Any) -> str:
    if not proto.domain and proto.op_type in _COMPUTED:
        return "this operator is supported of constants alone"
    if proto.op_type == "ZipMap":
        return "its output is a dictionary, no tensor; export with options={'zipmap': False}"
    domain = "" if proto.domain in ("", UNKNOWN) else f" of {printable(proto.domain)}"
    return f"this operator{domain} is not supported"


def _size(kind: str, values: list[Array]) -> int:
    """Return about how many elements an operator makes of constants."""
    given = sum(v.size for v in values)
    if kind in ("ConstantOfShape", "Expand") and values:
        return prod(max(1, int(s)) for s in values[-1].reshape(-1))
    if kind == "Tile" and len(values) == 2:
        return values[0].size * prod(max(1, int(s)) for s in values[1].reshape(-1))
    if kind == "Range" and len(values) == 3:
        start, limit, step = (float(v.reshape(-1)[0]) for v in values)
        return int(abs(limit - start) / max(abs(step), 1e-9))
    return given


def _check_types(node: Node) -> None:
    """Check that what is computed has element types that the operator takes."""
    computed = [v for v in node.inputs if v is not None and not isinstance(v, Known)]
    found = {node.draft.tensors[v.name].type.dtype for v in computed} - {"float32", "int8"}
    if node.kind in _BOOLS:
        found -= {"bool"}
    taken = not found or node.kind in _ANY
    node.need(taken, f"an operand is {', '.join(sorted(found))}; only float32 is computed with")


def _check_bytes(node: Node) -> None:
    """Bytes are read by DequantizeLinear alone: what moves bytes was made to move real numbers."""
    kinds = {node.draft.tensors[v.name].type.dtype for v in node.inputs if isinstance(v, Value | View)}
    node.need(
        "int8" not in kinds or node.kind == "DequantizeLinear", "it computes on bytes without their scale"
    )
