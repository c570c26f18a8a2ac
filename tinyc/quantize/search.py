"""The search for layers that had better stay float32: NSGA-II by the error of the answers and by what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.errors import FitError, ModelError, ToolError, UsageError
from tinyc.quantize.budget import Candidate, CostOf, Wanted, excess, pareto, refusal, relative_cost
from tinyc.quantize.file import Quantized, quantized_again
from tinyc.quantize.mixture import Mixture, answers_of, exact_values
from tinyc.quantize.precision import Precision, precision_for
from tinyc.quantize.quantize import Choice, with_floats
from tinyc.quantize.rules import fixed, is_tied
from tinyc.quantize.sensitivity import (
    Told,
    batch_size,
    classes,
    gathered,
    mean_noise,
    measure,
    power_of,
    spaced,
)
from tinyc.threads import spread

#: Multiply-accumulates and elements of a trial, and the least and the most samples; three times as many with labels.
_WORK, _LEAST, _MOST = 2e9, 16, 500
#: Samples by which layers are put in order and weights are rounded; the best candidates, which are quantized in full.
_FEW, _FINALISTS = 32, 4
#: Noise that is the rounding of float32.
_NOTHING = 1e-12
#: Of a generation of the search, and where its random numbers begin.
_POPULATION, _SEED = 20, 0


@dataclass(frozen=True, eq=False)
class Searched:
    """front: those that no other beats in both noise and cost, the cheapest first; best: as it was quantized."""

    made: Quantized
    precision: Precision
    wanted: Wanted
    samples: int
    tried: int
    int8: Candidate
    front: tuple[Candidate, ...]
    best: Candidate

    def cost(self, one: Candidate) -> float:
        return relative_cost(one, self.int8, self.wanted)


def check_optuna() -> None:
    """Raise ToolError where the search has nothing to search by."""
    if find_spec("optuna") is None:
        raise ToolError("--search needs optuna, which is not installed", "pip install 'tinyc[search]'")


def searched(
    made: Quantized, wanted: Wanted, cost_of: CostOf, trials: int, told: Told = lambda *_: None
) -> Searched:
    """Return the cheapest layers in float32 that keep the accuracy, or the most accurate ones within the budgets.

    made: the network in int8. Candidates are judged by its scales and weights; the best of them are quantized as their
    precision file says. Raises FitError where none meets the budgets.
    """
    known = made.classes
    if wanted.max_drop is not None and known is None:
        raise UsageError(
            "--max-drop needs labels that are classes", "--labels L, or folders of classes; or --min-sqnr"
        )
    bench = _Bench(made, known, cost_of)
    every = bench.search(wanted, trials, told)
    int8 = every[frozenset()]
    allowed = [c for c in every.values() if excess(c, wanted) <= 0]

    def first(one: Candidate) -> tuple[float, float]:
        cost = relative_cost(one, int8, wanted)
        return (cost, one.noise) if wanted.is_bounded else (one.noise, cost)

    for number, one in enumerate(sorted(allowed, key=first)[:_FINALISTS]):
        told("quantize the best", number, _FINALISTS)
        precision = precision_for(made.source.graph, made.choice.graph, one.floats, made.observer)
        final = quantized_again(made, precision) if one.floats else made
        real = bench.judged(final.choice)
        is_better = excess(int8, wanted) > 0 or first(real) <= first(int8)
        if excess(real, wanted) <= 0 and is_better:
            others = {**every, one.floats: real}.values()
            front = pareto(list(others), lambda c: relative_cost(c, int8, wanted))
            return Searched(final, precision, wanted, bench.samples, len(every), int8, front, real)
    raise FitError(*refusal(list(every.values()), wanted))


class _Bench:
    """Samples by which choices are judged, and the layers that may be chosen."""

    def __init__(self, made: Quantized, labels: npt.NDArray[Any] | None, cost_of: CostOf) -> None:
        samples, base = made.samples.inputs, made.choice
        self._base, self._cost_of, self._effort = base, cost_of, made.effort
        graph = base.graph
        elements = sum(t.type.elements for t in graph.tensors.values() if t.data is None)
        work = _WORK * (1 if labels is None else 3) / (graph.macs() + 20 * elements)
        most = min(len(next(iter(samples.values()))), _MOST, max(_LEAST, int(work)))
        numbers = spaced(samples, most)
        size = batch_size(graph)
        self.samples = len(numbers)
        self._few = gathered(samples, spaced(samples, min(_FEW, len(numbers))))
        self._labels = None if labels is None else labels[numbers]
        self._parts = [gathered(samples, numbers[i : i + size]) for i in range(0, len(numbers), size)]
        self._answers = answers_of(graph)
        self._exact = self._answered(lambda inputs: exact_values(graph, inputs))
        self._power = [power_of(answer) for answer in self._exact]
        own = [op.outputs[0] for op in graph.ops if not (is_tied(op) or fixed(op))]
        #: Layers that are chosen; those whose scale is not their own follow what they read.
        self._deciders = own or [op.outputs[0] for op in graph.ops]

    def search(self, wanted: Wanted, trials: int, told: Told) -> dict[frozenset[str], Candidate]:
        """Return what was tried, all-int8 first."""
        import optuna  # noqa: PLC0415 - an extra, slow to import

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.NSGAIISampler(population_size=_POPULATION, seed=_SEED)
        study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        numbers = {f"layer {i}": name for i, name in enumerate(self._deciders)}
        for seed in self._seeds():
            study.enqueue_trial({key: int(name in seed) for key, name in numbers.items()})
        found: dict[frozenset[str], Candidate] = {}
        none: Candidate | None = None
        for number in range(trials):
            told("search float32 layers", number, trials)
            trial = study.ask()
            floats = self._with_followers({n for k, n in numbers.items() if trial.suggest_int(k, 0, 1)})
            try:
                one = found.get(floats) or self._tried(floats)
            except ModelError:
                if none is None:  # all-int8 itself
                    raise
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
                continue
            none = none or one
            found[floats] = one
            study.tell(trial, [one.noise, relative_cost(one, none, wanted)])
        return found

    def _tried(self, floats: frozenset[str]) -> Candidate:
        return self.judged(with_floats(self._base, floats, self._few, self._effort) if floats else self._base)

    def judged(self, choice: Choice) -> Candidate:
        """Return what a choice loses and takes."""
        mixture = Mixture(choice)
        made = self._answered(mixture.int8)
        errors = [float(np.sum((a - b) ** 2)) for a, b in zip(self._exact, made, strict=True)]
        noise = mean_noise(errors, self._power)
        noise = noise if noise > _NOTHING else 0.0
        accuracy = self._accuracy(made)
        whole = self._accuracy(self._exact)
        drop = None if accuracy is None or whole is None else 100 * (whole - accuracy)
        return Candidate(choice.floats, noise, accuracy, drop, self._cost_of(choice.int8_graph()))

    def _accuracy(self, answers: list[npt.NDArray[np.float64]]) -> float | None:
        return None if self._labels is None else float(np.mean(classes(answers[0]) == self._labels))

    def _answered(self, compute: Callable[[dict[str, Any]], Mapping[str, Any]]) -> list[Any]:
        """Return the answers to all samples, one after the other."""

        def one(inputs: dict[str, Any]) -> list[npt.NDArray[np.float64]]:
            values = compute(inputs)
            return [np.asarray(values[n], np.float64) for n in self._answers]

        return [np.concatenate(parts) for parts in zip(*spread(one, self._parts), strict=True)]

    def _seeds(self) -> Iterator[set[str]]:
        """Yield choices to begin with: no layer, every layer, and the 1, 2, 3, 5, 8, ... that cost most."""
        yield set()
        yield set(self._deciders)
        costly = [x.tensor for x in measure(self._base, self._few).costly if x.tensor in set(self._deciders)]
        count, more = 1, 2
        while count < len(self._deciders):
            yield set(costly[:count])
            count, more = more, count + more

    def _with_followers(self, chosen: set[str]) -> frozenset[str]:
        """Return the float layers: those chosen, and of the others those that read nothing but floats."""
        graph, found = self._base.graph, set(chosen)
        deciders = set(self._deciders)
        for op in graph.ops:
            if op.outputs[0] in deciders:
                continue
            read = {graph.ops[graph.producer[n]].outputs[0] for n in op.inputs if n in graph.producer}
            if (read or {self._deciders[0]}) <= found:
                found.add(op.outputs[0])
        return frozenset(found)
