"""Which layers become ternary: those that lose least for each byte of flash that they save."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from tinyc.errors import FitError, UsageError
from tinyc.quantize.bench import Bench
from tinyc.quantize.budget import Candidate, CostOf, Wanted, budgets_told, excess, told_of
from tinyc.quantize.file import Quantized, quantized_again
from tinyc.quantize.precision import Chosen, Precision, precision_for
from tinyc.quantize.quantize import Choice, ternary_weights, with_layers
from tinyc.quantize.sensitivity import Told
from tinyc.quantize.weights import Weights, is_weighted
from tinyc.quantize.worthwhile import worthwhile

#: Multiply-accumulates and elements of the samples by which weights are rounded for a trial, and the least and the
#: most of them; choices that are quantized in full.
_WORK, _LEAST, _MOST, _FINALISTS = 6e9, 64, 500, 3
#: Points of the curve up to which each number of layers has one.
_DENSE = 12
_STEP = "choose ternary layers; Ctrl-C takes the best"


@dataclass(frozen=True, eq=False)
class Ternarized:
    """curve: from all-int8 on, each point with more layers ternary; best: as it was quantized in full."""

    made: Quantized
    precision: Precision
    wanted: Wanted
    samples: int
    #: layers that may be ternary, the first to become so first
    order: tuple[str, ...]
    is_stopped: bool
    curve: tuple[Candidate, ...]
    best: Candidate


def ternarized(made: Quantized, wanted: Wanted, cost_of: CostOf, told: Told = lambda *_: None) -> Ternarized:
    """Return the most accurate ternary layers within the flash, or those of least flash that keep the accuracy.

    made: the network in int8; wanted: flash in bytes, or bounds on accuracy, or both; cost_of: "flash" of a graph.
    Raises FitError where no choice will do.
    """
    if wanted.max_drop is not None and made.classes is None:
        raise UsageError(
            "--max-drop needs labels that are classes", "--labels L, or folders of classes; or --min-sqnr"
        )
    bench = Bench(made, cost_of)
    curve = _Curve(made, bench)
    curve.draw(wanted, told)
    every = list(curve.points.values())
    allowed = [c for c in every if excess(c, wanted) <= 0]

    for number, one in enumerate(best_first(allowed, wanted)[:_FINALISTS]):
        told("quantize the best", number, _FINALISTS)
        layers = Chosen(ternary=one.ternary)
        precision = precision_for(made.source.graph, made.choice.graph, layers, made.observer)
        final = quantized_again(made, precision) if one.ternary else made
        real = bench.judged(final.choice)
        if excess(real, wanted) <= 0:
            known = {**curve.points, real.ternary: real}
            points = tuple(sorted(known.values(), key=lambda c: len(c.ternary)))
            return Ternarized(
                final, precision, wanted, bench.samples, curve.order, curve.is_stopped, points, real
            )
    raise FitError(*_refusal(every, wanted, len(curve.order)))


def best_first(allowed: Sequence[Candidate], wanted: Wanted) -> list[Candidate]:
    """Return the candidates in order. Within a flash budget, none has layers without which it is kept, too."""

    def key(one: Candidate) -> tuple[float, ...]:
        loss = (one.noise,) if one.drop is None else (one.drop, one.noise)
        if wanted.is_bounded:
            return one.costs["flash"], *loss
        has_idle = any(other.ternary < one.ternary for other in allowed)
        return has_idle, *loss, one.costs["flash"]

    return sorted(allowed, key=key)


class _Curve:
    """Accuracy against flash: one layer after the other becomes ternary."""

    def __init__(self, made: Quantized, bench: Bench) -> None:
        self._base, self._effort, self._bench = made.choice, made.effort, bench
        self._few = bench.few(min(_MOST, bench.affordable(_WORK, _LEAST)))
        self.order: tuple[str, ...] = ()
        self.points: dict[frozenset[str], Candidate] = {}
        self.is_stopped = False
        #: Of each layer that becomes ternary: its weights, bytes of flash that it saves, and what is lost.
        self._trits: dict[str, Weights] = {}
        self._saved: dict[str, int] = {}
        self._lost: dict[str, float] = {}
        #: Bytes of the kernels that ternary layers share.
        self._shared = 0

    def draw(self, wanted: Wanted, told: Told) -> None:
        """Judge more and more ternary layers, until all are or Ctrl-C is pressed."""
        self._judge(())
        try:
            self._rank(told)
            limit = wanted.limits.get("flash")
            near = [] if limit is None else self._near(limit)
            counts = list(dict.fromkeys([*near, *_spread(len(self.order))]))
            for number, count in enumerate(counts):
                told(_STEP, len(self.order) + number, len(self.order) + len(counts))
                self._judge(self.order[:count])
            if limit is not None:
                self._thin(limit)
            if wanted.is_bounded:
                self._narrow(wanted)
        except KeyboardInterrupt:
            self.is_stopped = True

    @property
    def _int8(self) -> Candidate:
        return self.points[frozenset()]

    def _rank(self, told: Told) -> None:
        """Put the layers in order: by what each loses alone for a byte that it saves. Without those that save none.

        What a layer saves is told beside all the others: those share their kernels.
        """
        layers = worthwhile(self._base.graph)
        self._trits = ternary_weights(self._base, layers, self._few, self._effort)
        every = self._bench.costs(self._with(layers))["flash"]
        prices: dict[str, float] = {}
        for number, name in enumerate(layers):
            told(_STEP, number, 2 * len(layers))
            saved = self._bench.costs(self._with([n for n in layers if n != name]))["flash"] - every
            if saved > 0:
                self._saved[name], self._lost[name] = saved, self._loss(self._with([name]))
                prices[name] = self._lost[name] / saved
        self.order = tuple(sorted(prices, key=lambda name: prices[name]))
        self._shared = every + sum(self._saved.values()) - self._int8.costs["flash"]

    def _with(self, names: Collection[str]) -> Choice:
        """Return the choice with layers ternary, each by the weights that it has alone."""
        base = self._base
        ops = [base.graph.ops[base.graph.producer[name]] for name in names]
        weights = {op.weights: self._trits[op.outputs[0]] for op in ops if is_weighted(op, base.graph)}
        return replace(base, weights={**base.weights, **weights}, ternary=frozenset(names))

    def _loss(self, choice: Choice) -> float:
        """Return what a choice loses more than int8: accuracy where it is known, and noise as a part of one sample."""
        noise, accuracy = self._bench.lost(choice)
        more = max(noise - self._int8.noise, 0.0)
        if accuracy is None or self._int8.accuracy is None:
            return more
        return max(self._int8.accuracy - accuracy, 0.0) + more / self._bench.samples

    def _near(self, limit: int) -> list[int]:
        """Return the number of layers with which the flash is within the limit, as estimated, and one less."""
        left = self._int8.costs["flash"]
        if left <= limit:
            return [0]
        left += self._shared
        for count, name in enumerate(self.order, 1):
            left -= self._saved[name]
            if left <= limit:
                return [count, count - 1]
        return [len(self.order)]

    def _thin(self, limit: int) -> None:
        """Judge the fewest layers within the limit without those that are not needed for it, the costliest first."""
        within = [c for c in self.points.values() if c.costs["flash"] <= limit]
        if not within:
            return
        fewest = min(within, key=lambda c: len(c.ternary))
        room, kept = limit - fewest.costs["flash"], set(fewest.ternary)
        for name in sorted(kept, key=lambda n: -self._lost[n]):
            if self._saved[name] <= room:
                room -= self._saved[name]
                kept.remove(name)
        self._judge(kept)

    def _narrow(self, wanted: Wanted) -> None:
        """Judge numbers of layers between the most that keep the accuracy and the fewest that do not."""
        accuracy = replace(wanted, limits={})
        kept, lost = 0, len(self.order) + 1
        for count in range(1, len(self.order) + 1):
            one = self.points.get(frozenset(self.order[:count]))
            if one is not None and excess(one, accuracy) <= 0:
                kept = count
            elif one is not None and count < lost:
                lost = count
        while lost - kept > 1:
            middle = (kept + lost) // 2
            one = self._judge(self.order[:middle])
            kept, lost = (middle, lost) if excess(one, accuracy) <= 0 else (kept, middle)

    def _judge(self, names: Collection[str]) -> Candidate:
        ternary = frozenset(names)
        if ternary not in self.points:
            base = self._base
            layers = Chosen(base.floats, ternary=ternary)
            choice = with_layers(base, layers, self._few, self._effort) if ternary else base
            self.points[ternary] = self._bench.judged(choice)
        return self.points[ternary]


def _spread(most: int) -> list[int]:
    """Return numbers of layers that have a point: every one of few, ever fewer of many."""
    found, count = [], 1
    while count < most:
        found.append(count)
        count += max(1, count // 4) if most > _DENSE else 1
    return [*found, most] if most else []


def _refusal(every: Sequence[Candidate], wanted: Wanted, most: int) -> tuple[str, str]:
    """Return why none of the candidates will do, which comes nearest, and what to do."""
    nearest = min(every, key=lambda c: (excess(c, wanted), c.noise))
    what = f"with {len(nearest.ternary)} of {most} layers that may be ternary"
    hint = "a larger budget; or name more layers in a precision file: first, last, depthwise and tiny ones stay int8"
    if not most:
        what = "without ternary layers, as none would save flash on this board"
    return (
        f"no choice of ternary layers meets {budgets_told(wanted)}: the nearest, {what}, has {told_of(nearest)}",
        hint,
    )
