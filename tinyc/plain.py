"""Text from strangers: what a model or board file calls a thing, made safe for whatever reads it next.

Every string that comes from a file passes `plain` on its way into C, make, a linker script, a Renode or Robot
script, and `printable` on its way to a terminal, a page or a JSON file.
"""

from __future__ import annotations

import re

#: Characters that mean nothing to a C lexer inside a comment, to make, to a linker, to Renode or to a shell.
_HARMLESS = re.compile(r"[^A-Za-z0-9_.,:;/+=()\[\]@ -]")

#: Whole words, up to the last sign between two of them.
_WORDS = re.compile(r".*[^\W_](?=[\W_])", re.ASCII)

#: Characters of a name that generated sources quote.
LONGEST = 80


def plain(text: str, longest: int = LONGEST) -> str:
    """`text` for a comment of generated source: letters, digits and a few signs, at most `longest` characters.

    Everything else becomes a dot: quotes, backslashes, `*`, `?`, `$`, line breaks, control and direction
    characters. No comment begins or ends in it (`/*`, `*/`, `//`), and no trigraph. What is too long ends after a
    whole word, unless the text is a single one.
    """
    safe = _HARMLESS.sub(".", text)
    while "//" in safe:
        safe = safe.replace("//", "/.")
    if len(safe) <= longest:
        return safe
    words = _WORDS.match(safe, 0, longest - 2)
    return (words[0] if words else safe[: longest - 3]) + "..."


def printable(text: str) -> str:
    """`text` for people: control, direction and unassigned characters become U+FFFD, everything else stays."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def reason(problem: Exception, longest: int = 200) -> str:
    """Return what an error of another package says, in one line; its type where it says nothing."""
    return printable(" ".join(str(problem).split()))[:longest] or type(problem).__name__
