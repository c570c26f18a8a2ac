"""QONNX models, and their operators as the specification defines them, for onnx's own evaluator.

https://github.com/fastmachinelearning/qonnx/tree/main/docs/qonnx-custom-ops
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

DOMAIN = "qonnx.custom_op.general"
MODES = ("ROUND", "HALF_EVEN", "FLOOR", "CEIL", "UP", "DOWN", "HALF_UP", "HALF_DOWN")


def rounded(x: Any, mode: str) -> Any:
    """Halves to even, away from zero and towards it; to the next whole number down, up, away from zero, towards it."""
    size, sign = np.abs(x), np.sign(x)
    return {
        "ROUND": np.rint(x),
        "HALF_EVEN": np.rint(x),
        "FLOOR": np.floor(x),
        "CEIL": np.ceil(x),
        "UP": sign * np.ceil(size),
        "DOWN": np.trunc(x),
        "HALF_UP": sign * np.floor(size + np.float32(0.5)),
        "HALF_DOWN": sign * np.ceil(size - np.float32(0.5)),
    }[mode]


def limits(bits: Any, signed: int, narrow: int) -> tuple[float, float]:
    if signed:
        return float(-(2 ** (bits - 1)) + narrow), float(2 ** (bits - 1) - 1)
    return 0.0, float(2**bits - 1 - narrow)


class Quant(OpRun):
    op_domain = DOMAIN

    def _run(self, x: Any, scale: Any, zero: Any, bits: Any, signed: int = 1, narrow: int = 0, rounding_mode: str = "ROUND") -> Any:  # fmt: skip  # noqa: E501
        if int(bits) == 1 and signed:
            return (np.where(x / scale + zero >= 0, scale, -scale).astype(np.float32),)
        low, high = limits(float(np.asarray(bits).reshape(-1)[0]), signed, narrow)
        steps = rounded(np.clip(x / scale + zero, low, high), rounding_mode)
        return (((steps - zero) * scale).astype(np.float32),)


class BipolarQuant(OpRun):
    op_domain = DOMAIN

    def _run(self, x: Any, scale: Any) -> Any:
        return (np.where(x >= 0, scale, -scale).astype(np.float32),)


class Trunc(OpRun):
    op_domain = DOMAIN

    def _run(self, x: Any, scale: Any, zero: Any, before: Any, *more: Any, rounding_mode: str = "FLOOR", signed: int = 1, narrow: int = 0) -> Any:  # fmt: skip  # noqa: E501
        steps = np.rint(x / scale + zero)
        if len(more) == 1:
            divisor = 2.0 ** (float(before) - float(more[0]))
            return (((rounded(steps / divisor, rounding_mode) - zero) * scale).astype(np.float32),)
        wider, after = more
        divisor = 2.0 ** np.round(np.log2(wider / scale))
        steps = rounded(np.clip(steps / divisor, *limits(float(after), signed, narrow)), rounding_mode)
        return (((steps - zero / divisor) * wider).astype(np.float32),)


def evaluated(model: Any, inputs: Sequence[Any]) -> list[Any]:
    """Return the first output for each sample, by the specification."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.opset_import[0].version = 19  # of older ones the evaluator has only the training of normalizations
    run = ReferenceEvaluator(copy, new_ops=[Quant, BipolarQuant, Trunc])
    name = model.graph.input[0].name
    return [np.asarray(run.run(None, {name: x})[0]) for x in inputs]


