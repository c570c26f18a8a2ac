"""What goes to the terminal: results to stdout, progress and errors to stderr."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from tinyc.errors import TinycError
from tinyc.plain import printable

_LONGEST_LINE = 1000  # characters of a message
_PIPE_WIDTH = 150  # columns where the output is a file or a pipe


def _console(stderr: bool = False) -> Console:
    """Return a console, made at each use, so that it writes to what sys.stdout is by then."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = _PIPE_WIDTH
    return console


def show(result: RenderableType, stderr: bool = False) -> None:
    """Print a result. Lines of text are not broken."""
    _console(stderr).print(result, soft_wrap=isinstance(result, str | Text))


@dataclass(frozen=True)
class Terminal:
    """What of a command's results goes where."""

    #: nothing is shown but errors
    quiet: bool = False
    #: standard output is the JSON result's alone: tables go to standard error
    json_out: bool = False

    def show(self, result: RenderableType) -> None:
        """Print a table or a line, where it is wanted."""
        if not self.quiet:
            show(result, stderr=self.json_out)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Yield something that takes the name of each step: a spinner on a terminal, silent elsewhere."""
        console = _console(stderr=True)
        if self.quiet or not console.is_terminal:
            yield lambda _: None
            return
        with console.status("") as status:
            yield lambda step: status.update(Text(step))

    @contextmanager
    def bar(self) -> Iterator[Callable[[str, int, int], None]]:
        """Yield something that takes the name of a step, how much of it is done and of how much: 0 where unknown."""
        console = _console(stderr=True)
        if self.quiet or not console.is_terminal:
            yield lambda what, done, of: None
            return
        with Progress(
            SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(),
            MofNCompleteColumn(), TimeRemainingColumn(), console=console, transient=True,
        ) as progress:  # fmt: skip
            task = progress.add_task("", total=None)

            def told(what: str, done: int, of: int) -> None:
                progress.update(task, description=what, completed=done, total=of or None)

            yield told


def _safe(message: str) -> str:
    """Return a message as lines that a terminal only shows: names of files, nodes and tensors are somebody else's."""
    return "\n".join(printable(line)[:_LONGEST_LINE] for line in message.split("\n"))


def show_error(error: TinycError) -> None:
    """Print the message and its hint, without a traceback."""
    lines = Text("error: ", style="bold red").append(_safe(error.message), style="not bold default")
    if error.hint:
        lines.append("\nhint: ", style="bold cyan").append(_safe(error.hint), style="not bold default")
    _console(stderr=True).print(lines, soft_wrap=True)


def show_bug(error: BaseException) -> None:
    """Print a short line for an exception nobody expected; the traceback with TINYC_DEBUG=1."""
    if os.environ.get("TINYC_DEBUG"):
        traceback.print_exception(error)
    text = Text("error: ", style="bold red").append(
        f"this is a bug in tinyc: {type(error).__name__}: {_safe(str(error))}\n"
        "hint: please report it with the command line and the model; TINYC_DEBUG=1 shows where it happened",
        style="not bold default",
    )
    _console(stderr=True).print(text, soft_wrap=True)


def plain_streams() -> None:
    """Let characters that the terminal's encoding lacks become question marks, not exceptions."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
