"""Single ops with random weights, as one graph of many independent ops: a whole table of shapes in one run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tinyc.ir import Activation, Array, Graph, Op, Origin, Port, Quant, Reference, Tensor, TensorType, verify
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.byte_table import ByteTable
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.depthwise_conv2d import DepthwiseConv2D
from tinyc.ops.fully_connected import FullyConnected
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.sub import Sub
from tinyc.ops.sum import Sum
from tinyc.ops.transpose_conv import TransposeConv
from tinyc.ops.window import Window

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Bytes:
    """Output bytes: their zero point, and the activation."""

    zero_point: int
    activation: Activation = Activation.NONE


RELU = Bytes(-128)
LINEAR = Bytes(9)
CLAMPED = Bytes(-20, Activation.RELU6)


@dataclass
class Table:
    """Ops side by side, each with its own inputs and output; what is random follows from `seed`."""

    seed: int
    reference: Reference = "litert"
    #: Whether weights are -1, 0 and 1 times a number per channel.
    ternary: bool = False
    #: Least and greatest multiple, and of which number, where weights are few.
    levels: tuple[int, int, int] | None = None
    tensors: dict[str, Tensor] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def graph(self) -> Graph:
        def port(name: str) -> Port:
            return Port(name, name, self.tensors[name].type)

        outputs = tuple(port(op.outputs[0]) for op in self.ops)
        inputs = tuple(map(port, self.inputs))
        return verify(Graph("table", self.tensors, tuple(self.ops), inputs, outputs, self.reference))

    def bytes(self, graph: Graph, extreme: bool) -> dict[str, Array]:
        """Inputs by name: noise, or only the least and the greatest byte."""
        found: dict[str, Array] = {}
        for p in graph.inputs:
            noise = self.rng.integers(-128, 128, p.type.shape)
            found[p.tensor] = (
                np.where(noise < 0, -128, 127).astype(np.int8) if extreme else noise.astype(np.int8)
            )
        return found

    def conv(
        self,
        size: tuple[int, int, int],
        out: int,
        window: Window,
        to: Bytes,
        *,
        bias: bool = True,
        per_channel: bool = True,
        spread: float = 1.0,
    ) -> None:
        """size: rows, columns, channels of the input; spread: of outputs over bytes."""
        kernel = window.kernel
        weights = self._weights((out, *kernel, size[2]), 0, per_channel)
        x = self._input((1, *size))
        y = self._output(
            (1, *window.output_size(*size[:2]), out), to.zero_point, kernel[0] * kernel[1] * size[2], spread
        )
        inputs = (x, weights, self._bias(out, kernel[0] * kernel[1] * size[2]) if bias else "")
        self.ops.append(Conv2D(inputs, (y,), self._origin("CONV_2D"), window, to.activation))

    def transposed(
        self,
        size: tuple[int, int, int],
        out: tuple[int, int, int],
        window: Window,
        to: Bytes,
        *,
        bias: bool = True,
        per_channel: bool = True,
    ) -> None:
        """size, out: rows, columns, channels; window: as it lies on the output."""
        depth = max(1, window.kernel[0] * window.kernel[1] * size[2] // (window.stride[0] * window.stride[1]))
        weights = self._weights((out[2], *window.kernel, size[2]), 0, per_channel)
        x = self._input((1, *size))
        y = self._output((1, *out), to.zero_point, depth, 1.0)
        inputs = (x, weights, self._bias(out[2], depth) if bias else "")
        origin = self._origin("TRANSPOSE_CONV")
        self.ops.append(TransposeConv(inputs, (y,), origin, window, out[:2], to.activation))

    def depthwise(
        self,
        size: tuple[int, int, int],
        window: Window,
        to: Bytes,
        *,
        multiplier: int = 1,
        bias: bool = True,
        spread: float = 1.0,
    ) -> None:
        out, taps = size[2] * multiplier, window.kernel[0] * window.kernel[1]
        weights = self._weights((1, *window.kernel, out), 3, True)
        x = self._input((1, *size))
        y = self._output((1, *window.output_size(*size[:2]), out), to.zero_point, taps, spread)
        inputs = (x, weights, self._bias(out, taps) if bias else "")
        origin = self._origin("DEPTHWISE_CONV_2D")
        self.ops.append(DepthwiseConv2D(inputs, (y,), origin, window, multiplier, to.activation))

    def dense(
        self,
        depth: int,
        out: int,
        to: Bytes,
        *,
        vectors: int = 1,
        bias: bool = True,
        per_channel: bool = False,
    ) -> None:
        weights = self._weights((out, depth), 0, per_channel)
        x = self._input((vectors, depth))
        y = self._output((vectors, out), to.zero_point, depth, 1.0)
        inputs = (x, weights, self._bias(out, depth) if bias else "")
        self.ops.append(FullyConnected(inputs, (y,), self._origin("FULLY_CONNECTED"), to.activation))

    def binary(
        self, kind: type[Add | Sub | Mul], shape: Shape, to: Bytes, second: Shape | None = None
    ) -> None:
        """second: of the second operand, which repeats; None for that of the first."""
        a, b = self._input(shape), self._input(second or shape)
        scale = 0.02 if kind is Mul else 0.07
        y = self._tensor(TensorType(shape, "int8", Quant((scale,), (to.zero_point,))))
        self.ops.append(kind((a, b), (y,), self._origin(kind.kind.upper()), to.activation))

    def table(self, shape: Shape) -> None:
        """Any function of a byte."""
        x = self._input(shape)
        y = self._tensor(self.tensors[x].type)
        entries = self.rng.integers(-128, 128, 256).astype(np.int8).tobytes()
        self.ops.append(ByteTable((x,), (y,), self._origin("TABLE"), entries))

    def pool(
        self,
        kind: type[MaxPool2D | AveragePool2D],
        size: tuple[int, int, int],
        window: Window,
        activation: Activation = Activation.NONE,
    ) -> None:
        x = self._input((1, *size))
        shape = (1, *window.output_size(*size[:2]), size[2])
        y = self._tensor(TensorType(shape, "int8", self.tensors[x].type.quant))
        self.ops.append(kind((x,), (y,), self._origin(kind.kind.upper()), window, activation))

    def mean(self, size: tuple[int, int, int]) -> None:
        x = self._input((1, *size))
        y = self._tensor(TensorType((1, size[2]), "int8", Quant((0.011,), (-7,))))
        self.ops.append(Mean((x,), (y,), self._origin("MEAN"), (1, 2), False))

    def of_vectors(self, kind: type[Mean | Sum | ReduceMax | ReduceMin], size: tuple[int, int, int]) -> None:
        """Over channels, which become one."""
        x = self._input((1, *size))
        own = Quant((0.9,), (11,)) if kind is Sum else Quant((0.011,), (-7,))
        quant = self.tensors[x].type.quant if kind in (ReduceMax, ReduceMin) else own
        y = self._tensor(TensorType((1, *size[:2], 1), "int8", quant))
        self.ops.append(kind((x,), (y,), self._origin(kind.kind.upper()), (3,), True))

    def extreme(self, kind: type[ReduceMax | ReduceMin], size: tuple[int, int, int]) -> None:
        x = self._input((1, *size))
        y = self._tensor(TensorType((1, size[2]), "int8", self.tensors[x].type.quant))
        self.ops.append(kind((x,), (y,), self._origin(kind.kind.upper()), (1, 2), False))

    def _origin(self, kind: str) -> Origin:
        return Origin("table", len(self.ops), kind, f"op {len(self.ops)}")

    def _tensor(self, kind: TensorType, data: Array | None = None) -> str:
        name = f"t{len(self.tensors)}"
        self.tensors[name] = Tensor(name, kind, data)
        return name

    def _input(self, shape: Shape) -> str:
        zero_point = int(self.rng.choice([-128, -5, 0, 83, 127]))
        scale = float(np.float32(self.rng.uniform(0.01, 0.04)))
        self.inputs.append(self._tensor(TensorType(shape, "int8", Quant((scale,), (zero_point,)))))
        return self.inputs[-1]

    def _weights(self, shape: Shape, axis: int, per_channel: bool) -> str:
        count = shape[axis] if per_channel else 1
        scales = tuple(float(np.float32(s)) for s in self.rng.uniform(0.004, 0.02, count))
        data = self.rng.integers(-127, 128, shape).astype(np.int8)
        if self.ternary:
            most = self.rng.integers(1, 128, [n if i == axis else 1 for i, n in enumerate(shape)])
            data = (self.rng.integers(-1, 2, shape) * most).astype(np.int8)
        if self.levels:
            low, high, step = self.levels
            data = (self.rng.integers(low, high + 1, shape) * step).astype(np.int8)
        return self._tensor(TensorType(shape, "int8", Quant(scales, (0,) * count, axis)), data)

    def _bias(self, count: int, depth: int) -> str:
        data = self.rng.integers(-4000 * depth, 4000 * depth, count).astype(np.int32)
        return self._tensor(TensorType((count,), "int32", None), data)

    def _output(self, shape: Shape, zero_point: int, depth: int, spread: float) -> str:
        """A scale that lets the dot products of `depth` random bytes fill the range of a byte about `spread` times."""
        accumulator = 75.0 * 73.0 * depth**0.5 + 2000.0 * depth
        scale = float(np.float32(0.025 * 0.012 * accumulator / (60.0 * spread)))
        return self._tensor(TensorType(shape, "int8", Quant((scale,), (zero_point,))))
