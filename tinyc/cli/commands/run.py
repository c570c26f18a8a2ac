"""tinyc run: the firmware on an emulated board, compared with the reference."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tinyc import compiler, runner
from tinyc.cli.console import Terminal
from tinyc.cli.files import STDOUT, Html, Json, check_writable, save_arrays, write_json, write_text
from tinyc.cli.options import CompileOptions, Quiet, board_option, make_options, takes_compile_options
from tinyc.errors import MismatchError, UsageError
from tinyc.frontends.recognise import is_saved_model
from tinyc.report.run_view import run_view
from tinyc.verify.vectors import DEFAULT_SAMPLES, InputFile, Request, Samples


class EmulatorName(StrEnum):
    auto = "auto"
    qemu = "qemu"
    renode = "renode"
    host = "host"


_Model = Annotated[
    Path,
    typer.Argument(metavar="MODEL|DIR", help="As for compile, or a folder that tinyc compile wrote."),
]
_Board = Annotated[str | None, board_option("A folder knows its own.")]
_Inputs = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Test inputs: .npz (in0, in1 ..., or the inputs' names) or .npy, samples along axis 0; float "
        "values for an int8 input are quantized by its scale.",
    ),
]
_SampleCount = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=f"How many random inputs. [dim]\\[default: {DEFAULT_SAMPLES}, fewer of huge models][/dim]",
    ),
]
_Seed = Annotated[
    int | None,
    typer.Option(
        min=0, metavar="S", help=f"Seed of the random inputs. [dim]\\[default: {Samples().seed}][/dim]"
    ),
]
_SaveOutputs = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write what the firmware computed to an .npz.")
]
_Original = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FILE",
        help="With a folder: judge by this model file, not by the stored outputs.",
    ),
]
_Layers = Annotated[
    bool, typer.Option("--layers", help="Compare every intermediate tensor with the reference's.")
]
_Profile = Annotated[
    bool, typer.Option("--profile", help="Count the instructions of each layer (not on host).")
]
_Cycles = Annotated[
    bool,
    typer.Option(
        "--cycles/--no-cycles",
        help="Estimate cycles, by a model of the core (docs/cycles.md; QEMU only).",
    ),
]


@takes_compile_options
def run(
    model: _Model,
    *,
    board: _Board = None,
    emulator: Annotated[EmulatorName, typer.Option(help="What runs the firmware.")] = EmulatorName.auto,
    inputs: _Inputs = None,
    samples: _SampleCount = None,
    seed: _Seed = None,
    save_outputs: _SaveOutputs = None,
    original: _Original = None,
    layers: _Layers = False,
    profile: _Profile = False,
    cycles: _Cycles = True,
    json_file: Json = None,
    html: Html = None,
    quiet: Quiet = False,
    chosen: CompileOptions,
) -> None:
    """Run on an emulated board and compare every output byte with the reference."""
    request = _request(inputs, samples, seed)
    check_writable(json_file, html, save_outputs)
    terminal = Terminal(quiet, json_file == STDOUT)
    measures = {"profile": profile, "layers": layers, "cycles": cycles}
    if model.is_dir() and not is_saved_model(model):
        if chosen != CompileOptions():
            raise UsageError(f"{model} is compiled already: compile options do not go with a folder.")
        with terminal.progress() as step:
            result = runner.run_folder(
                model, original, board, request, emulator.value, progress=step, **measures
            )
    else:
        if board is None:
            raise UsageError(
                f"{model} is no firmware folder: a model needs --board.", "tinyc boards lists them."
            )
        if original is not None:
            raise UsageError("--model goes with a folder only.")
        with terminal.progress() as step:
            options = make_options(model, board, chosen)
            result = runner.run_model(
                model, options, request or Samples(), emulator.value, progress=step, **measures
            )
    terminal.show(run_view(result.json, result.report, result.mismatches, result.layers))
    write_json(json_file, result.json)
    if html is not None:
        write_text(html, compiler.report_html(result.report, result.board, result.plan, result.json))
    if save_outputs is not None:
        save_arrays(save_outputs, {f"out{i}": array for i, array in enumerate(result.outputs)})
    if not result.json["bit_exact"] or any(layer.differing for layer in result.layers):
        raise MismatchError("The firmware computed something else than the reference.")


def _request(inputs: Path | None, samples: int | None, seed: int | None) -> Request | None:
    """Return where the test inputs come from; None where the command line does not say."""
    if inputs is not None:
        if samples is not None or seed is not None:
            raise UsageError("--inputs brings its own samples: --samples and --seed do not go with it.")
        return InputFile(inputs)
    if samples is None and seed is None:
        return None
    default = Samples()
    return Samples(samples, default.seed if seed is None else seed)
