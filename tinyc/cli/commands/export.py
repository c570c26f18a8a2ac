"""tinyc export: a model becomes a standard .tflite file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tinyc import compiler
from tinyc.cli.console import Terminal
from tinyc.cli.files import check_another, check_tflite, check_writable, write_bytes
from tinyc.cli.options import (
    Quiet,
    Reference,
    ReferenceOption,
    ShapeOption,
    SignatureOption,
    named_shapes,
)


def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="As for compile.")],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.tflite", help="File to write.")],
    *,
    reference: ReferenceOption = Reference.litert,
    signature: SignatureOption = None,
    shape: ShapeOption = None,
    quiet: Quiet = False,
) -> None:
    """Write the graph that tinyc compiles as a .tflite file, which any TFLite runtime loads.

    Shapes are fixed, subgraphs and operators that no output depends on are gone, int4 weights are int8.
    """
    check_another(out, model)
    check_tflite(out)
    check_writable(out)
    content = compiler.export_model(model, reference.value, signature, named_shapes(shape))
    write_bytes(out, content)
    Terminal(quiet).show(f"{out}: {len(content):,} bytes")
