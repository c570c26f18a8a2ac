"""A network of which some things are quantized and others are not, computed in float32."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.ir import Graph, Op
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.floats import compute_floats, operands_of
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.softmax import Softmax
from tinyc.quantize.quantize import Choice, with_weights
from tinyc.quantize.ranges import rounded
from tinyc.quantize.weights import is_weighted

Float32 = npt.NDArray[np.float32]
Values = Mapping[str, Any]


class Mixture:
    """What a choice of scales and weights makes of samples; as int8 but for the order of sums and single steps."""

    def __init__(self, choice: Choice) -> None:
        self._graph, self._choice = choice.graph, choice
        graph = choice.graph
        #: Tensors that lie in memory as floats.
        self._real = set(choice.floats).union(
            p.tensor
            for p in graph.inputs
            if any(graph.ops[i].outputs[0] in choice.floats for i in graph.consumers[p.tensor])
        )
        #: By output, the graph in which an op has the weights that its bytes stand for.
        self._with_bytes = {
            op.outputs[0]: with_weights(graph, op, choice.weights[op.weights])
            for op in graph.ops
            if is_weighted(op, graph) and op.weights in choice.weights and op.outputs[0] not in choice.floats
        }

    def int8(self, inputs: Values) -> dict[str, Any]:
        """Return every activation of the quantized network. inputs: by tensor, [N, *shape]."""
        values = {name: self._stored(name, x) for name, x in inputs.items()}
        for op in self._graph.ops:
            (out,) = op.outputs
            loose = () if out in self._choice.floats else self._real.intersection(op.inputs)
            given = {**values, **{n: self.rounded(n, values[n]) for n in loose}} if loose else values
            values[out] = self._stored(out, self.by_bytes(op, given))
        return values

    def by_bytes(self, op: Op, values: Values) -> Any:
        """Return what an op computes with its quantized weights."""
        graph = self._with_bytes.get(op.outputs[0], self._graph)
        return compute_floats(self._graph, op, operands_of(graph, op, values))

    def has_bytes(self, op: Op) -> bool:
        """Whether the op has weights that became bytes."""
        return op.outputs[0] in self._with_bytes

    def is_rounded(self, name: str) -> bool:
        """Whether an activation becomes bytes."""
        return name in self._choice.quants and name not in self._choice.floats

    def rounded(self, name: str, value: Any) -> Any:
        """Return the real numbers of an activation's bytes."""
        quants = self._choice.quants
        return rounded(np.asarray(value, np.float32), quants[name]) if name in quants else value

    def _stored(self, name: str, value: Any) -> Any:
        return value if name in self._real else self.rounded(name, value)


def exact_values(graph: Graph, inputs: Values) -> dict[str, Any]:
    """Return every activation of the float network."""
    return after(graph, inputs, {}, graph.ops)


def after(graph: Graph, values: Values, changed: Values, ops: Iterable[Op]) -> dict[str, Any]:
    """Return the activations that differ where some were changed: of the ops, those that read any of them."""
    found = dict(changed)
    every = {**values, **changed}
    for op in ops:
        if changed and not any(name in found for name in op.inputs):
            continue
        (out,) = op.outputs
        found[out] = every[out] = compute_floats(graph, op, operands_of(graph, op, every))
    return found if changed else every


def answers_of(graph: Graph) -> list[str]:
    """Return the tensors that tell what the network answers: of a softmax, what it is computed from."""
    found: dict[str, None] = {}
    for name in graph.output_tensors:
        op = graph.ops[graph.producer[name]] if name in graph.producer else None
        found[op.inputs[0] if isinstance(op, Softmax | LogSoftmax | ArgMax) else name] = None
    return list(found)
