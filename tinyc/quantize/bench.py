"""Samples by which choices for a quantized network are judged: the error of its answers, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.quantize.budget import Candidate, CostOf, Costs
from tinyc.quantize.file import Quantized
from tinyc.quantize.mixture import Mixture, answers_of, exact_values
from tinyc.quantize.quantize import Choice
from tinyc.quantize.sensitivity import batch_size, classes, gathered, mean_noise, power_of, spaced
from tinyc.threads import spread

#: Multiply-accumulates and elements of a trial, and the least and the most samples; three times as many with labels.
_WORK, _LEAST, _MOST = 2e9, 16, 500
#: Noise that is the rounding of float32.
_NOTHING = 1e-12


class Bench:
    """samples: how many choices are judged by."""

    def __init__(self, made: Quantized, cost_of: CostOf) -> None:
        """made: the network in int8."""
        self._all, graph = made.samples.inputs, made.choice.graph
        labels = made.classes
        self._cost_of = cost_of
        elements = sum(t.type.elements for t in graph.tensors.values() if t.data is None)
        self._each = graph.macs() + 20 * elements
        work = _WORK * (1 if labels is None else 3)
        self._count = len(next(iter(self._all.values())))
        most = min(self._count, _MOST, self.affordable(work, _LEAST))
        numbers = spaced(self._all, most)
        size = batch_size(graph)
        self.samples = len(numbers)
        self._labels = None if labels is None else labels[numbers]
        self._parts = [gathered(self._all, numbers[i : i + size]) for i in range(0, len(numbers), size)]
        self._answers = answers_of(graph)
        self._exact = self._answered(lambda inputs: exact_values(graph, inputs))
        self._power = [power_of(answer) for answer in self._exact]

    def few(self, count: int) -> dict[str, Any]:
        """Return at most `count` samples, by which weights are rounded for a trial."""
        return gathered(self._all, spaced(self._all, min(count, self._count)))

    def affordable(self, work: float, least: int) -> int:
        """Return how many samples may be computed by so many multiply-accumulates and elements, at least `least`."""
        return max(least, int(work / self._each))

    def judged(self, choice: Choice) -> Candidate:
        """Return what a choice loses and takes."""
        noise, accuracy = self.lost(choice)
        whole = self._accuracy(self._exact)
        drop = None if accuracy is None or whole is None else 100 * (whole - accuracy)
        return Candidate(choice.floats, noise, accuracy, drop, self.costs(choice), choice.ternary)

    def costs(self, choice: Choice) -> Costs:
        """Return what a choice takes."""
        return self._cost_of(choice.int8_graph())

    def lost(self, choice: Choice) -> tuple[float, float | None]:
        """Return the noise of a choice's answers, as a share of their power, and its accuracy, of 1."""
        made = self._answered(Mixture(choice).int8)
        errors = [float(np.sum((a - b) ** 2)) for a, b in zip(self._exact, made, strict=True)]
        noise = mean_noise(errors, self._power)
        return noise if noise > _NOTHING else 0.0, self._accuracy(made)

    def _accuracy(self, answers: list[npt.NDArray[np.float64]]) -> float | None:
        return None if self._labels is None else float(np.mean(classes(answers[0]) == self._labels))

    def _answered(self, compute: Callable[[dict[str, Any]], Mapping[str, Any]]) -> list[Any]:
        """Return the answers to all samples, one after the other."""

        def one(inputs: dict[str, Any]) -> list[npt.NDArray[np.float64]]:
            values = compute(inputs)
            return [np.asarray(values[n], np.float64) for n in self._answers]

        return [np.concatenate(parts) for parts in zip(*spread(one, self._parts), strict=True)]
