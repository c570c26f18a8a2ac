"""The JSON of `tinyc run`, from runs made up here."""

from __future__ import annotations

import numpy as np

from tinyc.costs.report_json import run_report
from tinyc.emulate import RawRun
from tinyc.target.boards import load_board
from tinyc.verify.expected import Vectors

REPORT = {
    "model": {"macs": 100},
    "ram": {"arena": 40, "static": 2},
    "schedule": {"macs_executed": 90},
    "layers": [{"name": "a", "position": 0}, {"name": "b", "position": 2}, {"name": "c", "position": 3}],
}
SAMPLE = (np.zeros((1, 4), np.int8),)


def report(spent: tuple[int, ...]) -> dict[str, object]:
    run = RawRun((b"0000",), (0,), (1000,), 24, spent, (), "")
    board = load_board("mps2-an386")
    return run_report(REPORT, board, "qemu", Vectors(SAMPLE, SAMPLE, "litert"), run, SAMPLE, 0, spent)


def test_instructions_go_to_the_op_they_were_counted_for() -> None:
    """Op 1 is a view, without a layer; op 2 computes, but its count is 0."""
    layers = report((700, 0, 0, 300))["layers"]
    assert layers == [
        {"name": "a", "position": 0, "instructions": 700},
        {"name": "b", "position": 2, "instructions": 0},
        {"name": "c", "position": 3, "instructions": 300},
    ]


def test_without_a_profile_there_are_no_layers() -> None:
    assert report(())["layers"] == []


def test_figures_of_one_inference() -> None:
    found = report(())
    assert (found["instructions"], found["instructions_per_mac"]) == (1000, 10.0)
    assert found["ram"] == {"measured": 66, "stack_high_water": 24}
    assert found["bit_exact"] is True
