"""Lines stream in blocks through buffers that slide: which tensors are lines, which steps a block has, what moves."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from tests.modelgen.graphs import net_pointwise
from tests.modelgen.net import Net
from tests.modelgen.ternary import ternary
from tests.schedule.execute import Executor
from tests.schedule.networks import inputs_of, sequence
from tests.schedule.policies import ISAS
from tinyc import memory
from tinyc.errors import InternalError
from tinyc.frontends import load_tflite
from tinyc.ir import Graph
from tinyc.kernels.base import Lowering
from tinyc.kernels.cost import cost_table
from tinyc.kernels.pace import Pace
from tinyc.ops.evaluate import evaluate
from tinyc.passes import optimize
from tinyc.schedule import Plan, plan_smallest
from tinyc.schedule.lines import Blocks, lines_of
from tinyc.schedule.planner import Search, check, pareto_plans, preferred
from tinyc.schedule.replay import events
from tinyc.schedule.selection import is_slower, within_time


def two_windows(steps: int = 48) -> Graph:
    """[1, 1, T, 2] through two convolutions of three steps, padded to the same length, to 8 and to 1 channel."""
    net = Net("two_windows", np.random.default_rng(5))
    x = net.input((1, 1, steps, 2), 0.1, 0)
    for channels in (8, 1):
        depth = net.shape(x)[3]
        weights, _, zero = net.weights((channels, 1, 3, depth), 0, 3 * depth, x)
        bias = net.writer.tensor((channels,), "int32", 1.0, 0, data=np.zeros(channels))
        y = net.activation((1, 1, steps, channels), net.output_scale(x, weights, 3 * depth), zero)
        net.writer.op("CONV_2D", [x, weights, bias], [y], padding=0, stride_h=1, stride_w=1)
        x = y
    return optimize(load_tflite(net.finish([x]), "two_windows", "litert"))


def one_stage(graph: Graph, blocks: Blocks) -> Plan:
    search = Search(graph, preferred(graph, ISAS), rows_in=False)
    return search.plan([search.costs_of(blocks).stage(0, len(graph.ops))])


def test_the_steps_of_an_image_of_one_row_are_rows() -> None:
    graph = two_windows()
    assert lines_of(graph, preferred(graph, ISAS)) == {
        n for op in graph.ops for n in (op.inputs[0], *op.outputs)
    }
    plan = one_stage(graph, Blocks(4, 4))
    assert [view.count for n, view in plan.rows.items() if view.side_by_side] == [48, 48, 48]
    first, second = plan.tasks
    # The first read of the second is of five steps: one block ends there, so none waits for a rest.
    assert first.writes[:3] == (((0, 1),), ((1, 5),), ((5, 9),))
    assert second.reads[:2] == (((0, 5),), ((3, 9),))
    # Two steps before a block, and the block.
    assert plan.buffers[first.outputs[0]].ring == 6


def test_what_is_read_again_moves_down_before_a_block_is_made() -> None:
    plan = one_stage(two_windows(), Blocks(4, 4))
    at = plan.buffers[plan.tasks[0].outputs[0]].offset
    moves = [event.moved for event in events(plan) if event.moved is not None]
    # At first a step of the buffer is empty still; the last block has three steps.
    assert moves[0] == (at + 3 * 8, at + 5 * 8, at)
    assert set(moves[1:-1]) == {(at + 4 * 8, at + 6 * 8, at)}
    assert moves[-1] == (at + 3 * 8, at + 6 * 8, at)
    assert len(moves) == 11


@pytest.mark.parametrize("blocks", [Blocks(1, 1), Blocks(2, 2), Blocks(5, 2), Blocks(48, 48)])
def test_blocks_change_no_byte(blocks: Blocks) -> None:
    graph = two_windows()
    inputs = inputs_of(graph, 3)
    (expected,) = (evaluate(graph, inputs)[p.tensor] for p in graph.outputs)
    (found,) = Executor(one_stage(graph, blocks), {}).run(inputs).values()
    assert found.tobytes() == expected.tobytes()


def test_the_checker_finds_a_buffer_that_slides_wrongly() -> None:
    plan = one_stage(two_windows(), Blocks(4, 4))
    name = plan.tasks[0].outputs[0]
    buffer = plan.buffers[name]
    assert buffer.slide is not None
    for wrong in (
        replace(buffer, ring=buffer.ring - 1),
        replace(buffer, slide=replace(buffer.slide, shift=0)),
        replace(buffer, slide=replace(buffer.slide, block=3)),
    ):
        with pytest.raises(InternalError, match="memory plan"):
            check(replace(plan, buffers={**plan.buffers, name: wrong}))
    moved = [replace(e, moved=e.moved and (e.moved[0] + 1, e.moved[1], e.moved[2])) for e in events(plan)]
    with pytest.raises(InternalError, match="holds something else"):
        memory.check(moved, plan.arena)


def test_blocks_are_as_large_as_the_largest_stage_leaves_room_for() -> None:
    graph = two_windows()
    smallest = plan_smallest(graph, ISAS)
    tight = Search(graph, preferred(graph, ISAS), rows_in=False, tight=True).smallest()
    assert tight.arena <= smallest.arena <= tight.arena * 5 // 4
    assert min(task.block for task in tight.tasks) == 1 < min(task.block for task in smallest.tasks)


def test_what_takes_an_image_as_it_is_keeps_its_rows() -> None:
    """Of [1, 9, 5, 2], a window over five columns leaves an image of one column; one over nine rows, one of one row."""
    for kernel, out in (((2, 5), (1, 8, 1, 3)), ((9, 2), (1, 1, 4, 3))):
        net = Net("window", np.random.default_rng(6))
        x = net.input((1, 9, 5, 2), 0.1, 0)
        weights, _, zero = net.weights((3, *kernel, 2), 0, 20, x)
        bias = net.writer.tensor((3,), "int32", 1.0, 0, data=np.zeros(3))
        y = net.activation(out, 0.5, zero)
        net.writer.op("CONV_2D", [x, weights, bias], [y], padding=1, stride_h=1, stride_w=1)
        graph = optimize(load_tflite(net.finish([y]), "window", "litert"))
        assert not lines_of(graph, preferred(graph, ISAS))


def test_sequences_in_every_shape_are_lines() -> None:
    for seed in range(8):
        graph = sequence(seed)
        found = lines_of(graph, preferred(graph, ISAS))
        assert found, f"sequence {seed}"
        assert all(max(graph.type(n).shape[1:-1]) > 1 for n in found)


def padded_sum() -> Graph:
    """A sum with what is computed in place of its other operand, and a border of two steps: the first that fires."""
    net = Net("padded_sum", np.random.default_rng(7))
    x = net.input((1, 1, 24, 4), 0.1, 0)
    a = net_pointwise(net, x, 8)
    b = net_pointwise(net, net_pointwise(net, a, 8), 8)
    bent = net.like(b, net.shape(b))
    net.writer.op("LEAKY_RELU", [b], [bent], alpha=0.1)
    y = net.activation(net.shape(a), 0.2, 0)
    net.writer.op("ADD", [a, bent], [y])
    wide = net.like(y, (1, 1, 26, 8))
    net.writer.op(
        "PAD", [y, net.writer.constant(np.array([[0, 0], [0, 0], [2, 0], [0, 0]], np.int32))], [wide]
    )
    z = net.like(wide, (1, 1, 24, 8))
    net.writer.op(
        "AVERAGE_POOL_2D", [wide], [z], padding=1, stride_h=1, stride_w=1, filter_height=1, filter_width=3
    )
    return optimize(load_tflite(net.finish([net_pointwise(net, z, 4)]), "padded_sum", "litert"))


def test_a_buffer_slides_before_the_first_that_is_made_in_it() -> None:
    """Whatever fires first: several ops compute in one place, and each block slides once."""
    plan = one_stage(padded_sum(), Blocks(2, 2))
    shared = 0
    for buffer in plan.buffers.values():
        if buffer.slide is None:
            continue
        same = [n for n, b in plan.buffers.items() if (b.slide, b.offset) == (buffer.slide, buffer.offset)]
        makers = [k for k, task in enumerate(plan.tasks) if set(task.outputs).intersection(same)]
        assert buffer.slide.task == min(makers)
        shared += len(makers) > 1
    assert shared


def ternary_sequence(steps: int = 128, channels: int = 48, *, depthwise: bool = False) -> Graph:
    """[1, 1, T, C] through convolutions of three steps with weights of -1, 0 and 1.

    Four of them, the steps one, two, four and eight apart; depthwise: three of five, a pointwise one behind each.
    """
    net = Net("ternary_sequence", np.random.default_rng(8))
    x = net.input((1, 1, steps, channels), 0.1, 0)
    layers = [("DEPTHWISE_CONV_2D", 5, 1), ("CONV_2D", 1, 1)] * 3 if depthwise else []
    for kind, columns, apart in layers or [("CONV_2D", 3, 1 << n) for n in range(4)]:
        is_dense = kind == "CONV_2D"
        taps = columns * channels if is_dense else columns
        shape = (channels, 1, columns, channels) if is_dense else (1, 1, columns, channels)
        weights, _, _ = net.weights(shape, 0 if is_dense else 3, taps, x)
        bias = net.writer.tensor((channels,), "int32", 1.0, 0, data=np.zeros(channels))
        y = net.activation((1, 1, steps, channels), net.output_scale(x, weights, taps), -128)
        more = {} if is_dense else {"depth_multiplier": 1}
        how = {"dilation_w_factor": apart, "dilation_h_factor": 1, "stride_h": 1, "stride_w": 1, **more}
        net.writer.op(kind, [x, weights, bias], [y], padding=0, **how)
        x = y
    return optimize(load_tflite(ternary(net.finish([x]), 8), "ternary_sequence", "litert"))


WIDE = (("thumb2", "scalar", "ref"), ("scalar", "ref"), ("dsp", "thumb2", "scalar", "ref"))


@pytest.mark.parametrize(
    ("isas", "depthwise"),
    [*((isas, depthwise) for isas in WIDE for depthwise in (False, True)), (("mve", "scalar", "ref"), False)],
)
def test_blocks_have_the_steps_that_kernels_compute_together(
    isas: tuple[str, ...], *, depthwise: bool
) -> None:
    graph = ternary_sequence(depthwise=depthwise)
    lowerings = preferred(graph, isas)
    assert all("ternary" in low.symbols for low in lowerings)
    search = Search(graph, lowerings, rows_in=False)
    plan = search.smallest()
    assert plan.idle_macs <= graph.macs() / 2
    least = Search(graph, lowerings, rows_in=False, tight=True).smallest()
    assert least.idle_macs > 5 * plan.idle_macs
    assert least.arena < plan.arena <= least.arena + 2500
    inputs = inputs_of(graph, 3)
    (expected,) = (evaluate(graph, inputs)[p.tensor] for p in graph.outputs)
    (found,) = Executor(plan, {}).run(inputs).values()
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("isas", "cpu", "channels", "instead"),
    [
        (("thumb2", "scalar", "ref"), "cortex-m3", 112, "ternary_(line_)?tables"),
        (("dsp", "thumb2", "scalar", "ref"), "cortex-m4", 128, "ternary_(line_)?tables"),
    ],
)
def test_kernels_that_would_be_slower_in_small_blocks_are_not_taken(
    isas: tuple[str, ...], cpu: str, channels: int, instead: str
) -> None:
    """Tables, which compute two steps together, take their place."""
    graph = ternary_sequence(channels=channels, steps=32)
    search = Search(graph, preferred(graph, isas), rows_in=False)
    for blocks, stay in ((Blocks(2, 2), False), (Blocks(32, 32), True)):
        plan = search.plan([search.costs_of(blocks).stage(0, len(graph.ops))])
        assert not any(re.search(instead, low.symbols) for low in plan.lowerings)
        found = within_time(plan, isas, cost_table(cpu))
        assert (found == plan.lowerings) == stay
        assert all(re.search(instead, low.symbols) for low in found) == (not stay)


def test_helium_kernels_that_unpack_no_weights_stay_in_small_blocks() -> None:
    graph, isas = ternary_sequence(channels=128, steps=32), ("mve", "scalar", "ref")
    search = Search(graph, preferred(graph, isas), rows_in=False)
    plan = search.plan([search.costs_of(Blocks(2, 2)).stage(0, len(graph.ops))])
    assert all("ternary_fives" in low.symbols for low in plan.lowerings)
    assert within_time(plan, isas, cost_table("cortex-m55")) == plan.lowerings


def test_kernels_that_know_their_time_tell_which_plan_is_slower() -> None:
    """Two steps at a time SIMD takes more than tables, four at a time less."""
    graph, isas = ternary_sequence(channels=128, steps=32), ("dsp", "thumb2", "scalar", "ref")
    simd = preferred(graph, isas)

    def plan(lowerings: tuple[Lowering, ...], steps: int) -> Plan:
        search = Search(graph, lowerings, rows_in=False)
        return search.plan([search.costs_of(Blocks(steps, steps)).stage(0, len(graph.ops))])

    pairs, fours = plan(simd, 2), plan(simd, 4)
    tables = plan(within_time(pairs, isas, cost_table("cortex-m4")), 2)
    assert not is_slower(tables, pairs) and is_slower(pairs, tables)
    assert is_slower(tables, fours) and not is_slower(fours, tables)


@pytest.mark.parametrize("channels", [96, 128])
def test_no_plan_by_other_kernels_is_slower(channels: int) -> None:
    graph, isas = ternary_sequence(channels=channels), ("dsp", "thumb2", "scalar", "ref")
    plan = pareto_plans(graph, isas, recompute=False, cpu="cortex-m4")[0]
    assert not is_slower(plan, Search(graph, preferred(graph, isas), rows_in=False).smallest())


def test_the_time_of_a_call_grows_by_what_is_computed_together() -> None:
    pace = Pace(8, ((4, 5.0),), setup=1.0)
    assert [pace.time(n) for n in (0, 1, 4, 5, 8, 12, 16)] == [0, 6, 6, 9, 9, 14, 17]
    assert pace.time(16, columns=8) == 18  # two groups, each with what it takes beside
    assert pace.slower(4, 0, 16) == (6 / 4) / (17 / 16)
    assert pace.instructions(4) == 0
    assert Pace(8, ((4, 5.0),), setup=1.0, each=7.0).instructions(4) == 42
