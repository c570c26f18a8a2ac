"""Executed instructions by class on emulated boards: a hand-written loop, and a whole model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stub_model import INPUTS, VECTORS, on_m4, on_qemu, stub
from tinyc.cycles import estimate_layers, estimate_run, model_of
from tinyc.emulate import pack_vectors
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

LOOP = """
tc_status stub_run(void)
{
    uint32_t turns = 100;
    uint32_t sum = 0;
    __asm volatile(".syntax unified\\n"
                   "1: ldr r3, [%2]\\n"
                   "smlad %0, r3, r3, %0\\n"
                   "smlad %0, r3, r3, %0\\n"
                   "mul r3, r3, r3\\n"
                   "subs %1, %1, #1\\n"
                   "bne 1b\\n"
                   : "+r"(sum), "+r"(turns)
                   : "r"(stub_arena)
                   : "r3", "cc", "memory");
    return TC_OK;
}
"""

ONE = pack_vectors([(INPUTS[0], bytes(16))])


@on_m4
def test_classes_of_a_known_loop(tmp_path: Path, board: str) -> None:
    model, facts = stub(tmp_path, board, LOOP, vectors=ONE), load_board(board)
    core = model_of(facts, "qemu")
    assert core is not None
    built = model.build("demo", "qemu")
    found = estimate_run(built, ONE, facts, "stub", core, 60)
    assert found.classes["load"] >= 100
    assert found.classes["SIMD multiply"] == 200
    assert found.classes["multiply"] == 100
    assert (found.classes["branch taken"], found.classes["branch passed"]) == (99, 1)
    around = found.instructions - 600
    assert 0 < around < 20
    # a load that nothing follows at once 2, three others 3, subs 1, bne 3 or 1
    assert 100 * 6 + 99 * 3 + 1 <= found.cycles <= 100 * 6 + 99 * 3 + 1 + 3 * around
    assert found == estimate_run(built, ONE, facts, "stub", core, 60)


@on_qemu
def test_every_instruction_is_found(tmp_path: Path, board: str) -> None:
    """As many as the board's own counter says, to its tick; of the run and of each layer."""
    model, facts = stub(tmp_path, board), load_board(board)
    core = model_of(facts, "qemu")
    assert core is not None
    first = pack_vectors([(VECTORS[16:32], VECTORS[32:48])])
    found = estimate_run(model.build("demo", "qemu"), first, facts, "stub", core, 60)
    assert found.instructions == pytest.approx(model.run(emulator="qemu").instructions[0], abs=64)
    assert found.cycles > 0.4 * found.instructions
    layers = estimate_layers(model.build("profile", "qemu"), first, facts, core, 60)
    counted = model.run("profile", emulator="qemu").layer_instructions
    assert set(layers) == {0, 1}
    for number, layer in layers.items():
        assert layer.instructions == pytest.approx(counted[number], abs=64)


@on_m4
def test_of_a_model(digits: Path, board: str) -> None:
    options = Options(load_board(board))
    result = run_model(digits, options, Samples(1, 1), profile=True, cycles=True).json
    total = result["estimated_cycles"]
    assert result["cycle_model"] == "Cortex-M4"
    assert sum(result["instruction_classes"].values()) == pytest.approx(result["instructions"], abs=64)
    assert result["instructions"] < total < 3 * result["instructions"]
    assert sum(layer["estimated_cycles"] for layer in result["layers"]) == pytest.approx(total, rel=0.1)


def test_no_estimate_without_a_log_or_a_model_of_the_core() -> None:
    assert model_of(load_board("stm32f4-discovery"), "renode") is None
    assert model_of(load_board("host"), "host") is None
