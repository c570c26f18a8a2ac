"""The search for scales and weights: from a float graph and samples to an int8 graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeGuard

import numpy as np
import numpy.typing as npt

from tinyc.data import Rows
from tinyc.errors import ModelError
from tinyc.ir import Array, Graph, Op, Quant
from tinyc.ops.arg_max import ArgMax
from tinyc.ops.concat import Concat
from tinyc.ops.floats import compute_floats, operands_of
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.softmax import Softmax
from tinyc.quantize.answers import joined_answers
from tinyc.quantize.apply import int8_graph
from tinyc.quantize.clamps import without_clamped
from tinyc.quantize.equalise import equalised
from tinyc.quantize.floats import float_layers, in_known_forms, suited
from tinyc.quantize.observe import Observed, merged, observe
from tinyc.quantize.precision import INT8, Chosen, Precision, chosen
from tinyc.quantize.prepare import prepared
from tinyc.quantize.ranges import Observer, chosen_range
from tinyc.quantize.rules import (
    LEAST_QUANTIZED,
    fixed,
    groups,
    is_float_only,
    is_tied,
    least_input_scale,
    least_scale,
    most_scale,
)
from tinyc.quantize.storage import Storage
from tinyc.quantize.weights import Weighted, Weights, is_weighted, nearest, reconstructed

Float32 = npt.NDArray[np.float32]
Effort = Literal["fast", "good", "best"]
#: (what is done, how much of it, of how much)
Told = Callable[[str, int, int], None]

#: Bytes that the activations of all samples may take while layers are rounded one after the other.
_LIVE_BYTES = 1 << 30
#: What "best" tries with each scale, and how often it goes round.
_FACTORS, _ROUNDS = (0.86, 0.93, 1.07, 1.16), 2
#: Samples whose outputs "best" compares.
_COMPARED = 256


@np.errstate(all="ignore")  # of damaged constants
def quantize_graph(
    graph: Graph,
    samples: Mapping[str, Rows],
    effort: Effort = "good",
    told: Told = lambda *_: None,
    precision: Precision = INT8,
) -> Graph:
    """Return the int8 graph of a float one; its inputs and outputs stay float.

    samples: by input tensor, [N, *shape] float32, what the network will see. effort: "fast" chooses each scale by
    itself and rounds each weight to its nearest step; "good" rounds the weights of a layer so that its outputs are
    those of the float network; "best" also tries each scale of the activations larger and smaller, by the outputs of
    the whole network. precision: which layers are int8, and by what observers. Raises ModelError for an op that int8
    cannot compute, UsageError for a layer that the network does not have.
    """
    return choose(graph, samples, effort, told, precision).int8_graph()


@dataclass(frozen=True, eq=False)
class Choice:
    """What the search chose. graph: float, as it is quantized; floats: of layers that stay float, the first outputs."""

    graph: Graph
    quants: Mapping[str, Quant]
    #: by name of the float weights
    weights: Mapping[str, Weights]
    floats: frozenset[str]
    #: of layers with weights -k, 0 and k, the first outputs
    ternary: frozenset[str] = frozenset()
    #: of those that join answers of unlike sizes
    joined: frozenset[str] = frozenset()

    def joined_names(self) -> list[str]:
        """Return what the model calls the ops that join answers of unlike sizes."""
        ops = (op for op in self.graph.ops if isinstance(op, Concat))
        return [op.origin.name for op in ops if op.outputs[0] in self.joined]

    def int8_graph(self) -> Graph:
        """Return the graph in int8. Raises ModelError for what int8 cannot compute."""
        made = int8_graph(self.graph, self.quants, self.weights, self.floats)
        unasked = float_layers(self.graph) | self.joined
        if made.is_float and self.floats <= unasked:
            raise ModelError(
                f"{made.name}: no operator of the model has an INT8 form that TFLite computes; all stay float32",
                "compile it without --quantize",
            )
        return made


def choose(
    graph: Graph, samples: Mapping[str, Rows], effort: Effort, told: Told, precision: Precision = INT8
) -> Choice:
    """Return the scales and weights of `quantize_graph`."""
    ready = in_known_forms(prepared(graph))
    search = _begun(graph, ready, samples, told, precision)
    while (changed := suited(search.graph, search.quants)) is not None:
        search = _begun(graph, changed, samples, told, precision)
    weights = search.nearest() if effort == "fast" else search.reconstruct()
    if effort == "best":
        search.refine(weights)
        weights = search.reconstruct()
    return Choice(search.graph, search.quants, weights, search.floats, search.ternary, search.joined)


def _begun(
    graph: Graph, ready: Graph, samples: Mapping[str, Rows], told: Told, precision: Precision
) -> _Search:
    """Return the search with its scales. graph: as it was read, ready: as it is quantized."""
    layers = chosen(precision, graph, ready)
    layers = replace(layers, floats=layers.floats | float_layers(ready))
    told("equalise channels", 0, 1)
    alike = equalised(ready, samples, layers.floats, layers.ternary)
    return _Search(alike, samples, told, precision.observer, layers)


def with_layers(choice: Choice, layers: Chosen, samples: Mapping[str, Rows], effort: Effort) -> Choice:
    """Return a choice with other layers in float32 and ternary: scales stay, weights are rounded for those."""
    layers = replace(layers, floats=layers.floats | float_layers(choice.graph) | choice.joined)
    other = replace(choice, floats=layers.floats, ternary=layers.ternary)
    if effort == "fast" and layers.ternary == choice.ternary:
        return other
    search = _Search(choice.graph, samples, lambda *_: None, None, layers, choice.quants)
    return replace(other, weights=search.nearest() if effort == "fast" else search.reconstruct())


def ternary_weights(
    choice: Choice, tensors: Collection[str], samples: Mapping[str, Rows], effort: Effort
) -> dict[str, Weights]:
    """Return ternary weights of some layers, by first outputs: each as if it alone were ternary."""
    layers = Chosen(choice.floats, ternary=frozenset(tensors))
    search = _Search(choice.graph, samples, lambda *_: None, None, layers, choice.quants)
    found = search.nearest() if effort == "fast" else search.reconstruct(choice.weights)
    ops = (choice.graph.ops[choice.graph.producer[name]] for name in tensors)
    return {op.outputs[0]: found[op.weights] for op in ops if is_weighted(op, choice.graph)}


@dataclass
class _Group:
    """Tensors of one scale. is_fixed: the specification says what it is."""

    tensors: tuple[str, ...]
    quant: Quant
    is_fixed: bool

    def at_least(self, scale: float) -> None:
        """Make the scale coarser where it is finer than that."""
        if not self.is_fixed and self.quant.scale < scale:
            self.quant = Quant((float(np.float32(scale)),), self.quant.zero_points)

    def at_most(self, scale: float) -> None:
        """Make the scale finer where it is coarser than that."""
        if not self.is_fixed and self.quant.scale > scale:
            self.quant = Quant((float(np.float32(scale)),), self.quant.zero_points)


class _Search:
    """What is known of one graph: the scales so far."""

    def __init__(
        self,
        graph: Graph,
        samples: Mapping[str, Rows],
        told: Told,
        observer: Observer | None = None,
        layers: Chosen = Chosen(),  # noqa: B008 - frozen
        quants: Mapping[str, Quant] | None = None,
    ) -> None:
        """quants: scales that are known, where they are."""
        self.graph = graph
        self.floats = layers.floats
        self.ternary = layers.ternary
        self.joined: frozenset[str] = frozenset()
        self._observer = observer or "mse"
        self._observers = layers.observers
        self._samples = samples
        self._told = told
        self._storage = Storage(graph, self.floats)
        if quants is not None:
            self._groups = [_Group((name,), quant, is_fixed=True) for name, quant in quants.items()]
            return
        seen = observe(graph, samples, lambda done, of: told("observe activations", done, of))
        mattering = without_clamped(graph, seen)
        self.joined = joined_answers(graph, mattering, self.floats, layers.bytes_) - self.floats
        self.floats |= self.joined
        self._storage = Storage(graph, self.floats)
        self._groups = [self._group(names, mattering) for names in groups(graph, self.floats)]
        self._widen()

    def _widen(self) -> None:
        """Make scales coarser that are too fine for the integers they are computed by: of means that are always 0.

        And finer where no result of the integers lies so far out.
        """
        of = {name: group for group in self._groups for name in group.tensors}
        for op in self.graph.ops:
            read = of.get(op.inputs[0])
            if read is not None:
                read.at_least(least_input_scale(op))
            group = of.get(op.outputs[0])
            if group is not None and is_float_only(op):
                group.at_least(LEAST_QUANTIZED)
            scales = [of[n].quant.scale for n in op.inputs if n in of]
            if group is not None and scales:
                group.at_least(least_scale(op, scales))
                group.at_most(most_scale(op, scales))

    @property
    def quants(self) -> dict[str, Quant]:
        """Scale and zero point of each activation."""
        return {name: group.quant for group in self._groups for name in group.tensors}

    def _group(self, names: tuple[str, ...], seen: Mapping[str, Observed]) -> _Group:
        graph = self.graph
        parts = [seen[n] for n in names]
        made = {
            n: graph.ops[graph.producer[n]] for n in names if n in graph.producer and n not in self.floats
        }
        sources = [n for n in names if n not in made or not is_tied(made[n])]
        wanted = {fixed(made[n]) if n in made else None for n in sources}
        given = wanted.pop() if len(wanted) == 1 else None
        if given is not None:
            return _Group(names, given, is_fixed=True)
        every = merged(parts)
        if not np.isfinite([every.low, every.high]).all():
            raise ModelError(f"{graph.name}: '{names[0]}' becomes infinite or NaN on the samples")
        own = next((self._observers[n] for n in names if n in self._observers), None)
        usual = "min-max" if any(self._decides(n) for n in names) else self._observer
        return _Group(names, chosen_range(every, own or usual), is_fixed=False)

    def _decides(self, name: str) -> bool:
        """Whether the largest values matter most: what the network answers, or what a softmax makes of it."""
        readers = [self.graph.ops[i] for i in self.graph.consumers[name]]
        return name in self.graph.output_tensors or any(
            isinstance(op, Softmax | LogSoftmax | ArgMax) or op.outputs[0] in self.joined for op in readers
        )

    def nearest(self) -> dict[str, Weights]:
        """Round each weight to its nearest step."""
        return {
            op.weights: nearest(self.graph, op, is_ternary=op.outputs[0] in self.ternary)
            for op in self.graph.ops
            if self._is_rounded(op)
        }

    def _is_rounded(self, op: Op) -> TypeGuard[Weighted]:
        """Whether the op has weights that become bytes."""
        return op.outputs[0] not in self.floats and is_weighted(op, self.graph)

    def _stored(self, name: str, value: Any) -> Any:
        return self._storage.stored(name, value, self.quants)

    def _as_read(self, op: Op, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._storage.as_read(op, values, self.quants)

    def reconstruct(self, known: Mapping[str, Weights] | None = None) -> dict[str, Weights]:
        """Round the weights of one layer after the other, on what the layers before it really deliver.

        known: weights by which layers deliver that, in place of those that are found; only ternary ones are then.
        """
        graph = self.graph
        count = self._affordable()
        exact: dict[str, Any] = {n: x[:count] for n, x in self._samples.items()}
        real: dict[str, Any] = {n: self._stored(n, x) for n, x in exact.items()}
        weights: dict[str, Weights] = {}
        quantized = graph
        for i, (op, read) in enumerate(zip(graph.ops, _read_last(graph), strict=True)):
            (out,) = op.outputs
            exact[out] = compute_floats(graph, op, operands_of(graph, op, exact))
            given = self._as_read(op, real)
            if self._is_rounded(op):
                is_ternary = out in self.ternary
                if known is None or is_ternary:
                    found = reconstructed(graph, op, exact[op.x], given[op.x], is_ternary=is_ternary)
                    weights[op.weights] = found
                quantized = with_weights(quantized, op, found if known is None else known[op.weights])
            real[out] = self._stored(out, compute_floats(graph, op, operands_of(quantized, op, given)))
            for name in read:
                exact.pop(name, None)
                real.pop(name, None)
            self._told("round weights", i + 1, len(graph.ops))
        return weights

    def refine(self, weights: Mapping[str, Weights]) -> None:
        """Change one scale at a time where the network's outputs come nearer to the float ones."""
        graph = self.graph
        quantized = graph
        for op in graph.ops:
            if self._is_rounded(op):
                quantized = with_weights(quantized, op, weights[op.weights])
        samples = {n: x[:_COMPARED] for n, x in self._samples.items()}
        wanted = self._answers(graph, samples, exact=True)
        best = _distance(wanted, self._answers(quantized, samples))
        free = [g for g in self._groups if not g.is_fixed]
        for turn in range(_ROUNDS):
            for number, group in enumerate(free):
                kept = group.quant
                for factor in _FACTORS:
                    group.quant = _scaled(kept, factor)
                    found = _distance(wanted, self._answers(quantized, samples))
                    if found < best:
                        best = found
                        break
                    group.quant = kept
                self._told("refine scales", turn * len(free) + number + 1, _ROUNDS * len(free))

    def _answers(self, graph: Graph, samples: Mapping[str, Array], *, exact: bool = False) -> list[Float32]:
        """Return the network's outputs; of a softmax, what it is computed from. exact: of the float network."""
        values: dict[str, Any] = {
            n: x if exact else self._stored(n, np.asarray(x, np.float32)) for n, x in samples.items()
        }
        answers: list[Float32] = []
        for op, read in zip(graph.ops, _read_last(graph), strict=True):
            (out,) = op.outputs
            if isinstance(op, Softmax | LogSoftmax) and out in graph.output_tensors:
                answers.append(values[op.inputs[0]])
            given = values if exact else self._as_read(op, values)
            made: Any = compute_floats(graph, op, operands_of(graph, op, given))
            values[out] = made if exact else self._stored(out, made)
            if out in graph.output_tensors and not isinstance(op, Softmax | LogSoftmax | ArgMax):
                answers.append(values[out])
            for name in read:
                values.pop(name, None)
        return answers

    def _affordable(self) -> int:
        """Return how many samples' activations fit into memory at once, where they live longest."""
        graph = self.graph
        sizes = {n: t.type.elements for n, t in graph.tensors.items() if t.data is None}
        live = sum(sizes[p.tensor] for p in graph.inputs)
        most = live
        for op, read in zip(graph.ops, _read_last(graph), strict=True):
            live += sum(sizes[n] for n in op.outputs)
            most = max(most, live)
            live -= sum(sizes.get(n, 0) for n in read)
        count = len(next(iter(self._samples.values())))
        return max(1, min(count, _LIVE_BYTES // (2 * 4 * most)))


def _read_last(graph: Graph) -> list[set[str]]:
    """Return for each op the tensors that no later one reads."""
    last = {n: i for i, op in enumerate(graph.ops) for n in op.inputs}
    return [{n for n in op.inputs if last[n] == i} for i, op in enumerate(graph.ops)]


def with_weights(graph: Graph, op: Weighted, weights: Weights) -> Graph:
    """Return the graph whose op has the real numbers that quantized weights and bias stand for."""
    found = {op.weights: replace(graph.tensors[op.weights], data=weights.real())}
    if op.bias and weights.bias is not None:
        found[op.bias] = replace(graph.tensors[op.bias], data=weights.bias.astype(np.float32))
    return replace(graph, tensors={**graph.tensors, **found})


def _distance(wanted: list[Float32], found: list[Float32]) -> float:
    """Return the squared errors of all outputs, each as a share of its own power."""
    return sum(float(np.mean((a - b) ** 2) / (np.var(a) + 1e-12)) for a, b in zip(wanted, found, strict=True))


def _scaled(quant: Quant, factor: float) -> Quant:
    scale = float(np.float32(quant.scale * factor))
    if quant.zero_point in (-128, 127):
        return Quant((scale,), quant.zero_points)
    low, high = scale * (-128 - quant.zero_point), scale * (127 - quant.zero_point)
    zero_point = int(np.clip(np.round(-128 - low / scale), -128, 127))
    return Quant((float(np.float32((high - low) / 255)),), (zero_point,))
