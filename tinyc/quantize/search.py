"""The search for layers that had better stay float32: NSGA-II by the error of the answers and by what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec

from tinyc.errors import FitError, ModelError, ToolError, UsageError
from tinyc.quantize.bench import Bench
from tinyc.quantize.budget import Candidate, CostOf, Wanted, excess, pareto, refusal, relative_cost
from tinyc.quantize.file import Quantized, quantized_again
from tinyc.quantize.precision import Chosen, Precision, precision_for
from tinyc.quantize.quantize import Choice, with_layers
from tinyc.quantize.rules import fixed, is_tied
from tinyc.quantize.sensitivity import Told, measure

#: Samples by which layers are put in order and weights are rounded; the best candidates, which are quantized in full.
_FEW, _FINALISTS = 32, 4
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
    #: by Ctrl-C, before all trials were done
    is_stopped: bool
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
    bench = Bench(made, cost_of)
    tried = _Trials(made, bench)
    tried.search(wanted, trials, told)
    every, int8 = tried.found, tried.int8
    allowed = [c for c in every.values() if excess(c, wanted) <= 0]

    def first(one: Candidate) -> tuple[float, float]:
        cost = relative_cost(one, int8, wanted)
        return (cost, one.noise) if wanted.is_bounded else (one.noise, cost)

    for number, one in enumerate(sorted(allowed, key=first)[:_FINALISTS]):
        told("quantize the best", number, _FINALISTS)
        precision = precision_for(made.source.graph, made.choice.graph, Chosen(one.floats), made.observer)
        final = quantized_again(made, precision) if one.floats else made
        real = bench.judged(final.choice)
        is_better = excess(int8, wanted) > 0 or first(real) <= first(int8)
        if excess(real, wanted) <= 0 and is_better:
            others = {**every, one.floats: real}.values()
            front = pareto(list(others), lambda c: relative_cost(c, int8, wanted))
            return Searched(
                final, precision, wanted, bench.samples, len(every), tried.is_stopped, int8, front, real
            )
    raise FitError(*refusal(list(every.values()), wanted))


class _Trials:
    """The layers that may be chosen, and what was tried."""

    def __init__(self, made: Quantized, bench: Bench) -> None:
        base = made.choice
        self._base, self._effort, self._bench = base, made.effort, bench
        self._few = bench.few(min(_FEW, bench.samples))
        graph = base.graph
        own = [op.outputs[0] for op in graph.ops if not (is_tied(op) or fixed(op))]
        #: Layers that are chosen; those whose scale is not their own follow what they read.
        self._deciders = own or [op.outputs[0] for op in graph.ops]
        self.found: dict[frozenset[str], Candidate] = {}
        self.is_stopped = False

    def search(self, wanted: Wanted, trials: int, told: Told) -> None:
        """Try choices, all-int8 first, until the trials are done or Ctrl-C is pressed."""
        import optuna  # noqa: PLC0415 - an extra, slow to import

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.NSGAIISampler(population_size=_POPULATION, seed=_SEED)
        study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
        numbers = {f"layer {i}": name for i, name in enumerate(self._deciders)}
        self._judged(frozenset())
        try:
            for seed in self._seeds():
                study.enqueue_trial({key: int(name in seed) for key, name in numbers.items()})
            for number in range(trials):
                told("search float32 layers; Ctrl-C takes the best", number, trials)
                trial = study.ask()
                floats = self._with_followers({n for k, n in numbers.items() if trial.suggest_int(k, 0, 1)})
                one = self._judged(floats)
                if one is None:
                    study.tell(trial, state=optuna.trial.TrialState.FAIL)
                else:
                    study.tell(trial, [one.noise, relative_cost(one, self.int8, wanted)])
        except KeyboardInterrupt:
            self.is_stopped = True

    @property
    def int8(self) -> Candidate:
        return self.found[frozenset()]

    def _judged(self, floats: frozenset[str]) -> Candidate | None:
        """Return what layers in float lose and take; None where the rest cannot be int8."""
        if floats not in self.found:
            try:
                self.found[floats] = self._bench.judged(self._tried(floats))
            except ModelError:
                if not self.found:  # all-int8 itself
                    raise
                return None
        return self.found[floats]

    def _tried(self, floats: frozenset[str]) -> Choice:
        if not floats:
            return self._base
        return with_layers(self._base, Chosen(floats), self._few, self._effort)

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
