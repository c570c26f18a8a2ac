"""What a search for float32 layers found, as people read it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.sensitivity_view import in_db
from tinyc.report.text import clean, count, plain_table, plural, short_name

#: Names of layers that are told.
_NAMED = 6
COLUMNS = ("float32 layers", "SQNR", "accuracy", "RAM", "flash", "instructions", "cost")
HEAD = "Choices that no other beats in both SQNR and cost. Cost is told as a multiple of all-int8."


def search_view(found: dict[str, Any]) -> RenderableType:
    """Show the part "search" of the JSON that `tinyc quantize --search` makes."""
    columns = [name for name in COLUMNS if name != "accuracy" or found["int8"]["accuracy"] is not None]
    table = plain_table(*columns, "", left=0)
    for one in shown(found):
        cells = dict(zip(COLUMNS, values(one), strict=True))
        table.add_row(*(cells[name] for name in columns), "chosen" if one == found["chosen"] else "")
    return Group(Text(search_summary(found)), "", table, "", Text(chosen_layers(found)))


def search_summary(found: dict[str, Any]) -> str:
    """Return what was tried."""
    samples = plural(found["samples"], "sample")
    stopped = ", stopped by Ctrl-C" if found["stopped"] else ""
    choices = plural(found["tried"], "choice")
    return f"{choices} of float32 layers tried on {samples}{stopped}, costs of {clean(found['board'])}"


def shown(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the candidates to show, the cheapest first: all-int8 and the chosen one among them."""
    rows = [*found["pareto"]]
    rows += [found[name] for name in ("int8", "chosen") if found[name] not in rows]
    return sorted(rows, key=lambda one: (one["cost"], len(one["float32"])))


def values(one: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells of a candidate."""
    accuracy = one["accuracy"]
    return (
        count(len(one["float32"])),
        in_db(one["sqnr_db"]),
        "-" if accuracy is None else f"{accuracy * 100:.2f} %",
        *(count(one[name]) for name in ("ram", "flash", "instructions")),
        f"{one['cost']:.3f}\N{MULTIPLICATION SIGN}",
    )


def chosen_layers(found: dict[str, Any]) -> str:
    """Return which layers the chosen candidate has in float32."""
    names = [clean(short_name(name)) for name in found["chosen"]["float32"]]
    if not names:
        return "chosen: every layer is int8"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"chosen, in float32: {', '.join(names[:_NAMED])}{more}"
