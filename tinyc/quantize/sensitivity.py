"""Where a quantized network loses: layer by layer, by its weights and by its activation apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

import numpy as np
import numpy.typing as npt

from tinyc.data import Rows
from tinyc.ir import Graph
from tinyc.quantize.mixture import Mixture, after, answers_of, exact_values
from tinyc.quantize.precision import Kind
from tinyc.quantize.quantize import Choice
from tinyc.quantize.rules import is_tied
from tinyc.threads import spread

Array = npt.NDArray[Any]
#: (what is done, how much of it, of how much)
Told = Callable[[str, int, int], None]

#: Multiply-accumulates and elements that all layers' turns may take, and the least and the most samples.
_WORK, _LEAST, _MOST = 2e11, 16, 500
#: Bytes of activations that the samples of one batch take.
_BATCH_BYTES = 1 << 25


@dataclass(frozen=True)
class Effect:
    """What quantizing one thing alone does to the answers. noise: as a share of their power; accuracy: change of it."""

    noise: float
    accuracy: float | None

    @property
    def sqnr_db(self) -> float | None:
        return decibels(self.noise)


@dataclass(frozen=True)
class LayerLoss:
    """A layer. noise: of its activation in the int8 network, as a share of its power; weights, activation: alone."""

    #: of the operator in the model, and its kind; "input" for one
    name: str
    kind: str
    tensor: str
    #: "int8", "float32" or "ternary"
    type: Kind
    noise: float
    cosine: float
    #: None where it has none that become bytes
    weights: Effect | None
    activation: Effect | None

    @property
    def cost(self) -> float:
        """Noise of the answers by this layer alone."""
        return sum(effect.noise for effect in (self.weights, self.activation) if effect is not None)


@dataclass(frozen=True)
class Sensitivity:
    """What was measured.

    noise: of the int8 network's answers, as a share of each one's power, their mean; accuracy: of float32 and int8, on
    the samples, None without labels.
    """

    samples: int
    noise: float
    accuracy: tuple[float, float] | None
    layers: tuple[LayerLoss, ...]

    @property
    def costly(self) -> tuple[LayerLoss, ...]:
        """Layers that cost anything, the most first."""
        return tuple(sorted((x for x in self.layers if x.cost > 0), key=lambda x: -x.cost))


def measure(
    choice: Choice, samples: Mapping[str, Rows], labels: Array | None = None, told: Told = lambda *_: None
) -> Sensitivity:
    """Return what each layer loses. labels: numbers of classes [N], where they are known."""
    graph = choice.graph
    chosen = spaced(samples, sample_count(graph, samples))
    mixture, answers = Mixture(choice), answers_of(graph)
    total: dict[tuple[str, ...], float] = defaultdict(float)
    done = 0
    parts = [chosen[i : i + batch_size(graph)] for i in range(0, len(chosen), batch_size(graph))]

    def one(part: list[int]) -> dict[tuple[str, ...], float]:
        known = None if labels is None else labels[part]
        return _sums(graph, mixture, answers, gathered(samples, part), known)

    for part, sums in zip(parts, spread(one, parts), strict=True):
        for key, value in sums.items():
            total[key] += value
        done += len(part)
        told("measure layers", done, len(chosen))
    return _result(choice, mixture, answers, total, len(chosen), labels is not None)


def sample_count(graph: Graph, samples: Mapping[str, Rows]) -> int:
    """Return how many samples are looked at: as many as take a reasonable time."""
    elements = sum(t.type.elements for t in graph.tensors.values() if t.data is None)
    each = (graph.macs() + 20 * elements) * len(graph.ops)
    count = len(next(iter(samples.values())))
    return min(count, _MOST, max(_LEAST, int(_WORK / max(1, each))))


def spaced(samples: Mapping[str, Rows], count: int) -> list[int]:
    """Return the numbers of `count` samples, taken evenly from all: often they are sorted by class."""
    return evenly(range(len(next(iter(samples.values())))), count)


def evenly(numbers: Sequence[int], count: int) -> list[int]:
    """Return `count` of the numbers."""
    return [numbers[i] for i in np.unique(np.linspace(0, len(numbers) - 1, count).round().astype(int))]


def gathered(samples: Mapping[str, Rows], numbers: list[int]) -> dict[str, Array]:
    """Return some samples as arrays."""
    return {n: np.concatenate([np.asarray(x[i : i + 1]) for i in numbers]) for n, x in samples.items()}


def batch_size(graph: Graph) -> int:
    """Return how many samples are computed at once."""
    each = 4 * sum(t.type.elements for t in graph.tensors.values() if t.data is None)
    return max(1, min(32, _BATCH_BYTES // max(1, each)))


def decibels(noise: float) -> float | None:
    """Return a share of the power as decibels below it; None of no noise."""
    return -10 * log10(noise) if noise > 0 else None


def answer_sums(answers: list[str], exact: Mapping[str, Any], found: Mapping[str, Any]) -> list[float]:
    """Return the squared error of each answer."""
    return [
        float(np.sum((exact[n] - found[n]).astype(np.float64) ** 2)) if n in found else 0.0 for n in answers
    ]


def _sums(
    graph: Graph, mixture: Mixture, answers: list[str], inputs: dict[str, Array], labels: Array | None
) -> dict[tuple[str, ...], float]:
    """Return the sums of one batch, by what they are of."""
    found: dict[tuple[str, ...], float] = {}
    exact = exact_values(graph, inputs)
    int8 = mixture.int8(inputs)
    for name, value in exact.items():
        if name in int8 and value.dtype == np.float32:
            a, b = (x.reshape(-1).astype(np.float64) for x in (value, int8[name]))
            found |= {("aa", name): float(a @ a), ("bb", name): float(b @ b), ("ab", name): float(a @ b)}
            found["nn", name] = float((a - b) @ (a - b))
    for name in answers:
        value = exact[name].astype(np.float64)
        found |= {
            ("n", name): value.size,
            ("s", name): float(value.sum()),
            ("ss", name): float((value**2).sum()),
        }

    def effect(key: tuple[str, ...], values: Mapping[str, Any]) -> None:
        for name, error in zip(answers, answer_sums(answers, exact, values), strict=True):
            found["error", name, *key] = error
        if labels is not None:
            right = classes(values.get(answers[0], exact[answers[0]])) == labels
            found["right", *key] = float(np.sum(right))

    effect(("int8",), int8)
    effect(("float32",), exact)
    places = [(p.tensor, -1) for p in graph.inputs] + [(op.outputs[0], i) for i, op in enumerate(graph.ops)]
    for name, at in places:
        if at >= 0 and mixture.has_bytes(graph.ops[at]):
            made = {name: mixture.by_bytes(graph.ops[at], exact)}
            effect(("weights", name), after(graph, exact, made, graph.ops[at + 1 :]))
        is_same = at >= 0 and is_tied(graph.ops[at])  # its bytes are those of its input
        if mixture.is_rounded(name) and exact[name].dtype == np.float32 and not is_same:
            made = {name: mixture.rounded(name, exact[name])}
            effect(("activation", name), after(graph, exact, made, graph.ops[at + 1 :]))
    return found


def classes(answer: Array) -> Array:
    """Return the class of each sample: the largest score, or whether the only one is above 0."""
    flat = answer.reshape(len(answer), -1)
    return np.asarray(flat.argmax(axis=1) if flat.shape[1] > 1 else flat[:, 0] > 0, np.int64)


def powers(answers: list[str], total: Mapping[tuple[str, ...], float]) -> list[float]:
    """Return the variance of each answer, times the number of its elements."""
    return [total["ss", n] - total["s", n] ** 2 / total["n", n] + 1e-12 for n in answers]


def power_of(answer: Array) -> float:
    """Return the same of all samples' values of one answer."""
    return float(np.var(answer)) * answer.size + 1e-12


