"""Firmware that goes wrong ends at once with an error that says where, never in a time-out."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.stub_model import CULPRIT, OVERFLOW, on_m4, on_qemu, stub
from tinyc.errors import FitError, InternalError, ToolError

PROMPT = 20.0
"""Seconds within which every fault must be reported, building included."""


@on_qemu
@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("*(volatile uint32_t *)NOWHERE = 1;", "culprit"),
        ("return *(volatile int *)NOWHERE;", "culprit"),
        ("__asm volatile(ILLEGAL);", "culprit"),
        ("((void (*)(void))(NOWHERE | 1))();", "unknown code, called from culprit"),
    ],
)
def test_a_fault_names_its_function(tmp_path: Path, board: str, body: str, where: str) -> None:
    model = stub(tmp_path, board, CULPRIT.format(body))
    begin = time.monotonic()
    with pytest.raises(InternalError, match=f"faulted in {where}.*pc=0x.*(cfsr|mcause)=0x"):
        model.run()
    assert time.monotonic() - begin < PROMPT


@on_qemu
def test_a_stack_overflow_is_told_from_other_faults(tmp_path: Path, board: str) -> None:
    with pytest.raises(FitError, match="the stack ran out of memory below deeper"):
        stub(tmp_path, board, OVERFLOW).run()


@on_qemu
def test_a_status_that_is_not_ok(tmp_path: Path, board: str) -> None:
    with pytest.raises(ToolError, match="did not return TC_OK"):
        stub(tmp_path, board, "tc_status stub_run(void) { return TC_ERROR; }").run()


@on_m4
def test_an_endless_loop_is_stopped(tmp_path: Path, board: str) -> None:
    model = stub(tmp_path, board, 'tc_status stub_run(void) { for (;;) { __asm volatile(""); } }')
    model.build()
    begin = time.monotonic()
    with pytest.raises(ToolError, match="did not end within 2 s"):
        model.run(timeout=2)
    assert time.monotonic() - begin < PROMPT


def test_the_host_reports_an_access_out_of_bounds(tmp_path: Path) -> None:
    body = "tc_status stub_run(void) { stub_arena[stub_arena[0] + 64] = 1; return TC_OK; }"
    with pytest.raises(InternalError, match=r"(?s)broke a rule of C.*index 64 out of bounds"):
        stub(tmp_path, "host", body).run()


def test_the_host_reports_an_overflow(tmp_path: Path) -> None:
    body = "int32_t big = INT32_MAX; tc_status stub_run(void) { big += 1; return TC_OK; }"
    with pytest.raises(InternalError, match="signed integer overflow"):
        stub(tmp_path, "host", body).run()
