"""tinyc eval: how good a model's answers are, float, INT8 and on a board."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import tinyc
from tinyc.cli.console import Terminal
from tinyc.cli.files import STDOUT, Html, Json, check_writable, write_bytes, write_json, write_text
from tinyc.cli.options import (
    CompileOptions,
    LabelsOption,
    Quiet,
    board_option,
    make_options,
    takes_compile_options,
)
from tinyc.errors import MismatchError, UsageError
from tinyc.evaluator import DEFAULT_BOARD_SAMPLES, Question, evaluate
from tinyc.report.eval_html import eval_page
from tinyc.report.eval_view import eval_view
from tinyc.report.plots import confusion_png

_Data = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DATA",
        help="Samples: an .npz or .npy, a folder of images or sounds, perhaps with a folder for each class.",
    ),
]
_Metric = Annotated[
    str | None,
    typer.Option(
        "--metric",
        metavar="top1|mse|auc|f1|FILE.py:function",
        help="What tells how good answers are. A function takes outputs and labels and returns a number. "
        "[dim]\\[default: what fits the labels][/dim]",
    ),
]
_Float = Annotated[
    Path | None,
    typer.Option("--float", metavar="FILE", help="Of an int8 model: the float one to compare it with."),
]
_SampleCount = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        help=f"With --board: how many samples it runs, taken evenly from all. "
        f"[dim]\\[default: {DEFAULT_BOARD_SAMPLES}][/dim]",
    ),
]
_Png = Annotated[
    Path | None, typer.Option("--png", metavar="FILE", help="Write the confusion matrix as a picture.")
]


@takes_compile_options
def eval_(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A float model, or one of INT8.")],
    data: _Data,
    *,
    labels: LabelsOption = None,
    metric: _Metric = None,
    float_file: _Float = None,
    board: Annotated[str | None, board_option("It runs a few of the samples.")] = None,
    samples: _SampleCount = None,
    json_file: Json = None,
    html: Html = None,
    png: _Png = None,
    quiet: Quiet = False,
    chosen: CompileOptions,
) -> None:
    """Run all samples through the compiled model: accuracy, what it confuses, how far INT8 is from float.

    A float model is compared with what --quantize int8 --calibration DATA makes of it.
    """
    if samples is not None and board is None:
        raise UsageError("--samples says how many samples the board runs: --board is missing")
    options = make_options(model, board or "host", chosen, needs_calibration=False)
    check_writable(json_file, html, png)
    terminal = Terminal(quiet, json_file == STDOUT)
    count = 0 if board is None else samples or DEFAULT_BOARD_SAMPLES
    question = Question(model, data, labels, metric, float_file, count)
    with terminal.bar() as told:
        result = evaluate(question, options, told)
    terminal.show(eval_view(result))
    write_json(json_file, result)
    if html is not None:
        write_text(html, eval_page(result, f"tinyc {tinyc.__version__}"))
    if png is not None:
        write_bytes(png, confusion_png(result))
    if result["board"] is not None and not result["board"]["bit_exact"]:
        raise MismatchError("The board computed something else than the reference, or than the host library.")
