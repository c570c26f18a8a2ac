"""Every error tinyc raises on purpose, with the exit code it ends the command line with.

TinycError                  (base: a message, and a hint on what to do)
├── UsageError          64  the command line asks for something impossible
├── ModelError           2  the model file cannot be read or is not supported
├── BoardError           3  the board is unknown or its description is wrong
├── FitError             4  the model does not fit the board or the budget
├── ToolError            5  a needed tool is missing or failed
├── MismatchError        6  the firmware's answer differs from the reference's
└── InternalError       70  an invariant of our own does not hold: a bug
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class TinycError(Exception):
    """Base of all errors meant for the user.

    message: one or more full lines, naming the file, node or board it is about.
    hint: what the user can do about it, or "" where there is nothing to add.
    """

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(TinycError):
    """The command line asks for something that cannot be done."""

    exit_code = 64


class ModelError(TinycError):
    """The model file is malformed, or holds something that tinyc does not support."""

    exit_code = 2


class BoardError(TinycError):
    """The board is unknown, or its board.toml is wrong."""

    exit_code = 3


class FitError(TinycError):
    """The model does not fit the board's memory or the given budget."""

    exit_code = 4


class ToolError(TinycError):
    """A compiler, emulator or reference interpreter is missing, failed or timed out."""

    exit_code = 5


class MismatchError(TinycError):
    """The firmware computed something else than the reference."""

    exit_code = 6


class InternalError(TinycError):
    """An invariant between two stages does not hold: a bug of ours."""

    exit_code = 70


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "Did you mean 'x'?" for what of `known` is like `word`; "" where nothing is."""
    by_small = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_small, n=1)
    return f"Did you mean '{by_small[found[0]]}'?" if found and by_small[found[0]] != word else ""
