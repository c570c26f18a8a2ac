"""tinyc quantize: a float model becomes an INT8 .tflite file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import tinyc
from tinyc import quantizer
from tinyc.cli.console import Terminal
from tinyc.cli.files import (
    STDOUT,
    Html,
    Json,
    check_another,
    check_writable,
    write_bytes,
    write_json,
    write_text,
)
from tinyc.cli.options import (
    CalibrationOption,
    Effort,
    EffortOption,
    LabelsOption,
    ObserverOption,
    PrecisionOption,
    PreprocessOption,
    Quiet,
    ShapeOption,
    SignatureOption,
    chosen_observer,
    named_shapes,
)
from tinyc.cli.search_options import (
    FlashBudget,
    InstructionBudget,
    MaxDrop,
    MinSqnr,
    PrecisionOut,
    RamBudget,
    SearchBoard,
    SearchOption,
    Trials,
    check_search,
)
from tinyc.data import parse_preprocess
from tinyc.errors import UsageError
from tinyc.options import precision_of
from tinyc.report.search_view import search_view
from tinyc.report.sensitivity_html import sensitivity_page
from tinyc.report.sensitivity_view import sensitivity_view
from tinyc.report.text import plural
from tinyc.target.boards import load_board

#: Choices that a search tries.
_TRIALS = 60

_Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity",
        help="Show what each layer loses, by its weights and by its activation, and what would help; "
        "--json and --html write it.",
    ),
]


_Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A float .tflite, ONNX or Keras file, or a SavedModel folder.")
]
_Out = Annotated[Path, typer.Option("-o", "--output", metavar="OUT.tflite", help="File to write.")]


def quantize(
    model: _Model,
    out: _Out,
    *,
    calibration: CalibrationOption = None,
    preprocess: PreprocessOption = None,
    precision: PrecisionOption = None,
    observer: ObserverOption = None,
    effort: EffortOption = Effort.good,
    sensitivity: _Sensitivity = False,
    labels: LabelsOption = None,
    json_file: Json = None,
    html: Html = None,
    search: SearchOption = False,
    board: SearchBoard = None,
    max_drop: MaxDrop = None,
    min_sqnr: MinSqnr = None,
    ram_budget: RamBudget = None,
    flash_budget: FlashBudget = None,
    instruction_budget: InstructionBudget = None,
    trials: Trials = None,
    precision_out: PrecisionOut = None,
    signature: SignatureOption = None,
    shape: ShapeOption = None,
    quiet: Quiet = False,
) -> None:
    """Quantize a float model to INT8: a standard file, which any TFLite runtime loads and tinyc compiles.

    The model's inputs and outputs stay float; compiled, they are bytes with a scale.
    """
    if calibration is None:
        raise UsageError(
            "--calibration DATA is missing", "an .npz, an .npy or a folder with a few hundred inputs"
        )
    how = precision_of(precision, chosen_observer(observer))
    others = {"precision_out": precision_out, "trials": trials, "board": board}
    wanted = check_search(
        search, precision, ram_budget, flash_budget, instruction_budget, min_sqnr, max_drop, others
    )
    toml = (precision_out or out.with_suffix(".toml")) if wanted is not None else None
    facts = load_board(board or "host")
    check_another(out, model)
    if toml == out:
        raise UsageError(f"{out}: is the model to write; --precision-out names another file")
    check_writable(out, json_file, html, toml)
    wants_more = sensitivity or json_file is not None or html is not None
    if labels is not None and not (wants_more or search):
        raise UsageError("--labels goes with --sensitivity, --search, --json or --html")
    terminal = Terminal(quiet, json_file == STDOUT)
    with terminal.progress() as step:
        made = quantizer.quantize(
            model,
            calibration,
            effort.value,
            signature,
            named_shapes(shape),
            step,
            parse_preprocess(preprocess),
            how,
            labels,
        )
    result, found, written = None, None, ""
    with terminal.bar() as told:
        if wanted is not None:
            made, written, found = quantizer.search(made, wanted, facts, trials or _TRIALS, told)
        if wants_more:
            result = quantizer.sensitivity(made, told)
    write_bytes(out, made.file.data)
    if toml is not None:
        write_text(toml, written)
    for note in made.samples.notes:
        terminal.show(f"{plural(len(made.samples), 'sample')}: {note}")
    terminal.show(f"{out}: {len(made.file.data):,} bytes")
    if found is not None:
        terminal.show(f"{toml}: its precision file\n")
        terminal.show(search_view(found))
    if result is not None:
        _tell(terminal, result | ({} if found is None else {"search": found}), json_file, html)


def _tell(terminal: Terminal, result: dict[str, Any], json_file: Path | None, html: Path | None) -> None:
    """Show what each layer loses, and write it where it is wanted."""
    terminal.show("")
    terminal.show(sensitivity_view(result))
    write_json(json_file, result)
    if html is not None:
        write_text(html, sensitivity_page(result, f"tinyc {tinyc.__version__}"))
