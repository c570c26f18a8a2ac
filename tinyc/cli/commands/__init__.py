"""The commands, a file each: one call of the compiler, and its result shown."""

from __future__ import annotations

from typing import Annotated

import typer

import tinyc
from tinyc.cli.commands.compile import compile_
from tinyc.cli.commands.eval import eval_
from tinyc.cli.commands.export import export
from tinyc.cli.commands.listing import boards, doctor, ops
from tinyc.cli.commands.quantize import quantize
from tinyc.cli.commands.report import report
from tinyc.cli.commands.run import run
from tinyc.cli.console import show

app = typer.Typer(
    name="tinyc",
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        show(f"tinyc {tinyc.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compiles trained networks (TFLite, ONNX, Keras) into small, exact C firmware, INT8 or float32.

    Start with: tinyc report MODEL --board mps2-an386
    """


app.command("compile")(compile_)
app.command("eval")(eval_)
for _command in (run, report, quantize, export, boards, ops, doctor):
    app.command()(_command)