def mean_noise(errors: Iterable[float], power: Iterable[float]) -> float:
    """Return squared errors of the answers as shares of their powers: the mean."""
    shares = [error / p for error, p in zip(errors, power, strict=True)]
    return sum(shares) / len(shares)


def _result(
    choice: Choice,
    mixture: Mixture,
    answers: list[str],
    total: Mapping[tuple[str, ...], float],
    count: int,
    has_labels: bool,
) -> Sensitivity:
    graph = choice.graph
    power = powers(answers, total)

    def noise(*key: str) -> float:
        return mean_noise((total["error", n, *key] for n in answers), power)

    def effect(*key: str) -> Effect:
        right = (total["right", *key] - total["right", "float32"]) / count if has_labels else None
        return Effect(noise(*key), right)

    def layer(name: str, kind: str, tensor: str, has_weights: bool) -> LayerLoss:
        aa, bb, ab = (total.get((key, tensor), 0.0) for key in ("aa", "bb", "ab"))
        cosine = ab / (aa * bb) ** 0.5 if aa > 0 and bb > 0 else float(aa == bb)
        share = total.get(("nn", tensor), 0.0) / (aa or 1.0)
        weights = effect("weights", tensor) if has_weights else None
        is_alone = ("error", answers[0], "activation", tensor) in total
        activation = effect("activation", tensor) if is_alone else None
        type_: Kind = "float32" if mixture.is_float(tensor) else "int8"
        type_ = "ternary" if tensor in choice.ternary else type_
        return LayerLoss(name, kind, tensor, type_, share, cosine, weights, activation)

    inputs = [layer(p.name, "input", p.tensor, has_weights=False) for p in graph.inputs]
    ops = [layer(op.origin.name, op.kind, op.outputs[0], mixture.has_bytes(op)) for op in graph.ops]
    accuracy = (total["right", "float32"] / count, total["right", "int8"] / count) if has_labels else None
    return Sensitivity(count, noise("int8"), accuracy, (*inputs, *ops))
