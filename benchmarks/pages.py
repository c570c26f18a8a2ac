"""Tables of Markdown pages whose rows are measured."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path


def put_rows(page: Path, head: str, rows: Iterable[str]) -> None:
    """Replace the rows of the table whose first line begins with `head`."""
    found = re.compile(rf"({re.escape(head)}.*\n\|---.*\n)(?:\|.*\n)*")
    text = "".join(f"{row}\n" for row in rows)
    page.write_text(
        found.sub(lambda m: m.group(1) + text, page.read_text(encoding="utf-8")), encoding="utf-8"
    )
