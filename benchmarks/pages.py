"""Tables of Markdown pages whose rows are measured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


def put_rows(page: Path, head: str, rows: Iterable[str]) -> None:
    """Replace the rows of the table whose first line begins with `head`.

    Raises:
        ValueError: no table of the page, or several, begin so, or a row has more cells, or fewer, than the first line.
    """
    text = page.read_text(encoding="utf-8")
    tables = list(re.finditer(rf"^({re.escape(head)}.*\n)\|---.*\n((?:\|.*\n)*)", text, re.MULTILINE))
    if len(tables) != 1:
        raise ValueError(f"{page.name}: {len(tables)} tables begin with {head!r}, not one")
    first, old = tables[0].group(1), tables[0].span(2)
    rows = list(rows)
    for row in rows:
        if row.count("|") != first.count("|"):
            raise ValueError(f"{page.name}: the row {row!r} has not the cells of {first.strip()!r}")
    page.write_text(text[: old[0]] + "".join(f"{row}\n" for row in rows) + text[old[1] :], encoding="utf-8")
