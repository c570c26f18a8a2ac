"""Every compile option reaches the compiler's options and the command line that generated files quote."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tinyc.cli import run
from tinyc.cli.options import (
    CompileOptions,
    Effort,
    Goal,
    InputMode,
    Observer,
    Quantization,
    Reference,
    make_options,
)
from tinyc.data import Preprocess
from tinyc.errors import UsageError
from tinyc.quantize.precision import Precision

#: field: what the command line gives, what it becomes, and how generated files quote it
GIVEN: dict[str, tuple[Any, dict[str, Any], str]] = {
    "ram_budget": (2048, {"ram_budget": 2048}, "--ram-budget 2048"),
    "flash_budget": (4096, {"flash_budget": 4096}, "--flash-budget 4096"),
    "optimize": (Goal.flash, {"optimize": "flash"}, "--optimize flash"),
    "effort": (Effort.fast, {"effort": "fast"}, "--effort fast"),
    "input_mode": (InputMode.rows, {"input_mode": "rows"}, "--input rows"),
    "reference": (Reference.tflm, {"reference": "tflm"}, "--reference tflm"),
    "kernels": ("ref", {"kernels": "ref"}, "--kernels ref"),
    "name": ("other", {"name": "other"}, "--name other"),
    "signature": ("train", {"signature": "train"}, "--signature train"),
    "shape": (
        ["image=1,96,96,3", "5"],
        {"shapes": (("image", (1, 96, 96, 3)), ("", (5,)))},
        "--shape image=1,96,96,3 --shape 5",
    ),
}

#: The options of quantization go together: what is given, what it becomes, and how it is quoted.
QUANTIZE: dict[str, Any] = {"quantize": Quantization.int8, "calibration": Path("a/x.npz")}
QUANTIZED = {"calibration": Path("a/x.npz")}
QUOTED = "--quantize int8 --calibration x.npz"


def test_quantization_is_asked_for_as_a_whole() -> None:
    plain = make_options(Path("m.tflite"), "host", CompileOptions())
    chosen = make_options(Path("m.tflite"), "host", CompileOptions(**QUANTIZE))
    best = make_options(Path("m.tflite"), "host", CompileOptions(**QUANTIZE, effort=Effort.best))
    assert chosen == replace(plain, **QUANTIZED, command=f"{plain.command} {QUOTED}")
    small = make_options(Path("m.tflite"), "host", CompileOptions(**QUANTIZE, preprocess="scale=0..1"))
    how = Preprocess(scale=(0.0, 1.0))
    assert small == replace(chosen, preprocess=how, command=f"{chosen.command} --preprocess scale=0..1")
    assert best == replace(chosen, effort="best", command=f"{plain.command} --effort best {QUOTED}")
    for alone in (
        {"quantize": Quantization.int8},
        {"calibration": Path("x.npz")},
        {"preprocess": "scale=0..1"},
    ):
        with pytest.raises(UsageError, match="is missing"):
            make_options(Path("m.tflite"), "host", CompileOptions(**alone))


def test_precision_and_observer_are_of_quantization(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text('default = "float32"\n')
    plain = make_options(Path("m.tflite"), "host", CompileOptions(**QUANTIZE))
    chosen = make_options(Path("m.tflite"), "host", CompileOptions(**QUANTIZE, precision=file))
    line = f"{plain.command} --precision p.toml"
    assert chosen == replace(plain, precision=Precision(default="float32"), command=line)
    observed = make_options(Path("m.tflite"), "host", CompileOptions(**QUANTIZE, observer=Observer.entropy))
    line = f"{plain.command} --observer entropy"
    assert observed == replace(plain, precision=Precision(observer="entropy"), command=line)
    for given in ({"precision": file}, {"observer": Observer.entropy}):
        for quantize in (None, Quantization.none):
            with pytest.raises(UsageError, match="is missing"):
                make_options(Path("m.tflite"), "host", CompileOptions(quantize=quantize, **given))


def test_no_option_is_missing() -> None:
    assert [*GIVEN, *QUANTIZE, "preprocess", "precision", "observer"] == [
        field.name for field in fields(CompileOptions)
    ]


@pytest.mark.parametrize("field", GIVEN)
def test_an_option_changes_what_it_says(field: str) -> None:
    value, becomes, quoted = GIVEN[field]
    plain = make_options(Path("a/m.tflite"), "host", CompileOptions())
    chosen = make_options(Path("a/m.tflite"), "host", CompileOptions(**{field: value}))
    line = "tinyc compile m.tflite --board host"
    assert plain.command == line
    assert chosen == replace(plain, **becomes, command=f"{line} {quoted}")


def test_a_library_is_quoted_without_its_place() -> None:
    options = make_options(Path("m.tflite"), "host", CompileOptions(kernels="cmsis-nn=/home/me/CMSIS-NN"))
    assert (options.kernels, options.library) == ("auto", Path("/home/me/CMSIS-NN"))
    assert options.command.endswith("--kernels cmsis-nn=CMSIS-NN")


@pytest.mark.parametrize("command", ["compile", "run", "report"])
def test_every_command_that_compiles_has_them(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(quoted.split()[0] in shown for _, _, quoted in GIVEN.values())
