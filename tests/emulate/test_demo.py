"""The demo program on every board: outputs, counts, stack, traces, row input, several tensors."""

from __future__ import annotations

import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.stub_model import INPUTS, MPS_BOARDS, VECTORS, expected, on_all, on_m4, on_qemu, stub, sums
from tinyc.codegen.projects.firmware import BorderTensor, RowInput
from tinyc.emulate import pack_vectors
from tinyc.emulate.run import choose_emulator
from tinyc.errors import BoardError, ToolError
from tinyc.target.boards import load_board

SPIN = """
tc_status stub_run(void)
{
    uint32_t turns;
    memcpy(&turns, stub_arena, 4);
    spin(turns);
    return TC_OK;
}
"""


def spin_vectors(turns: list[int]) -> bytes:
    return pack_vectors([(struct.pack("<I12x", count), bytes(16)) for count in turns])


@on_all
def test_outputs_and_console(tmp_path: Path, board: str) -> None:
    result = stub(tmp_path, board).run()
    assert result.outputs == tuple(expected(data) for data in INPUTS)
    assert result.mismatches == (0, 0, 0)
    assert "tinyc: done samples=3 mismatches=0 PASS" in result.console


@on_all
def test_mismatches_are_counted_and_are_no_error(tmp_path: Path, board: str) -> None:
    wrong = bytearray(VECTORS)
    wrong[16 + 16] ^= 1  # first output byte of sample 0
    wrong[-1] ^= 1
    wrong[-2] ^= 1
    result = stub(tmp_path, board, vectors=bytes(wrong)).run()
    assert result.mismatches == (1, 0, 2)
    assert result.outputs == tuple(expected(data) for data in INPUTS)
    assert "FAIL" in result.console


@on_all
def test_trace_holds_every_layer_of_every_sample(tmp_path: Path, board: str) -> None:
    result = stub(tmp_path, board).run("trace")
    assert len(result.trace) == len(INPUTS)
    for sample, data in enumerate(INPUTS):
        assert result.layer_outputs(sample) == {0: sums(data), 1: expected(data)}


def test_the_host_measures_nothing(tmp_path: Path) -> None:
    result = stub(tmp_path, "host").run()
    assert (result.instructions, result.stack_high_water) == ((), None)


@on_qemu
def test_instructions_are_exact(tmp_path: Path, board: str) -> None:
    """Whatever phase of the timer's tick the inference begins and ends in."""
    turns = [1, *range(50, 130), 1_000_003]
    result = stub(tmp_path, board, SPIN, vectors=spin_vectors(turns)).run()
    assert [count - result.instructions[0] for count in result.instructions] == [2 * (n - 1) for n in turns]


@on_m4
@pytest.mark.slow
def test_counts_beyond_24_bits_of_ticks(tmp_path: Path, board: str) -> None:
    """A 24-bit SysTick would wrap after 671 M instructions."""
    result = stub(tmp_path, board, SPIN, vectors=spin_vectors([1, 350_000_000])).run(timeout=300)
    assert result.instructions[1] - result.instructions[0] == 2 * (350_000_000 - 1)


@on_qemu
def test_a_profile_is_exact_however_often_layers_interleave(tmp_path: Path, board: str) -> None:
    body = """
    tc_status stub_run(void)
    {
        for (int i = 0; i < 10; i++) {
            TC_LAYER_BEGIN(0);
            spin(100);
            TC_LAYER_END(0, 0, 0);
            TC_LAYER_BEGIN(1);
            spin(1007);
            TC_LAYER_END(1, 0, 0);
        }
        return TC_OK;
    }
    """
    model = stub(tmp_path, board, body, vectors=spin_vectors([1]))
    plain, profiled = model.run().instructions[0], model.run("profile")
    first, second = profiled.layer_instructions
    # each turn is two instructions; one more loads the constant, and smaller cores take two to pass an argument
    passing = 0 if board in MPS_BOARDS or board.startswith("stm32") else 10 * 3
    assert 0 <= first - 10 * (2 * 100 + 1) <= passing
    assert 0 <= second - 10 * (2 * 1007 + 1) <= passing
    assert abs(profiled.instructions[0] - plain) <= 20 * 6  # registers that the hooks' calls do not keep


