"""tinyc quantize: a float model becomes an INT8 .tflite file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import RenderableType

import tinyc
from tinyc import quantizer
from tinyc.cli.console import Terminal
from tinyc.cli.files import (
    STDOUT,
    Html,
    Json,
    check_another,
    check_tflite,
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
    USUAL_BOARD,
    FlashBudget,
    InstructionBudget,
    MaxDrop,
    MinSqnr,
    Png,
    PrecisionOut,
    RamBudget,
    SearchBoard,
    SearchOption,
    TernaryOption,
    Trials,
    check_search,
)
from tinyc.data import parse_preprocess
from tinyc.errors import UsageError
from tinyc.options import precision_of
from tinyc.plain import printable
from tinyc.report.plots import check_matplotlib, curve_png
from tinyc.report.search_view import search_view
from tinyc.report.sensitivity_html import sensitivity_page
from tinyc.report.sensitivity_view import sensitivity_view
from tinyc.report.ternary_view import ternary_view
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
    ternary: TernaryOption = None,
    board: SearchBoard = None,
    max_drop: MaxDrop = None,
    min_sqnr: MinSqnr = None,
    ram_budget: RamBudget = None,
    flash_budget: FlashBudget = None,
    instruction_budget: InstructionBudget = None,
    trials: Trials = None,
    precision_out: PrecisionOut = None,
    png: Png = None,
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
    others = {"precision_out": precision_out, "trials": trials, "board": board, "png": png}
    budgets = ram_budget, flash_budget, instruction_budget, min_sqnr, max_drop
    wanted = check_search(search, ternary is not None, precision, budgets, others)
    toml = (precision_out or out.with_suffix(".toml")) if wanted is not None else None
    facts = load_board(board or ("host" if ternary is None else USUAL_BOARD))
    check_another(out, model)
    check_tflite(out)
    if toml == out:
        raise UsageError(f"{out}: is the model to write; --precision-out names another file")
    check_writable(out, json_file, html, toml, png)
    wants_more = sensitivity or json_file is not None or html is not None
    if labels is not None and not (wants_more or wanted):
        raise UsageError("--labels goes with --sensitivity, --search, --ternary, --json or --html")
    check_matplotlib(png)
    terminal = Terminal(quiet, json_file == STDOUT)
    with terminal.progress() as step:
        read, shapes = parse_preprocess(preprocess), named_shapes(shape)
        made = quantizer.quantize(
            model, calibration, effort.value, signature, shapes, step, read, how, labels
        )
    result, found, written = None, {}, ""
    with terminal.bar() as told:
        if search:
            made, written, found["search"] = quantizer.search(made, wanted, facts, trials or _TRIALS, told)
        elif ternary is not None:
            made, written, found["ternary"] = quantizer.ternarize(made, wanted, facts, told)
        if wants_more:
            result = quantizer.sensitivity(made, told)
    write_bytes(out, made.file.data)
    if toml is not None:
        write_text(toml, written)
    if png is not None:
        write_bytes(png, curve_png(found["ternary"]))
    for note in made.samples.notes:
        terminal.show(f"{plural(len(made.samples), 'sample')}: {note}")
    _tell_joined(terminal, made.choice.joined_names())
    terminal.show(f"{out}: {len(made.file.data):,} bytes")
    for name, one in found.items():
        terminal.show(f"{toml}: its precision file\n")
        terminal.show(_VIEWS[name](one))
    if result is not None:
        _tell(terminal, result | found, json_file, html)


def _tell_joined(terminal: Terminal, layers: Sequence[str]) -> None:
    for layer in layers:
        terminal.show(
            f"'{printable(layer)}': its parts are of unlike sizes and keep their own scales; "
            "it is joined in float32"
        )


#: Of what chose layers, by its name in the JSON.
_VIEWS: Mapping[str, Callable[[dict[str, Any]], RenderableType]] = {
    "search": search_view,
    "ternary": ternary_view,
}


def _tell(terminal: Terminal, result: dict[str, Any], json_file: Path | None, html: Path | None) -> None:
    """Show what each layer loses, and write it where it is wanted."""
    terminal.show("")
    terminal.show(sensitivity_view(result))
    write_json(json_file, result)
    if html is not None:
        write_text(html, sensitivity_page(result, f"tinyc {tinyc.__version__}"))
