"""The generated sources of one small streamed model, and that they are reproducible."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.schedule.networks import chain
from tinyc.codegen import generate
from tinyc.frontends import load_tflite
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