class Net:
    """A QONNX model in the making.

    form: how steps are written: "quant" by the operator of that name, "clip" by QuantizeLinear, Clip and
    DequantizeLinear, as Brevitas does beside QONNX, "apart" with the scale before and behind, as qonnx extracts it.
    """

    def __init__(self, seed: int = 0, form: str = "quant") -> None:
        self.rng = np.random.default_rng(seed)
        self._form = form
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], domain: str = "", **attributes: Any) -> str:
        out = f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [out], domain=domain, **attributes))
        return out

    def quant(self, x: str, scale: Any, bits: float, zero: float = 0, signed: int = 1, narrow: int = 0, mode: str = "ROUND") -> str:  # fmt: skip  # noqa: E501
        if self._form == "apart":
            factor = self.constant(scale)
            steps = self.node("Quant", [self.node("Div", [x, factor]), *(self.constant(v) for v in (1.0, zero, bits))], DOMAIN, signed=signed, narrow=narrow)  # fmt: skip  # noqa: E501
            return self.node("Mul", [steps, factor])
        if self._form == "clip":
            return self._clipped(x, scale, zero, limits(bits, signed, narrow))
        names = [x, *(self.constant(v) for v in (scale, zero, bits))]
        return self.node("Quant", names, DOMAIN, signed=signed, narrow=narrow, rounding_mode=mode)

    def _clipped(self, x: str, scale: Any, zero: float, ends: tuple[float, float]) -> str:
        """scale: one, or one for each channel, which is dimension 0."""
        dtype = np.uint8 if ends[0] == 0 else np.int8
        scales = np.asarray(scale).reshape(-1) if np.ndim(scale) else np.asarray(scale)
        names = [self.constant(scales), self.constant(np.full(scales.shape, zero), dtype)]
        steps = self.node("QuantizeLinear", [x, *names], axis=0)
        steps = self.node("Clip", [steps, *(self.constant(end, dtype) for end in ends)])
        return self.node("DequantizeLinear", [steps, *names], axis=0)

    def bipolar(self, x: str, scale: Any) -> str:
        return self.node("BipolarQuant", [x, self.constant(scale)], DOMAIN)

    def weights(self, *shape: int, bits: int = 2, per_channel: bool = False) -> str:
        """Ternary ones, or of more bits."""
        scale: Any = self.rng.uniform(0.1, 2, (shape[0], *(1,) * (len(shape) - 1))) if per_channel else 1.0
        data = self.rng.normal(size=shape) * 0.7 * 2 ** (bits - 2) * scale
        return self.quant(self.constant(data), scale, bits, narrow=1)

    def normalized(self, x: str, channels: int) -> str:
        draw = self.rng.uniform
        parameters = (
            draw(0.5, 2, channels),
            draw(-1, 1, channels),
            draw(-3, 3, channels),
            draw(4, 90, channels),
        )
        return self.node("BatchNormalization", [x, *(self.constant(p) for p in parameters)])

    def model(
        self, shape: Sequence[int], out: str, made: Sequence[int], opset: int = 13, declared: bool = True
    ) -> Any:
        """made: shape of the output; declared: whether the model names the domain among its own, as it should."""
        graph = helper.make_graph(
            self._nodes,
            "qonnx",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
            [helper.make_tensor_value_info(out, TensorProto.FLOAT, list(made))],
            self._constants,
        )
        domains = [helper.make_opsetid("", opset), *([helper.make_opsetid(DOMAIN, 1)] if declared else [])]
        return helper.make_model(graph, opset_imports=domains, ir_version=8)


def one(x_shape: Sequence[int], opset: int = 13, **how: Any) -> Any:
    """One Quant of the input."""
    net = Net()
    return net.model(x_shape, net.quant("x", **how), x_shape, opset)


def convolutions(
    seed: int, act_bits: int, act_scale: float, weight_bits: int = 2, opset: int = 13, form: str = "quant"
) -> Any:
    """Convolutions of few bits, a maximum, a dense layer and a normalization of one scale, as TFC and CNV have them."""
    net = Net(seed, form)
    ends = {"signed": 1, "narrow": 1} if act_bits == 2 else {"signed": 0}
    x = net.quant("x", 1.0, 3, narrow=1)
    for channels, inputs in ((9, 3), (13, 9)):
        w = net.weights(channels, inputs, 3, 3, bits=weight_bits, per_channel=channels == 13)
        x = net.normalized(net.node("Conv", [x, w], pads=[1, 1, 1, 1]), channels)
        x = net.quant(x, act_scale, act_bits, **ends)
        x = net.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
    flat = net.node("Flatten", [x])
    w = net.node("Transpose", [net.weights(21, 13 * 2 * 3, bits=weight_bits)], perm=[1, 0])
    x = net.quant(net.normalized(net.node("MatMul", [flat, w]), 21), act_scale, act_bits, **ends)
    w = net.node("Transpose", [net.weights(5, 21)], perm=[1, 0])
    y = net.node("MatMul", [x, w])
    y = net.node("Mul", [net.node("Sub", [y, net.constant(1.7)]), net.constant(0.044)])
    return net.model((1, 3, 8, 12), net.node("Add", [y, net.constant(-0.3)]), (1, 5), opset)