@on_qemu
def test_painting_sees_the_stack_of_the_inference_alone(tmp_path: Path, board: str) -> None:
    body = """
    tc_status stub_run(void)
    {
        volatile uint8_t big[1000];
        for (int i = 0; i < 1000; i++) {
            big[i] = 1;
        }
        return big[0] == 1 ? TC_OK : TC_ERROR;
    }
    """
    used = stub(tmp_path, board, body, vectors=spin_vectors([1])).run().stack_high_water
    assert used is not None
    assert 1000 <= used <= 1016


@on_all
def test_rows_come_from_the_test_vectors(tmp_path: Path, board: str) -> None:
    body = """
    tc_status stub_run_rows(tc_read_row read, void *ctx)
    {
        for (int32_t row = 0; row < 4; row++) {
            if (read(ctx, row, stub_arena + 32 + 4 * row) != TC_OK) {
                return TC_ERROR;
            }
        }
        const int refused = read(ctx, 4, stub_arena) == TC_ERROR && read(ctx, -1, stub_arena) == TC_ERROR;
        return refused ? TC_OK : TC_ERROR;
    }
    """
    model = stub(
        tmp_path, board, body, rows=RowInput(count=4, bytes=4), vectors=pack_vectors([(d, d) for d in INPUTS])
    )
    assert model.run().mismatches == (0, 0, 0)


@on_all
def test_several_inputs_and_outputs_of_other_types(tmp_path: Path, board: str) -> None:
    model = """
    #include "stub.h"
    static int32_t stub_arena[16];
    int8_t *stub_input(void) { return (int8_t *)stub_arena; }
    int32_t *stub_input_1(void) { return stub_arena + 4; }
    const int8_t *stub_output(void) { return (int8_t *)(stub_arena + 4); }
    const int32_t *stub_output_1(void) { return stub_arena; }
    tc_status stub_run(void) { return TC_OK; }
    """
    small, large = bytes(range(16)), struct.pack("<3i", 1, -2, 3)
    result = stub(
        tmp_path,
        board,
        model=model,
        inputs=(BorderTensor(16), BorderTensor(12, 4, "_1")),
        outputs=(BorderTensor(12), BorderTensor(16, 4, "_1")),
        vectors=pack_vectors([(small + large, large + small), (small + large, large + bytes(16))]),
    ).run()
    assert result.outputs == (large + small, large + small)
    assert result.mismatches == (0, 4)  # elements, not bytes


@on_m4
def test_several_runs_at_once_do_not_meet(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board)
    model.build()
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: model.run(), range(3)))
    assert len({result.console for result in results}) == 1
    assert not list(model.written.glob("outputs.bin"))


@on_m4
def test_vectors_of_another_model_are_refused(tmp_path: Path, board: str) -> None:
    with pytest.raises(ToolError, match="belongs to another model"):
        stub(tmp_path, board, vectors=pack_vectors([(bytes(8), bytes(16))])).run()


@on_m4
def test_vectors_that_are_not_there_are_no_other_models(tmp_path: Path, board: str) -> None:
    """As where the emulator has no memory in their place: it reads as zero."""
    with pytest.raises(ToolError, match=r"vectors\.bin did not arrive in memory") as caught:
        stub(tmp_path, board, vectors=bytes(200)).run()
    assert "TC_MAILBOX_BASE" in caught.value.hint and "[[ram]]" in caught.value.hint


@on_m4
def test_vectors_that_end_early_are_refused(tmp_path: Path, board: str) -> None:
    with pytest.raises(ToolError, match="too short"):
        stub(tmp_path, board, vectors=VECTORS[:-1]).run()


def test_a_missing_emulator_is_answered_with_the_apt_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="qemu-system-arm is not installed") as caught:
        choose_emulator(load_board("mps2-an386"))
    assert caught.value.hint == "Install it: sudo apt-get install qemu-system-arm"


def test_an_emulator_the_board_does_not_know() -> None:
    with pytest.raises(BoardError, match="does not run in renode"):
        choose_emulator(load_board("mps2-an386"), "renode")
