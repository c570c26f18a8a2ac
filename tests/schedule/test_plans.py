"""Single plans: shapes of graphs that once went wrong, and damaged plans, which the checker refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.batch import Case, wrong
from tests.modelgen.graphs import net_pointwise
from tests.modelgen.layers import LAYERS, concatenate
from tests.modelgen.net import Net
from tests.schedule.execute import Executor
from tests.schedule.networks import chain, inputs_of, network, vectors_of
from tests.schedule.policies import ISAS, all_plans
from tinyc.errors import InternalError
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.kernels import lower
from tinyc.kernels.access import Units
from tinyc.kernels.base import Lowering
from tinyc.memory import check
from tinyc.ops.evaluate import evaluate
from tinyc.passes import optimize
from tinyc.schedule import Plan, pareto_plans, plan_layers, plan_smallest
from tinyc.schedule.replay import events
from tinyc.schedule.rows import choose_rows
from tinyc.schedule.tasks import tasks_of

Maker = Callable[[Net], list[int]]


def graph_of(make: Maker, seed: int = 1) -> Graph:
    net = Net("case", np.random.default_rng(seed))
    return optimize(load_tflite(net.finish(make(net)), "case", "litert"))


def reshaped(net: Net, x: int, shape: tuple[int, ...]) -> int:
    y = net.like(x, shape)
    net.writer.op("RESHAPE", [x, net.writer.constant(list(shape))], [y], new_shape=list(shape))
    return y


def view_and_source(net: Net) -> list[int]:
    """A view is made, then its source is read again, then the view."""
    x = LAYERS["tanh"](net, net.input((1, 6, 5, 2)))[0]
    view = reshaped(net, x, (1, 60))
    return [LAYERS["logistic"](net, x)[0], LAYERS["tanh"](net, view)[0]]


def view_fired_early(net: Net) -> list[int]:
    """The view comes last in the model and first in the stream: LOGISTIC may not overwrite what it shows."""
    x = LAYERS["tanh"](net, net.input((1, 1, 1, 3)))[0]
    y = LAYERS["logistic"](net, x)[0]
    z = net.like(y, (1, 1, 1, 3))
    net.writer.op("DEPTH_TO_SPACE", [y], [z], block_size=1)
    return [z, reshaped(net, x, (1, 3))]


def view_with_other_rows(net: Net) -> list[int]:
    x = LAYERS["tanh"](net, net.input((1, 6, 5, 2)))[0]
    return [LAYERS["logistic"](net, reshaped(net, x, (1, 10, 3, 2)))[0]]


def output_is_a_view_of_the_input(net: Net) -> list[int]:
    x = net.input((1, 4, 3, 2))
    return [reshaped(net, x, (1, 24)), LAYERS["tanh"](net, x)[0]]


def input_is_not_read(net: Net) -> list[int]:
    x = net.input((1, 4, 3, 2))
    net.input((1, 3))
    return [LAYERS["tanh"](net, x)[0]]


def first_input_is_not_read(net: Net) -> list[int]:
    net.input((1, 4, 3, 2))
    return [LAYERS["tanh"](net, net.input((1, 3)))[0]]


def read_twice_by_one_op(net: Net) -> list[int]:
    x = LAYERS["tanh"](net, net.input((1, 4, 3, 2)))[0]
    return [concatenate(net, [x, x], 1)[0]]


def two_inputs(net: Net) -> list[int]:
    a, b = net.input((1, 5, 4, 2), 0.1, 0), net.input((1, 5, 4, 3), 0.1, 0)
    return [concatenate(net, [a, b], 3)[0], LAYERS["tanh"](net, concatenate(net, [b, a], 3)[0])[0]]


def two_operands(net: Net) -> list[int]:
    """Constants that repeat by pixel, by row or not at all, on either side; operands that repeat along a row."""
    shape = (1, 6, 8, 3)
    x = net_pointwise(net, net.input((1, 6, 8, 2)), 3)
    for kind, constant_first, other in (
        ("PRELU", False, (1, 1, 3)),
        ("PRELU", False, shape[1:]),
        ("MAXIMUM", True, (1, 8, 3)),
        ("MINIMUM", False, ()),
        ("MAXIMUM", True, shape),
        ("ADD", True, shape),
        ("SUB", True, (3,)),
        ("MUL", False, (8, 3)),
    ):
        spec = net.spec(x)
        constant = net.writer.tensor(other, "int8", spec.scale, spec.zero_point, data=net.bytes(other, -128))
        y = net.like(x, shape)
        net.writer.op(kind, [constant, x] if constant_first else [x, constant], [y])
        x = y
    for narrow in ((1, 6, 1, 3), (1, 6, 8, 1)):
        spec = net.spec(x)
        other = net.input(narrow, spec.scale, spec.zero_point)
        y = net.like(x, shape)
        net.writer.op("MINIMUM", [other, x], [y])
        x = y
    return [x]


def test_two_operands_run_row_by_row() -> None:
    graph = graph_of(two_operands)
    lowerings = [lower(op, graph, ("ref",)) for op in graph.ops]
    tasks = tasks_of(graph, lowerings, choose_rows(graph, lowerings), rows_in=False)
    assert all(task.by_row for task in tasks)
    # Against a single number it is a table.
    assert [_units(low) for low in lowerings[1:]] == [48, 48, 6, 144, 48, 144, 48, 6, 6, 48]


def _units(low: Lowering) -> int:
    (result,) = low.calls[0].writes
    assert isinstance(result.access, Units)
    return result.access.count


def test_operands_with_other_rows_do_not() -> None:
    """[1, 5, 3] has five rows, too, but repeats along those of [1, 5, 5, 3]."""
    for other in ((1, 5, 3), (1, 1, 1, 3), (1, 1, 5, 3)):
        graph = graph_of(lambda net, other=other: _minimum(net, other))
        low = lower(graph.ops[0], graph, ("ref",))
        (task,) = tasks_of(graph, [low], choose_rows(graph, [low]), rows_in=False)
        assert not task.by_row


def _minimum(net: Net, other: tuple[int, ...]) -> list[int]:
    x = net.input((1, 5, 5, 3))
    y = net.like(x, (1, 5, 5, 3))
    spec = net.spec(x)
    net.writer.op("MINIMUM", [x, net.input(other, spec.scale, spec.zero_point)], [y])
    return [y]


@pytest.mark.slow
def test_two_operands_as_sanitised_c(tmp_path: Path) -> None:
    graph = graph_of(two_operands)
    vectors = vectors_of(graph, 1)
    plans = list(all_plans(graph))
    assert any(stage.strips > 1 for _, plan in plans for stage in plan.stages)
    assert not wrong(
        (Case(f"p{i}", name, graph, plan, vectors) for i, (name, plan) in enumerate(plans)), tmp_path
    )


CASES: tuple[Maker, ...] = (
    two_operands,
    view_and_source,
    view_fired_early,
    view_with_other_rows,
    output_is_a_view_of_the_input,
    input_is_not_read,
    first_input_is_not_read,
    read_twice_by_one_op,
    two_inputs,
)


@pytest.mark.parametrize("make", CASES, ids=lambda make: make.__name__)
def test_shapes_of_graphs(make: Maker) -> None:
    graph = graph_of(make)
    inputs = inputs_of(graph, 1)
    expected = evaluate(graph, inputs)
    for name, plan in all_plans(graph):
        for tensor, value in Executor(plan, {}).run(inputs).items():
            assert value.tobytes() == expected[tensor].tobytes(), f"{name}: {tensor}"


def example(net: Net) -> list[int]:
    """The worked example of docs/scheduling.md."""
    x = net_pointwise(net, net.input((1, 12, 20, 1)), 8)
    weights, _, zero = net.weights((1, 3, 3, 8), 3, 9, x)
    y = net.activation((1, 12, 20, 8), net.output_scale(x, weights, 9), zero)
    net.writer.op(
        "DEPTHWISE_CONV_2D",
        [x, weights],
        [y],
        padding=0,
        stride_h=1,
        stride_w=1,
        depth_multiplier=1,
        dilation_h_factor=1,
        dilation_w_factor=1,
        fused_activation_function=0,
    )
    return [net_pointwise(net, y, 1)]


def test_worked_example() -> None:
    graph = graph_of(example, seed=0)
    assert plan_layers(graph, ISAS).arena == 2240
    resident, rows = (pareto_plans(graph, ISAS, rows_in=r) for r in (False, True))
    assert (resident[0].arena, resident[0].lower_bound) == (860, 860)
    in_four = [p for p in (*resident, *rows) if p.stages[0].strips == 4]
    assert [(p.arena, round(p.macs_executed / graph.macs(), 3)) for p in in_four] == [
        (688, 1.027),
        (468, 1.027),
    ]


def refused(plan: Plan) -> bool:
    try:
        check(events(plan), plan.arena)
    except InternalError:
        return True
    return False


@pytest.mark.parametrize("seed", range(6))
def test_smaller_rings_are_refused(seed: int) -> None:
    plan = plan_smallest(chain(seed), ISAS, rows_in=bool(seed % 2))
    assert not refused(plan)
    for name, buffer in plan.buffers.items():
        if buffer.ring > 1:
            smaller = replace(buffer, ring=buffer.ring - 1)
            shared = {n: smaller for n, b in plan.buffers.items() if b == buffer}
            assert refused(replace(plan, buffers={**plan.buffers, **shared})), name


@pytest.mark.parametrize("seed", range(6))
def test_swapped_firings_are_refused(seed: int) -> None:
    """A firing before the one that it reads from."""
    plan = plan_smallest(chain(seed), ISAS, rows_in=True)
    (number, stage) = max(enumerate(plan.stages), key=lambda s: len(s[1].order))
    order = list(stage.order)
    last = max(i for i, firing in enumerate(order) if firing[0] == stage.tasks[1] - 1)
    order.insert(0, order.pop(last))
    stages = [replace(s, order=tuple(order)) if i == number else s for i, s in enumerate(plan.stages)]
    assert refused(replace(plan, stages=tuple(stages)))


def test_moved_buffers_are_refused_or_harmless() -> None:
    """Any buffer anywhere else: what the checker lets pass computes the right bytes all the same."""
    rejected = 0
    for seed in range(12):
        graph = network(seed)
        plan = plan_smallest(graph, ISAS)
        inputs = inputs_of(graph, seed)
        expected = evaluate(graph, inputs)
        rng = np.random.default_rng(seed)
        for name in list(plan.buffers)[:6]:
            buffer = plan.buffers[name]
            room = max(1, plan.arena - buffer.bytes + 1)
            moved = replace(buffer, offset=4 * int(rng.integers((room + 3) // 4)))
            damaged = replace(plan, buffers={**plan.buffers, name: moved})
            if refused(damaged):
                rejected += 1
                continue
            for tensor, value in Executor(damaged, {}).run(inputs).items():
                assert value.tobytes() == expected[tensor].tobytes(), f"network {seed}, {name}"
    assert rejected >= 30