def branches(seed: int, signed: int, scales: tuple[float, float], kind: str = "Add") -> Any:
    """Two branches that are added without a scale for the sum, and windows averaged without one, before ternary layers.

    scales: of the branches.
    """
    net = Net(seed)
    x = net.quant("x", 0.5, 4)

    def branch(scale: float) -> str:
        y = net.normalized(net.node("Conv", [x, net.weights(8, 3, 3, 3)], pads=[1, 1, 1, 1]), 8)
        return net.quant(y, scale, 2, signed=signed, narrow=signed)

    y = net.node(kind, [branch(scale) for scale in scales])
    y = net.normalized(net.node("Conv", [y, net.weights(8, 1, 3, 3)], pads=[1, 1, 1, 1], group=8), 8)
    y = net.node("AveragePool", [net.quant(y, 0.3, 2, signed=0)], kernel_shape=[2, 2], strides=[2, 2])
    y = net.quant(net.normalized(net.node("Conv", [y, net.weights(6, 8, 1, 1)]), 6), 0.5, 3)
    return net.model((1, 3, 8, 12), y, (1, 6, 4, 6))


def binary(seed: int, scale: float) -> Any:
    """A network whose weights and activations are two numbers each."""
    net = Net(seed)

    def weights(*shape: int) -> str:
        return net.bipolar(net.constant(net.rng.normal(size=shape)), 1.0)

    x = net.bipolar("x", scale)
    x = net.bipolar(net.normalized(net.node("Conv", [x, weights(9, 3, 3, 3)]), 9), scale)
    x = net.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
    x = net.bipolar(net.normalized(net.node("Conv", [x, weights(12, 9, 2, 2)]), 12), scale)
    x = net.node("Flatten", [x])
    x = net.bipolar(net.normalized(net.node("Gemm", [x, weights(17, 12 * 2 * 4)], transB=1), 17), scale)
    y = net.node("Gemm", [x, weights(5, 17)], transB=1)
    return net.model((1, 3, 8, 12), net.node("Mul", [y, net.constant(0.31)]), (1, 5))


def averaged(mode: str, shift: int, bits: int = 8) -> Any:
    """Averages of windows whose last bits are cut off, as Brevitas' TruncAvgPool is exported."""
    net = Net(1)
    y = net.node("AveragePool", [net.quant("x", 0.5, 6)], kernel_shape=[4, 4], strides=[4, 4])
    names = [y, *(net.constant(v) for v in (0.5 / 16, 0.0, 10.0, 0.5 / 16 * 2**shift, bits))]
    y = net.node("Trunc", names, DOMAIN, rounding_mode=mode, signed=1, narrow=0)
    return net.model((1, 3, 8, 8), y, (1, 3, 2, 2))


def signs() -> Any:
    """A convolution whose outputs become two numbers, of which bits are cut off."""
    net = Net(3)
    y = net.bipolar(net.normalized(net.node("Conv", ["x", net.weights(4, 3, 3, 3)]), 4), 0.5)
    names = [y, *(net.constant(v) for v in (0.25, 0.0, 7.0, 4.0))]
    return net.model((1, 3, 8, 8), net.node("Trunc", names, DOMAIN, rounding_mode="FLOOR"), (1, 4, 6, 6))


def saved(model: Any, folder: Path, name: str = "q.onnx") -> Path:
    onnx.save(model, folder / name)
    return folder / name
