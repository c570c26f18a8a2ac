"""What more and more ternary layers lose for the flash that they save, as people read it."""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.sensitivity_view import in_db
from tinyc.report.text import clean, count, plain_table, plural, short_name

#: Names of layers that are told.
_NAMED = 6
COLUMNS = ("ternary layers", "SQNR", "accuracy", "flash")
HEAD = "From all-int8 on; each point has the layers that lose least for a byte of flash."


def ternary_view(found: dict[str, Any]) -> RenderableType:
    """Show the part "ternary" of the JSON that `tinyc quantize --ternary` makes."""
    columns = [name for name in COLUMNS if name != "accuracy" or found["chosen"]["accuracy"] is not None]
    table = plain_table(*columns, "", left=0)
    for one in found["curve"]:
        cells = dict(zip(COLUMNS, values(one), strict=True))
        table.add_row(*(cells[name] for name in columns), "chosen" if one == found["chosen"] else "")
    return Group(Text(ternary_summary(found)), "", table, "", Text(ternary_layers(found)))


def ternary_summary(found: dict[str, Any]) -> str:
    """Return what was tried."""
    stopped = ", stopped by Ctrl-C" if found["stopped"] else ""
    layers, samples = plural(len(found["order"]), "layer"), plural(found["samples"], "sample")
    return f"{layers} may be ternary; judged on {samples}{stopped}, flash of {clean(found['board'])}"


def values(one: dict[str, Any]) -> tuple[str, ...]:
    """Return the cells of a point."""
    accuracy = one["accuracy"]
    return (
        count(len(one["ternary"])),
        in_db(one["sqnr_db"]),
        "-" if accuracy is None else f"{accuracy * 100:.2f} %",
        count(one["flash"]),
    )


def ternary_layers(found: dict[str, Any]) -> str:
    """Return which layers the chosen point has ternary."""
    names = [clean(short_name(name)) for name in found["chosen"]["ternary"]]
    if not names:
        return "chosen: no layer is ternary"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"chosen, ternary: {', '.join(names[:_NAMED])}{more}"
