"""What helps the layers that cost most: each remedy is tried on samples before it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinyc.data import Rows
from tinyc.ir import Graph, Quant
from tinyc.quantize.mixture import Mixture, answers_of, exact_values
from tinyc.quantize.observe import Observed, merged, observe
from tinyc.quantize.precision import Chosen
from tinyc.quantize.quantize import Choice, Effort, with_layers
from tinyc.quantize.ranges import OBSERVERS, chosen_range, rounded
from tinyc.quantize.rules import fixed, groups
from tinyc.quantize.sensitivity import (
    LayerLoss,
    Sensitivity,
    Told,
    answer_sums,
    batch_size,
    decibels,
    evenly,
    gathered,
    mean_noise,
    power_of,
    spaced,
)  # fmt: skip
from tinyc.quantize.weights import is_weighted, nearest
from tinyc.threads import quiet_blas, spread

#: Layers that get advice, remedies that are told of each, and decibels from which on one helps.
_LAYERS, _TOLD, _HELPS_DB = 3, 3, 0.2
#: Samples that remedies are tried on, and the least and most of all samples by which weights are rounded again.
_TRIED, _ROUNDED = 64, (32, 128)
#: How many times larger the error by the range of one half of the samples may be than by the other half's own.
_UNSETTLED = 1.5
#: Most samples whose halves are compared.
_HALVED = 512


_MORE_EFFORT = "--effort good: weights rounded by what layers compute"
_MORE_DATA = (
    "more calibration data: half of it chooses a range that fits the other half badly, or it is very little"
)


@dataclass(frozen=True)
class Remedy:
    """Something to do. gain_db: by how much the answers' signal to noise rises; None of what was not tried."""

    what: str
    gain_db: float | None


@dataclass(frozen=True)
class Advice:
    """A layer that costs much. share: of the sum of what every layer costs; mostly: "weights" or "activation"."""

    layer: LayerLoss
    share: float
    mostly: str
    remedies: tuple[Remedy, ...]


def advise(
    choice: Choice,
    found: Sensitivity,
    samples: Mapping[str, Rows],
    effort: Effort,
    told: Told = lambda *_: None,
) -> tuple[Advice, ...]:
    """Return advice on the layers that cost most. effort: by which the choice was made."""
    trial = _Trial(choice, samples)
    sum_of_costs = sum(layer.cost for layer in found.layers) or 1.0
    advice = []
    costly = found.costly[:_LAYERS]
    rounding = _more_effort(trial, samples) if effort == "fast" and costly else None
    for number, layer in enumerate(costly):
        told("try remedies", number, len(costly))
        by_weights = layer.weights.noise if layer.weights else 0.0
        mostly = "weights" if by_weights > layer.cost / 2 else "activation"
        tried = [Remedy(what, trial.gain(other)) for what, other in trial.ways(layer)]
        if rounding is not None and mostly == "weights":
            tried.append(rounding)
        helping = sorted((r for r in tried if (r.gain_db or 0) >= _HELPS_DB), key=lambda r: -(r.gain_db or 0))
        remedies = helping[:_TOLD]
        if mostly == "activation" and trial.is_unsettled(layer.tensor):
            remedies.append(Remedy(_MORE_DATA, None))
        advice.append(Advice(layer, layer.cost / sum_of_costs, mostly, tuple(remedies)))
    return tuple(advice)


def _more_effort(trial: _Trial, samples: Mapping[str, Rows]) -> Remedy | None:
    """Return what rounding the weights together would give; tried on other samples than those it is done by."""
    every = len(next(iter(samples.values())))
    count = min(every - len(trial.numbers), _ROUNDED[1])
    if count < _ROUNDED[0]:
        return None
    others = [i for i in range(every) if i not in set(trial.numbers)]
    choice = trial.choice
    layers = Chosen(choice.floats, ternary=choice.ternary)
    better = with_layers(choice, layers, gathered(samples, evenly(others, count)), "good")
    return Remedy(_MORE_EFFORT, trial.gain(better))


