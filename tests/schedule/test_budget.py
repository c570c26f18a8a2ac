"""What a search may do, what it says, and that it ends well when somebody presses Ctrl-C."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.planning import Figures, kept, line, with_section
from tests.schedule.families import FAMILIES, family
from tests.schedule.policies import ISAS
from tinyc.cli.options import CompileOptions, make_options
from tinyc.cli.options import Effort as Chosen
from tinyc.memory import Packing
from tinyc.schedule import pareto_plans, plan_layers, planner
from tinyc.schedule.planner import Search, preferred
from tinyc.schedule.watch import EFFORTS, Effort, Watch


def searched(effort: Effort, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The arena, and the looks that were granted to find it."""
    looks = []
    improve = Packing.improve

    def counted(packing: Packing, work: int, wanted: int = 0) -> None:
        before = packing.work
        improve(packing, work, wanted)
        looks.append(packing.work - before)

    with monkeypatch.context() as patch:
        patch.setattr(Packing, "improve", counted)
        graph = family("ShuffleNet", 50)
        search = Search(graph, preferred(graph, ISAS), rows_in=False, watch=Watch(effort=effort))
        return search.smallest().arena, sum(looks)


def test_more_effort_searches_more_and_finds_no_less(monkeypatch: pytest.MonkeyPatch) -> None:
    (fast, few), (good, more) = (searched(effort, monkeypatch) for effort in EFFORTS[:2])
    assert good <= fast
    assert 3 * few < more


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize(("ops", "size"), [(30, 64), (40, 48)])
def test_arenas_reach_their_bound(name: str, ops: int, size: int) -> None:
    graph = family(name, ops, size)
    plan = pareto_plans(graph, ISAS, recompute=False)[0]
    assert plan.arena <= plan_layers(graph, ISAS).arena
    assert plan.arena <= 1.02 * plan.lower_bound


@pytest.mark.parametrize("call", [1, 2, 9])
@pytest.mark.parametrize("place", ["best_split", "Draft", "improve"])
def test_ctrl_c_takes_the_best_so_far(place: str, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it comes but before the very first plan, what comes out is a plan that passed the checker."""
    graph = family("DenseNet", 18)
    layers = plan_layers(graph, ISAS)
    owner = Packing if place == "improve" else planner
    inner = getattr(owner, place)
    calls = 0

    def interrupted(*args: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call + (place == "Draft"):
            raise KeyboardInterrupt
        return inner(*args, **named)

    monkeypatch.setattr(owner, place, interrupted)
    told: list[str] = []
    watch = Watch(told.append)
    plans = pareto_plans(graph, ISAS, watch=watch)
    assert watch.is_stopped == (calls >= call + (place == "Draft"))
    assert plans[0].arena <= 1.05 * layers.arena
    if watch.is_stopped:
        assert calls <= call + 2


def test_the_search_tells_the_best_so_far() -> None:
    told: list[str] = []
    graph = family("DenseNet", 30)
    pareto_plans(graph, ISAS, watch=Watch(told.append))
    assert {line.split(" [")[0] for line in told} == {
        "search other stages",
        "search places in memory",
        "search what computes twice",
    }
    assert all("bytes; " in line or "bound" in line for line in told)


def test_the_command_line_chooses_the_effort() -> None:
    options = make_options(Path("a.tflite"), "mps2-an386", CompileOptions(effort=Chosen.fast))
    assert options.effort == "fast"
    assert options.command.endswith("--effort fast")
    assert make_options(Path("a.tflite"), "mps2-an386", CompileOptions()).effort == "good"


def test_the_table_of_the_benchmark() -> None:
    row = line("chain", Figures(1000, 23.45, 200_000_000, 15324, 15192, 15164))
    assert row == "| chain | 1,000 | 23.4 | 200 | 15,324 | 15,192 | 1.009 | 15,164 |"
    text = "# Results\n\n## By kernel\n\nrest\n"
    once = with_section(text, [row])
    assert once.index("## Planning") < once.index(row) < once.index("## By kernel")
    assert with_section(once, [row]) == once
    assert kept(once, text) == once
    assert kept(text, text) == text
