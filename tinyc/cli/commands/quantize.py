"""tinyc quantize: a float model becomes an INT8 .tflite file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import tinyc
from tinyc import compiler
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
from tinyc.data import parse_preprocess
from tinyc.errors import UsageError
from tinyc.options import precision_of
from tinyc.report.sensitivity_html import sensitivity_page
from tinyc.report.sensitivity_view import sensitivity_view
from tinyc.report.text import plural

_Sensitivity = Annotated[
    bool,
    typer.Option(
        "--sensitivity",
        help="Show what each layer loses, by its weights and by its activation, and what would help; "
        "--json and --html write it.",
    ),
]


def quantize(
    model: Annotated[
        Path,
        typer.Argument(metavar="MODEL", help="A float .tflite, ONNX or Keras file, or a SavedModel folder."),
    ],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.tflite", help="File to write.")],
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
    check_another(out, model)
    check_writable(out, json_file, html)
    wants_more = sensitivity or json_file is not None or html is not None
    if labels is not None and not wants_more:
        raise UsageError("--labels goes with --sensitivity, --json or --html")
    terminal = Terminal(quiet, json_file == STDOUT)
    with terminal.progress() as step:
        made = compiler.quantize(
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
    result = None
    if wants_more:
        with terminal.bar() as told:
            result = compiler.sensitivity(made, told)
    write_bytes(out, made.file.data)
    for note in made.samples.notes:
        terminal.show(f"{plural(len(made.samples), 'sample')}: {note}")
    terminal.show(f"{out}: {len(made.file.data):,} bytes")
    if result is None:
        return
    terminal.show("")
    terminal.show(sensitivity_view(result))
    write_json(json_file, result)
    if html is not None:
        write_text(html, sensitivity_page(result, f"tinyc {tinyc.__version__}"))