class _Trial:
    """Samples on which other choices are tried."""

    def __init__(self, choice: Choice, samples: Mapping[str, Rows]) -> None:
        self.choice, self._samples = choice, samples
        self._observed: dict[int | None, dict[str, Observed]] = {}
        self.numbers = spaced(samples, min(_TRIED, len(next(iter(samples.values())))))
        size = batch_size(choice.graph)
        parts = [self.numbers[i : i + size] for i in range(0, len(self.numbers), size)]
        self._inputs = [gathered(samples, part) for part in parts]
        self._answers = answers_of(choice.graph)
        kept = set(self._answers)
        self._exact = list(
            spread(
                lambda x: {n: v for n, v in exact_values(choice.graph, x).items() if n in kept}, self._inputs
            )
        )
        whole = [np.concatenate([x[n] for x in self._exact]).astype(np.float64) for n in self._answers]
        self._power = [power_of(x) for x in whole]
        self._now = self._noise(choice)

    def gain(self, other: Choice) -> float | None:
        """Return by how many decibels another choice is better; None where one of them has no noise."""
        now, then = decibels(self._now), decibels(self._noise(other))
        return None if now is None or then is None else then - now

    def _noise(self, choice: Choice) -> float:
        mixture = Mixture(choice)

        def one(at: int) -> list[float]:
            return answer_sums(self._answers, self._exact[at], mixture.int8(self._inputs[at]))

        sums = list(spread(one, range(len(self._inputs))))
        return mean_noise((sum(errors) for errors in zip(*sums, strict=True)), self._power)

    def ways(self, layer: LayerLoss) -> Iterator[tuple[str, Choice]]:
        """Return what could be chosen for a layer, and the choice with it."""
        choice, graph, tensor = self.choice, self.choice.graph, layer.tensor
        if tensor in choice.ternary:
            yield 'type = "int8" in the precision file', as_int8(choice, tensor)
        if tensor in graph.producer:
            alone = choice.floats | {tensor}
            yield 'type = "float32" in the precision file', replace(choice, floats=alone)
            readers = {graph.ops[i].outputs[0] for i in graph.consumers[tensor]}
            if readers:
                with_readers = replace(choice, floats=alone | readers)
                yield 'type = "float32" for it and for the layers that read it', with_readers
        names = self._group(tensor)
        seen = self._seen(tensor)
        if seen is None or any(_is_fixed(graph, n) for n in names):
            return
        for observer in OBSERVERS:
            quant = chosen_range(seen, observer)
            quants: dict[str, Quant] = {**choice.quants, **dict.fromkeys(names, quant)}
            if quant != choice.quants[tensor]:
                yield f'observer = "{observer}" in the precision file', replace(choice, quants=quants)

    def is_unsettled(self, tensor: str) -> bool:
        """Whether a range chosen by half of the samples fits the other half badly, or there are too few to tell."""
        if len(self.numbers) < _ROUNDED[0]:
            return True
        a, b = self._seen(tensor, 0), self._seen(tensor, 1)
        if a is None or b is None or _is_fixed(self.choice.graph, tensor):
            return False

        def error(quant: Quant, seen: Observed) -> float:
            return float(np.mean((rounded(seen.values, quant) - seen.values) ** 2))

        own, other = chosen_range(b, "mse"), chosen_range(a, "mse")
        return error(other, b) > _UNSETTLED * error(own, b) > 0

    def _group(self, tensor: str) -> tuple[str, ...]:
        every = groups(self.choice.graph, self.choice.floats)
        return next((names for names in every if tensor in names), (tensor,))

    def _seen(self, tensor: str, which: int | None = None) -> Observed | None:
        """Return what the tensors of a scale are like in the float network; None where they have no scale.

        which: half of the samples.
        """
        if which not in self._observed:
            every = len(next(iter(self._samples.values())))
            half = spaced(self._samples, min(every, _HALVED))[which::2] if which is not None else self.numbers
            with quiet_blas():
                self._observed[which] = observe(self.choice.graph, gathered(self._samples, half))
        seen = self._observed[which]
        parts = [seen[n] for n in self._group(tensor) if n in seen]
        return merged(parts) if parts and tensor in self.choice.quants else None


def as_int8(choice: Choice, tensor: str) -> Choice:
    """Return a choice in which a ternary layer is int8."""
    graph = choice.graph
    op = graph.ops[graph.producer[tensor]]
    assert is_weighted(op, graph)
    weights = {**choice.weights, op.weights: nearest(graph, op)}
    return replace(choice, weights=weights, ternary=choice.ternary - {tensor})


def _is_fixed(graph: Graph, tensor: str) -> bool:
    return tensor in graph.producer and fixed(graph.ops[graph.producer[tensor]]) is not None
