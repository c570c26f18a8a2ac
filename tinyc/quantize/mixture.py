"""A network of which some things are quantized and others are not, computed in float32."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinyc.ir import Graph, Op
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.floats import compute_floats, operands_of
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.softmax import Softmax
from tinyc.quantize.quantize import Choice, with_weights
from tinyc.quantize.storage import Storage, Values, by_bytes
from tinyc.quantize.weights import is_weighted


class Mixture:
    """What a choice of scales and weights makes of samples; as int8 but for the order of sums and single steps."""

    def __init__(self, choice: Choice) -> None:
        self._graph, self._choice = choice.graph, choice
        graph = choice.graph
        self._storage = Storage(graph, choice.floats)
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
            given = self._storage.as_read(op, values, self._choice.quants)
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
        return name in self._choice.quants and not self.is_float(name)

    def is_float(self, name: str) -> bool:
        """Whether only float layers compute or read an activation."""
        return self._storage.is_float(name)

    def rounded(self, name: str, value: Any) -> Any:
        """Return the real numbers of an activation's bytes."""
        return by_bytes(name, value, self._choice.quants)

    def _stored(self, name: str, value: Any) -> Any:
        return self._storage.stored(name, value, self._choice.quants)


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
