"""The generated sources of one small streamed model, and that they are reproducible."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.kernels.float_host import computed
from tests.kernels.float_layers import FloatTable
from tests.schedule.networks import chain
from tinyc.codegen import generate, generate_shared
from tinyc.frontends import load_tflite
from tinyc.ops.floats import evaluate_floats
from tinyc.ops.neg import Neg
from tinyc.passes import optimize
from tinyc.schedule import plan_layers, plan_smallest
from tinyc.target.boards import load_board

_BANNER = ("Generated for a test.",)


@pytest.mark.parametrize("mode", ["resident", "rows"])
def test_small_model(mode: str, golden: Callable[[str, str], None]) -> None:
    plan = plan_smallest(chain(0), ("ref",), rows_in=mode == "rows")
    files = generate(plan, load_board("host"), "small", mode, _BANNER)
    golden(f"small_{mode}.c", files["small.c"])
    golden(f"small_{mode}.h", files["small.h"])


@pytest.mark.parametrize("planner", [plan_layers, plan_smallest])
def test_the_same_model_gives_the_same_bytes(planner: Callable[..., object], digits: Path) -> None:
    board = load_board("mps2-an386")

    def once() -> dict[str, str]:
        graph = optimize(load_tflite(digits.read_bytes(), digits.name, "litert"))
        return generate(planner(graph, board.isa), board, "digits", "resident", _BANNER)  # type: ignore[arg-type]

    first = once()
    assert first == once()
    assert not [path for path, text in first.items() if "/tmp" in text or str(digits.parent) in text]


@pytest.mark.parametrize("steps", [256, 257])
def test_a_stage_of_more_steps_than_a_byte_counts(steps: int) -> None:
    table = FloatTable(0)
    x = table.input(1, 5, 3, 2)
    for _ in range(steps):
        x = table.add(Neg, [x])
    graph = table.graph()
    plan = plan_smallest(graph, ("ref",))
    assert [s.tasks for s in plan.stages] == [(0, steps)]
    given = table.samples(graph)
    (found,) = computed(plan, list(given.values()))
    np.testing.assert_array_equal(found, evaluate_floats(graph, given)[x])


def test_a_library_with_its_weights_as_bytes_has_the_same_ones(digits: Path) -> None:
    plan = plan_layers(optimize(load_tflite(digits.read_bytes(), digits.name, "litert")), ("scalar", "ref"))
    files = generate_shared(plan, load_board("host"), "digits", _BANNER)
    text = generate(plan, load_board("host"), "digits", "resident", _BANNER)
    assert {f for f in files if not f.endswith(".bin")} <= set(text)
    declared = re.findall(r"const (\w+) (\w+)\[(\d+)\] = {\n(.*?)};", text["digits_weights.c"], re.DOTALL)
    assert {f"{symbol}.bin" for _, symbol, _, _ in declared} == {f for f in files if f.endswith(".bin")}
    for ctype, symbol, length, body in declared:
        numbers = np.array([int(x) for x in body.replace("INT32_MIN", "-2147483648").split(",") if x.strip()])
        assert files[f"{symbol}.bin"] == numbers.astype(ctype.removesuffix("_t")).tobytes()
        assert len(numbers) == int(length)
