"""The command line. Nothing is computed here: a command is one call of the compiler and one table."""

from __future__ import annotations

import errno
import re
import signal
import sys
from collections.abc import Sequence
from typing import cast

import typer

from tinyc.cli.console import plain_streams, show_bug, show_error
from tinyc.errors import TinycError, ToolError, UsageError, did_you_mean

_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
_TERMINATED = 143  # 128 + SIGTERM

#: What typer raises for a wrong command line; the class has moved between its versions.
_WrongCommandLine = cast("type[Exception]", typer.BadParameter.__bases__[0])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the `tinyc` command: never returns, exits with the code of the list in tinyc/errors.py."""
    plain_streams()
    # killed, as by a CI that runs out of time: unwinds, so that emulators and temporary folders go too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Errors are on stderr by then."""
    try:
        from tinyc.cli.commands import app  # noqa: PLC0415 - Ctrl-C while all this loads ends quietly, too

        status = typer.main.get_command(app).main(
            args=list(arguments) or ["--help"], prog_name="tinyc", standalone_mode=False
        )
    except (TinycError, OSError) as error:
        problem = _environment(error) if isinstance(error, OSError) else error
        show_error(problem)
        return problem.exit_code
    except _WrongCommandLine as error:
        return _wrong_command_line(error)
    except (KeyboardInterrupt, typer.Abort) as error:
        if isinstance(error.__cause__, EOFError):  # typer takes it for the end of a user's typing
            show_bug(error.__cause__)
            return 70
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED
    except Exception as error:
        show_bug(error)
        return 70
    return status if isinstance(status, int) else 0


def _wrong_command_line(error: Exception) -> int:
    """Show typer's own complaint, in our form and with our exit code."""
    context = getattr(error, "ctx", None)
    message = getattr(error, "format_message", error.__str__)()
    command = context.command_path if context else "tinyc"
    hint = f"{command} --help shows the options"
    told = message.replace("Value error, ", "")
    choice = re.search(r"'([^']*)' is not one of (.*)", told)
    like = did_you_mean(choice[1], re.findall(r"'(.*?)'", choice[2])) if choice else ""
    show_error(UsageError(told, f"{like} {hint}".strip()))
    return UsageError.exit_code


def _environment(error: OSError) -> ToolError:
    """What the machine did not let us do: a full disk, a limit, a folder that vanished."""
    where = f"{error.filename}: " if error.filename else ""
    hint = ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        hint = "Temporary files go to the folder in TMPDIR: name one with more room, or raise the limit (ulimit -f)."
    return ToolError(f"{where}{error.strerror or error}.", hint)
