"""The choice of kernels by costs, from made-up tables."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tinyc.frontends import load_tflite
from tinyc.kernels.base import Call, Constant, Lowering
from tinyc.kernels.cost import CostTable, Work, cost_table
from tinyc.passes import optimize
from tinyc.paths import data_dir
from tinyc.schedule.selection import (
    Alternative,
    Alternatives,
    Selection,
    alternatives_of,
    by_instruction_set,
    cut_down,
    fastest,
    flash_of,
    instructions_of,
    kernels_of,
    leanest,
    quickest,
    smallest,
)

#: Code and stack of made-up kernels; "big_dsp" does not compile for size.
SIZES = {"big_dsp": (1000, 80), "mid_scalar": (500, 40), "small_ref": (200, 16), "other_ref": (150, 24)}
TABLE = CostTable({}, {"-O2": SIZES, "-Os": {k: v for k, v in SIZES.items() if k != "big_dsp"}})


def one(kernel: str, instructions: int | None, scratch: int = 0, constants: int = 0) -> Alternative:
    call = Call(kernel, "made_up", (), (), scratch=scratch)
    data = (Constant("weights", "int8_t", np.zeros(constants, np.int8)),) if constants else ()
    lowering = Lowering((call,), data)
    cost = TABLE.cost(lowering, Work(0, 0, 0, 0))
    return Alternative(
        lowering, type(cost)(instructions or 0, 0, instructions is not None, scratch, constants, cost.kernels)
    )


def op(fast: int, slow: int, scratch: int = 300, constants: int = 40) -> tuple[Alternative, ...]:
    """An op that three kernels take."""
    return (
        one("big_dsp", fast, scratch, constants),
        one("mid_scalar", 2 * fast, 100, constants + 8),
        one("small_ref", slow, 0, constants),
    )


NETWORK: Alternatives = (op(1000, 9000), op(50, 400), (one("other_ref", 30),), op(200, 1500, constants=90))


def kernels(selection: Selection) -> list[str]:
    return [each.lowering.symbols for each in selection]


def test_the_preferred_kernel_stays_where_another_is_not_clearly_faster() -> None:
    assert kernels(fastest(((one("a_dsp", 100), one("a_ref", 80)),))) == ["a_dsp"]
    assert kernels(fastest(((one("a_dsp", 100), one("a_ref", 50)),))) == ["a_ref"]
    assert kernels(fastest(((one("a_cmsis", None), one("a_ref", 70)),))) == ["a_cmsis"]


def test_an_instruction_set_stands_for_the_kernels_that_the_option_takes() -> None:
    assert kernels(by_instruction_set(NETWORK, "scalar")) == [
        "mid_scalar",
        "mid_scalar",
        "other_ref",
        "mid_scalar",
    ]
    assert kernels(by_instruction_set(NETWORK, "ref")) == ["small_ref", "small_ref", "other_ref", "small_ref"]


def test_each_limit_on_the_stack_has_its_leanest_kernels() -> None:
    found = [kernels(s) for s in leanest(NETWORK, TABLE, "-O2")]
    assert found == [["small_ref", "small_ref", "other_ref", "small_ref"]]
    deep = ((one("big_dsp", 1, 8), one("small_ref", 9, 16)),)
    assert [kernels(s) for s in leanest(deep, TABLE, "-O2")] == [["small_ref"], ["big_dsp"]]


@pytest.mark.parametrize("level", ["-O2", "-Os"])
def test_the_smallest_code_is_found(level: str) -> None:
    """Against all selections."""
    every = [s for s in product(*NETWORK) if level == "-O2" or "big_dsp" not in kernels(s)]
    best = smallest(NETWORK, TABLE, level)  # type: ignore[arg-type]
    assert best is not None
    assert flash_of(best, TABLE, level) == min(flash_of(s, TABLE, level) for s in every)  # type: ignore[arg-type]


def test_an_op_whose_kernels_do_not_compile_for_size_has_no_smallest_code() -> None:
    assert smallest(((one("big_dsp", 1),),), TABLE, "-Os") is None


def test_kernels_are_left_out_until_the_flash_fits() -> None:
    whole = fastest(NETWORK)
    size, speed = flash_of(whole, TABLE, "-O2"), instructions_of(whole)
    assert cut_down(whole, NETWORK, TABLE, "-O2", size) == whole
    for limit in (size - 1, size - 600):
        found = cut_down(whole, NETWORK, TABLE, "-O2", limit)
        assert flash_of(found, TABLE, "-O2") <= limit
        assert instructions_of(found) > speed
    assert flash_of(cut_down(whole, NETWORK, TABLE, "-O2", 0), TABLE, "-O2") > 0


@pytest.mark.parametrize(
    "cpu", ["cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m55", "rv32imac", "native"]
)
def test_every_core_has_a_table(cpu: str) -> None:
    table = cost_table(cpu)
    for kernel in ("tc_conv2d_s8_ref", "tc_conv2d_s8_scalar", "tc_softmax_s8_ref"):
        assert len(table.instructions[kernel]) == 4
        assert table.code_bytes((kernel,), "-O2") > table.stack_bytes((kernel,), "-O2") > 0


def test_every_kernel_that_competes_is_in_the_table() -> None:
    """`python -m benchmarks.costs --sizes-only` adds a new one."""
    measured = {k for cpu in ("cortex-m55", "cortex-m0", "rv32imac") for k in cost_table(cpu).sizes["-O2"]}
    kernels = {file.stem for file in data_dir("runtime").glob("src/kernels/*/*.c")}
    missing = {k for k in kernels if not k.endswith(("_ref", "_cmsis"))} - measured
    assert not missing


@pytest.mark.parametrize(
    ("cpu", "isas", "ops"),
    [("cortex-m4", ("dsp", "scalar", "ref"), 6), ("cortex-m55", ("mve", "dsp", "ref"), 5)],
)
def test_the_quickest_within_a_limit_is_that_of_all_selections(
    cpu: str, isas: tuple[str, ...], ops: int, digits: Path
) -> None:
    """Every selection of the first layers of a real network, by the measured table, against the search."""
    table = cost_table(cpu)
    graph = optimize(load_tflite(digits.read_bytes(), digits.name, "litert"))
    network = alternatives_of(graph, isas, table)[:ops]
    every = [(flash_of(s, table, "-O2"), instructions_of(s)) for s in product(*network)]
    least, most = min(every)[0], flash_of(fastest(network), table, "-O2")
    assert len({kernels_of(s) for s in product(*network)}) > 100
    for limit in range(least, most + 1, (most - least) // 8):
        found = quickest(network, table, "-O2", limit)
        assert found is not None
        assert flash_of(found, table, "-O2") <= limit
        assert instructions_of(found) <= 1.05 * min(spent for flash, spent in every if flash <= limit)


def test_where_nothing_is_within_the_limit_the_quickest_is_the_smallest() -> None:
    found, small = quickest(NETWORK, TABLE, "-O2", 10), smallest(NETWORK, TABLE, "-O2")
    assert found is not None
    assert small is not None
    assert flash_of(found, TABLE, "-O2") == flash_of(small, TABLE, "-O2")
