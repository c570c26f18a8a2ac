"""The command line: exit codes, messages without tracebacks, and what each command writes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.stub_model import needs_qemu
from tinyc import compiler
from tinyc.cli import run
from tinyc.errors import did_you_mean
from tinyc.frontends.tflite.operators import OPERATORS
from tinyc.target.boards import board_names

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("frobnicate", "frobnicate"),
        ("run", "MODEL|DIR"),
        ("run m.tflite", "--board"),
        ("run m.tflite --board host --bord x", "--bord"),
        ("run m.tflite --board host --samples 0", "--samples"),
        ("run m.tflite --board host --samples many", "--samples"),
        ("run m.tflite --board host --emulator spike", "--emulator"),
        ("run m.tflite --board host --emulator qmeu", "Did you mean 'qemu'?"),
        ("compil m.tflite", "compile"),
        ("compile m.tflite --board host -o out --optimize fast", "--optimize"),
        ("compile m.tflite --board host -o out --optimize sped", "Did you mean 'speed'?"),
        ("run m.tflite --board host --inputs x.npy --seed 1", "--inputs"),
        ("run m.tflite --board host --model x.tflite", "--model"),
        ("compile m.tflite --board host", "-o"),
        ("compile m.tflite --board host -o out --ram-budget 64q", "64q"),
        ("compile m.tflite --board host -o out --optimize size", "--optimize"),
        ("report a.json b.json c.json", "one model, or two"),
        ("report m.tflite", "--board"),
        ("report none.json none.json", "none.json"),
    ],
)
def test_wrong_command_line_exits_64(line: str, says: str, capsys: Captured) -> None:
    assert run(line.split()) == 64
    captured = capsys.readouterr()
    assert says in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""


def test_help_and_version(capsys: Captured) -> None:
    assert run([]) == 0
    assert "compile" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert re.match(r"tinyc \d+\.\d+\.\d+", capsys.readouterr().out)
    for command in ("compile", "run", "report", "boards", "ops", "doctor"):
        assert run([command, "--help"]) == 0
    assert run(["compile", "--help"]) == 0
    assert "--ram-budget" in capsys.readouterr().out


def test_boards_and_ops_are_listed(capsys: Captured) -> None:
    assert run(["boards"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in board_names())
    assert run(["ops"]) == 0
    listed = capsys.readouterr().out
    assert all(operator.kind in listed for operator in OPERATORS)


def test_doctor_says_how_to_get_what_is_missing(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert run(["doctor"]) == 5
    captured = capsys.readouterr()
    assert "sudo apt-get install qemu-system-arm" in captured.out
    assert "Missing: make, gcc, arm-none-eabi-gcc, qemu-system-arm." in captured.err


def test_unknown_board_exits_3(digits: Path, capsys: Captured) -> None:
    assert run(["run", str(digits), "--board", "pdp-11"]) == 3
    assert "mps2-an386" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "says", "code"),
    [
        ("run {digits} --board mps2-an36", "Did you mean 'mps2-an386'?", 3),
        ("run {folder}/digts.tflite --board host", "Did you mean 'digits.tflite'?", 2),
        ("run {folder}/nowhere/digits.tflite --board host", "there is no folder", 2),
        ("run {digits} --board host --inputs {folder}/digit.npz", "Did you mean 'digits.npz'?", 64),
        ("run {digits} --board host --kernels scaler", "Did you mean 'scalar'?", 64),
    ],
)
def test_what_was_meant_is_told(line: str, says: str, code: int, digits: Path, capsys: Captured) -> None:
    assert run(line.format(digits=digits, folder=digits.parent).split()) == code
    assert says in capsys.readouterr().err


def test_the_shell_completes_commands_and_boards(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="0"):
        run(["--show-completion", "bash"])
    assert "_TINYC_COMPLETE=complete_bash" in capsys.readouterr().out
    monkeypatch.setenv("_TINYC_COMPLETE", "complete_bash")
    for words, offered in (
        ("tinyc rep", ["report"]),
        ("tinyc run m.tflite --board mps3", ["mps3-an547"]),
        ("tinyc compile m.tflite --board nu", ["nucleo-g0b1re"]),
    ):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        with pytest.raises(SystemExit, match="0"):
            run(["x"])
        assert capsys.readouterr().out.split() == offered


def test_unreadable_models_exit_2(tmp_path: Path, capsys: Captured) -> None:
    garbage = tmp_path / "garbage.tflite"
    garbage.write_bytes(b"not a model at all" * 9)
    for model in (garbage, tmp_path / "missing.tflite"):
        assert run(["compile", str(model), "--board", "host", "-o", str(tmp_path / "out")]) == 2
        captured = capsys.readouterr()
        assert model.name in captured.err
        assert "Traceback" not in captured.err
    assert not (tmp_path / "out").exists()


def test_unexpected_exceptions_exit_70(
    digits: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("a bug [bold]")

    monkeypatch.setattr(compiler, "compile_model", broken)
    assert run(["report", str(digits), "--board", "host"]) == 70
    told = capsys.readouterr().err
    assert "bug in tinyc: ZeroDivisionError: a bug [bold]" in told
    assert "Traceback" not in told
    monkeypatch.setenv("TINYC_DEBUG", "1")
    assert run(["report", str(digits), "--board", "host"]) == 70
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (EOFError, 70)])
def test_interruptions(
    raised: type[BaseException], code: int, digits: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise raised

    monkeypatch.setattr(compiler, "compile_model", stopped)
    assert run(["report", str(digits), "--board", "host"]) == code


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory, digits: Path) -> Path:
    """digits compiled for host."""
    out = tmp_path_factory.mktemp("cli") / "firmware"
    assert run(["compile", str(digits), "--board", "host", "-o", str(out)]) == 0
    return out


def test_compile_writes_a_project(firmware: Path) -> None:
    report = json.loads((firmware / "report.json").read_text())
    assert report["schema"] == 1
    assert report["board"] == "host"
    header = (firmware / "digits.h").read_text().splitlines()[:4]
    assert any("tinyc compile digits.tflite --board host" in line for line in header)
    assert not any("firmware" in line for line in header)


def test_compile_replaces_only_its_own_folders(firmware: Path, digits: Path, tmp_path: Path) -> None:
    command = ["compile", str(digits), "--board", "host", "-o"]
    assert run([*command, str(firmware)]) == 0
    (tmp_path / "precious.txt").write_text("mine")
    assert run([*command, str(tmp_path)]) == 64
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_run_of_a_folder_and_of_a_model(
    firmware: Path, digits: Path, tmp_path: Path, capsys: Captured
) -> None:
    result = tmp_path / "r.json"
    assert run(["run", str(firmware), "--json", str(result)]) == 0
    assert json.loads(result.read_text())["judge"] == "stored"
    assert run(["run", str(firmware), "--kernels", "ref"]) == 64
    capsys.readouterr()

    outputs = tmp_path / "y.npz"
    line = ["run", str(digits), "--board", "host", "--samples", "3", "--seed", "1"]
    assert run([*line, "--json", str(result), "--save-outputs", str(outputs)]) == 0
    assert "bit-exact" in capsys.readouterr().out
    found = json.loads(result.read_text())
    assert found["bit_exact"] is True
    assert (found["schema"], found["samples"], found["elements"], found["mismatches"]) == (1, 3, 30, 0)
    assert found["instructions"] is None
    assert found["ram"] == {"measured": None, "stack_high_water": None}
    with np.load(outputs) as saved:
        assert saved["out0"].shape == (3, 1, 10)
        assert saved["out0"].dtype == np.int8


def test_run_reports_mismatches_and_exits_6(firmware: Path, tmp_path: Path, capsys: Captured) -> None:
    """Other vectors, with their hash in report.json, stand for firmware that computes something else."""
    wrong = tmp_path / "wrong"
    subprocess.run(("cp", "-r", str(firmware), str(wrong)), check=True)
    with np.load(wrong / "vectors.npz") as stored:
        arrays = dict(stored)
    arrays["out0"] = arrays["out0"].copy()
    arrays["out0"][1, 0, 7] ^= 1
    np.savez(wrong / "vectors.npz", **arrays)
    report = json.loads((wrong / "report.json").read_text())
    report["files"]["vectors.npz"] = hashlib.sha256((wrong / "vectors.npz").read_bytes()).hexdigest()
    (wrong / "report.json").write_text(json.dumps(report))
    result = tmp_path / "r.json"
    assert run(["run", str(wrong), "--json", str(result)]) == 6
    assert json.loads(result.read_text())["mismatches"] == 1
    assert "not bit-exact: 1 of 50" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["run", "report"])
def test_json_on_standard_output_and_quiet(command: str, digits: Path, capsys: Captured) -> None:
    line = [command, str(digits), "--board", "host"]
    assert run([*line, "--json", "-"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["schema"] == 1
    assert "digits.tflite" in captured.err
    assert run([*line, "--json", "-", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["schema"] == 1
    assert captured.err == ""
    assert not Path("-").exists()


def test_quiet_compile_and_comparison(firmware: Path, digits: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(["compile", str(digits), "--board", "host", "-o", str(tmp_path / "out"), "-q"]) == 0
    assert (tmp_path / "out" / "report.json").is_file()
    report = str(firmware / "report.json")
    assert run(["report", report, report, "--quiet"]) == 0
    assert run(["report", report, str(tmp_path / "none.json"), "--quiet"]) == 64
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")


def test_float_inputs_are_quantized_and_that_is_said(digits: Path, tmp_path: Path, capsys: Captured) -> None:
    images = np.random.default_rng(0).uniform(0, 1, (4, 8, 8, 1))
    np.save(tmp_path / "images.npy", images)
    whole = np.clip(np.floor(images.astype(np.float32) * 255 + 0.5) - 128, -128, 127).astype(np.int8)
    np.savez(tmp_path / "whole.npz", image=whole)
    results = []
    for name in ("images.npy", "whole.npz"):
        line = ["run", str(digits), "--board", "host", "--inputs", str(tmp_path / name)]
        assert run([*line, "--json", str(tmp_path / "r.json")]) == 0
        results.append(json.loads((tmp_path / "r.json").read_text()))
    assert results[0]["outputs_sha256"] == results[1]["outputs_sha256"]
    (note,) = results[0]["input_notes"]
    assert note == "in0: float values quantized by scale 0.00392157, zero point -128"
    assert note in capsys.readouterr().out
    assert results[1]["input_notes"] == []


@pytest.mark.parametrize("option", ["--json", "--save-outputs"])
def test_files_that_cannot_be_written_are_refused_before_the_work(
    option: str, digits: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked(*_: Any) -> None:
        raise AssertionError("the work had begun")

    monkeypatch.setattr(compiler, "compile_model", worked)
    for path, why in ((tmp_path, "it is a folder"), (tmp_path / "none" / "x", "there is no folder")):
        assert run(["run", str(digits), "--board", "host", option, str(path)]) == 64
        assert why in capsys.readouterr().err
    assert run(["report", str(digits), "--board", "host", "--json", str(tmp_path)]) == 64


@needs_qemu
@pytest.mark.emulator
def test_run_on_a_board_with_profile(digits: Path, tmp_path: Path, capsys: Captured) -> None:
    result = tmp_path / "r.json"
    inputs = digits.with_name("digits.npz")
    line = ["run", str(digits), "--board", "mps2-an386", "--inputs", str(inputs), "--profile"]
    page = tmp_path / "r.html"
    assert run([*line, "--json", str(result), "--html", str(page)]) == 0
    found = json.loads(result.read_text())
    for layer in found["layers"]:
        assert f">{layer['instructions']:,}<" in page.read_text()
        assert f">{layer['estimated_cycles']:,}<" in page.read_text()
    assert found["emulator"] == "qemu"
    assert found["samples"] == 20
    assert found["instructions"] > found["macs"] / 4
    assert sum(layer["instructions"] for layer in found["layers"]) <= found["instructions"] * 1.1
    shown = capsys.readouterr().out
    assert "per MAC" in shown
    assert "tc_conv2d" in shown


@needs_qemu
@pytest.mark.emulator
def test_cycles_are_estimated_unless_told_otherwise(digits: Path, capsys: Captured) -> None:
    line = ["run", str(digits), "--board", "mps2-an386", "--samples", "1", "--json", "-"]
    for option, estimated in ([], True), (["--no-cycles"], False):
        assert run([*line, *option]) == 0
        captured = capsys.readouterr()
        assert ("estimated_cycles" in json.loads(captured.out)) == estimated
        assert ("cycles        estimated" in captured.err) == estimated


def test_seeds_make_other_inputs(digits: Path, capsys: Captured) -> None:
    found = []
    for seed in ("0", "1", "1"):
        line = ["run", str(digits), "--board", "host", "--samples", "2", "--seed", seed, "--json", "-", "-q"]
        assert run(line) == 0
        found.append(json.loads(capsys.readouterr().out)["outputs_sha256"])
    assert found[0] != found[1] == found[2]


@needs_qemu
@pytest.mark.emulator
def test_a_machine_that_stands_in_for_the_board_is_named(digits: Path, capsys: Captured) -> None:
    assert (
        run(["run", str(digits), "--board", "stm32f4-discovery", "--emulator", "qemu", "--samples", "1"]) == 0
    )
    assert "in qemu, which emulates a Netduino Plus 2 with an STM32F405" in " ".join(
        capsys.readouterr().out.split()
    )


def test_layers_compares_every_tensor(digits: Path, capsys: Captured) -> None:
    assert run(["run", str(digits), "--board", "host", "--samples", "2", "--layers"]) == 0
    assert "12 layers" in capsys.readouterr().out


@needs_qemu
def test_budgets_that_are_too_small_exit_4(digits: Path, tmp_path: Path, capsys: Captured) -> None:
    line = ["compile", str(digits), "--board", "mps2-an386", "-o", str(tmp_path / "out")]
    for budget in ("--ram-budget", "--flash-budget"):
        assert run([*line, budget, "1k"]) == 4
        assert "1,024" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@needs_qemu
def test_reports_are_shown_and_compared(
    firmware: Path, digits: Path, tmp_path: Path, capsys: Captured
) -> None:
    on_board = tmp_path / "m4.json"
    assert run(["report", str(digits), "--board", "mps2-an386", "--json", str(on_board)]) == 0
    shown = capsys.readouterr().out
    assert "of the board" in shown
    assert "8x8x16" in shown
    pair = ["report", str(firmware / "report.json"), str(on_board)]
    assert run(pair) == 0
    assert "arena" in capsys.readouterr().out
    assert run([*pair, "--flash-budget", "1k"]) == 4


@pytest.mark.parametrize(
    ("command", "by"), [("run", signal.SIGINT), ("compile", signal.SIGINT), ("run", signal.SIGTERM)]
)
def test_ctrl_c_and_kill_end_quietly_and_leave_nothing_behind(
    command: str, by: signal.Signals, digits: Path, tmp_path: Path
) -> None:
    temporary, out = tmp_path / "temporary", tmp_path / "out"
    temporary.mkdir()
    more = ("--samples", "100000") if command == "run" else ("-o", str(out / "firmware"))
    # A shell starts what runs in the background with SIGINT ignored, and that is inherited.
    heeding = ("env", "--default-signal=INT")
    line = (*heeding, sys.executable, "-m", "tinyc", command, str(digits), "--board", "host", *more)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(
        line,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        while process.poll() is None and not any(temporary.iterdir()):
            time.sleep(0.02)
        if command == "run":  # a small model is compiled within less
            time.sleep(0.3)
        process.send_signal(by)
        try:
            _, told = process.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            # on a busy machine the planner has had the first Ctrl-C, and took its best plan so far
            process.send_signal(by)
            _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + by
    assert "Traceback" not in told
    assert not any(temporary.iterdir())
    assert not out.exists()


def test_a_hint_names_what_is_like_a_word_and_never_the_word_itself() -> None:
    assert did_you_mean("Row", ("rows", "resident")) == "Did you mean 'rows'?"
    assert did_you_mean("rows", ("rows", "resident")) == ""
    assert did_you_mean("xyz", ("rows", "resident")) == ""


@pytest.mark.parametrize("command", ["quantize", "export"])
@pytest.mark.parametrize("ending", ["onnx", "keras", "H5"])
def test_a_tflite_file_gets_no_name_of_another_format(
    command: str, ending: str, digits: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / f"made.{ending}"
    more = ["--calibration", str(tmp_path / "x.npy")] if command == "quantize" else []
    assert run([command, str(digits), "-o", str(out), *more]) == 64
    told = capsys.readouterr().err
    assert f"made.{ending}: what is written is a .tflite file" in " ".join(told.split())
    assert "-o made.tflite" in told
    assert not out.exists()
