"""Single ops of float32 with random weights, as one graph of many independent ops, compiled for this computer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tests.kernels.float_host import ISAS, computed
from tinyc.ir import Array, Graph, Op, Origin, Port, Tensor, TensorType, verify
from tinyc.ops.floats import evaluate_floats
from tinyc.schedule import plan_layers

Float32 = npt.NDArray[np.float32]
Shape = tuple[int, ...]


@dataclass
class FloatTable:
    """Ops side by side, each with its own inputs and output; what is random follows from `seed`."""

    seed: int
    tensors: dict[str, Tensor] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def noise(self, *shape: int, scale: float = 1.0) -> Float32:
        return (scale * self.rng.normal(size=shape)).astype(np.float32)

    def input(self, *shape: int) -> str:
        name = f"x{len(self.tensors)}"
        self.tensors[name] = Tensor(name, TensorType(shape, "float32"))
        self.inputs.append(name)
        return name

    def constant(self, data: Array) -> str:
        name = f"c{len(self.tensors)}"
        self.tensors[name] = Tensor(name, TensorType(data.shape, str(data.dtype)), data)
        return name

    def add(self, kind: type[Op], inputs: Sequence[str], *attributes: object, dtype: str = "float32") -> str:
        """Append an op whose output has the shape that it infers, and return that."""
        name = f"y{len(self.tensors)}"
        origin = Origin("table", len(self.ops), kind.kind.upper(), name)
        op = kind(tuple(inputs), (name,), origin, *attributes)
        (shape,) = op.infer(op.named(self.tensors[n].type if n else None for n in inputs))
        self.tensors[name] = Tensor(name, TensorType(shape, dtype))
        self.ops.append(op)
        return name

    def graph(self) -> Graph:
        """Every tensor that no op reads is an output."""

        def port(name: str) -> Port:
            return Port(name, name, self.tensors[name].type)

        read = {n for op in self.ops for n in op.inputs}
        outputs = tuple(port(n) for op in self.ops for n in op.outputs if n not in read)
        return verify(Graph("table", self.tensors, tuple(self.ops), tuple(map(port, self.inputs)), outputs))

    def samples(self, graph: Graph, count: int = 2) -> dict[str, Float32]:
        return {p.tensor: self.noise(count, *p.type.shape) for p in graph.inputs}


def check(table: FloatTable) -> None:
    """Fail unless every op's C computes what numpy does, but for 1e-5 times the largest number of its output."""
    graph = table.graph()
    inputs = table.samples(graph)
    found = computed(plan_layers(graph, ISAS), [inputs[p.tensor] for p in graph.inputs])
    want = evaluate_floats(graph, inputs)
    for port, got in zip(graph.outputs, found, strict=True):
        wrong = problem(got, want[port.tensor], 1e-5)
        assert wrong is None, f"{graph.writer(port.tensor)}: {wrong}"


def problem(got: Array, want: Array, relative: float) -> str | None:
    """Say how far `got` lies from `want`, None where it is near enough; equal infinities and NaN are equal."""
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"{got.dtype}{list(got.shape)}, wanted {want.dtype}{list(want.shape)}"
    a, b = got.astype(np.float64), want.astype(np.float64)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(invalid="ignore"):
        error = np.where(same, 0.0, np.abs(a - b))
    finite = np.abs(b[np.isfinite(b)])
    largest = float(finite.max()) if finite.size else 0.0
    worst = float(np.nan_to_num(error, nan=np.inf).max(initial=0.0))
    return None if worst <= relative * largest else f"off by {worst:g} where the largest is {largest:g}"
