"""Renode's console: how it takes a path, and what it says to a command that it cannot carry out."""

from __future__ import annotations

import re
from pathlib import Path

from tinyc.errors import ToolError

#: For `grep -E` and Python alike. After such a line, as after a mistake in a board's files, it waits for a person.
SCRIPT_ERROR = (
    "There was an error executing command|Could not find file|No such command or device|No such variable"
    "|Could not tokenize here|Bad parameters|did not match the signature|Error E[0-9][0-9]"
)


#: So many reads of an address at which nothing is are a wait without end; it takes seconds.
ASKED_IN_VAIN = 100_000

_LOG_LINE = re.compile(r"\d\d:\d\d:\d\d\.\d+ \[[A-Z]+\]")
_PROMPT = re.compile(r"\([\w-]+\)( |$)")
_SHOWN = 20


def complaint(said: str) -> str:
    """What it said of the first mistake, from the line that says so to its next prompt; empty where it made none."""
    lines = [line.rstrip() for line in said.splitlines() if line.strip() and not _LOG_LINE.match(line)]
    first = next((at for at, line in enumerate(lines) if re.search(SCRIPT_ERROR, line)), len(lines))
    end = next((at for at in range(first + 1, len(lines)) if _PROMPT.match(lines[at])), len(lines))
    return "\n".join(lines[first:end][:_SHOWN])


def monitor_path(path: Path) -> str:
    """A path as a script takes it: behind @, with a backslash before each blank.

    Raises ToolError where no script can name it.
    """
    if re.search(r"[;\t\n\r\v\f]", str(path)):
        raise ToolError(
            f"Renode cannot open {str(path)!r}: its scripts take no path with a semicolon, tab or line break.",
            "Choose another folder for temporary files: TMPDIR.",
        )
    return "@" + str(path).replace(" ", "\\ ")
