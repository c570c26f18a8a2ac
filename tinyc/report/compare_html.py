"""Two report.json as one page: what changed, by number, layer and kernel. Loads nothing, holds no date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinyc.render import render
from tinyc.report.compare import NUMBERS, OF_LAYERS, lookup, pair_layers
from tinyc.report.html_tables import Cell, Fact, Row, Table, number_cell, text_cell
from tinyc.report.text import clean, count, plural, short_name

Report = Mapping[str, Any]

#: The tiles: a label, the keys that lead to the number, and its unit.
_TILES = (
    ("RAM", ("ram", "total"), "bytes"),
    ("Flash", ("flash", "total"), "bytes"),
    ("MACs executed per inference", ("schedule", "macs_executed"), ""),
)


_ARROW = "\N{RIGHTWARDS ARROW}"


def compare_page(a: Report, b: Report, made_by: str) -> str:
    """Return the page. a, b: report.json, before and after."""
    tables = (_numbers(a, b), _layers(a, b), _kernels(a, b))
    return render(
        "report/compare.html.j2",
        title=f"{_name(a)} against {_name(b)}" if _name(a) != _name(b) else _name(a),
        what="comparison",
        subtitle="A is before, B is after; a change is what B has more or less.",
        commands=[(key, clean(str(one.get("command", "-")), 1000)) for key, one in (("A", a), ("B", b))],
        made_by=made_by,
        facts=[_tile(label, lookup(a, keys), lookup(b, keys), unit) for label, keys, unit in _TILES],
        tables=[table for table in tables if table],
    )


def _name(report: Report) -> str:
    return clean(f"{report['model'].get('file', '?')} on {report['board']}")


def _tile(label: str, before: int | None, after: int | None, unit: str) -> Fact:
    change = _change(before, after)
    share = _share(before, after).text
    more = (
        f"as before: {count(before)}"
        if before == after
        else f"{change.text} ({share}); before {count(before)}"
    )
    return Fact(label, count(after), unit, more, change.mood)


def _change(before: int | None, after: int | None) -> Cell:
    """Return "+12", coloured by whether less is better; "=" where it stayed."""
    if before is None or after is None:
        return Cell("-", 0)
    if before == after:
        return Cell("=", 0)
    return Cell(f"{after - before:+,}", after - before, mood="worse" if after > before else "better")


def _step(before: int | None, after: int | None) -> Cell:
    """Return "12 -> 8", sorted by the change; one number where it stayed, came or went."""
    if before is None or after is None or before == after:
        return Cell(count(before if after is None else after), 0)
    change = _change(before, after)
    return Cell(f"{count(before)} {_ARROW} {count(after)}", change.value, mood=change.mood)


def _share(before: int | None, after: int | None) -> Cell:
    if not before or after is None or before == after:
        return Cell("", 0)
    share = (after - before) / before
    return Cell(f"{share * 100:+.1f} %", share, mood="worse" if share > 0 else "better")


def _numbers(a: Report, b: Report) -> Table:
    rows = []
    for label, keys in NUMBERS:
        before, after = lookup(a, keys), lookup(b, keys)
        if before is not None or after is not None:
            name = Cell(label.replace("  ", "\N{NO-BREAK SPACE}" * 3), label.strip())
            both = (number_cell(before), number_cell(after))
            rows.append(Row((name, *both, _change(before, after), _share(before, after))))
    return Table(
        "numbers", "Numbers", "Bytes, and MACs per inference.", ("", "A", "B", "change", ""), 1, tuple(rows)
    )


def _layers(a: Report, b: Report) -> Table | None:
    """Return layers that changed, in the order of B, then those that only A has."""
    pairs = pair_layers(a["layers"], b["layers"])
    rows, same = [], 0
    for left, right in pairs:
        one = right or left or {}
        numbers = [(lookup(left or {}, (key,)), lookup(right or {}, (key,))) for _, key in OF_LAYERS]
        kernels = [str(layer.get("kernel", "-")) for layer in (left, right) if layer is not None]
        if left and right and kernels[0] == kernels[1] and all(x == y for x, y in numbers):
            same += 1
            continue
        state = "changed" if left and right else "new" if right else "gone"
        name = str(one.get("name"))
        cells = (
            text_cell(short_name(name), name),
            text_cell(str(one.get("op", "-"))),
            Cell(state, state, mood="" if left and right else "worse" if right else "better"),
            text_cell(*[f" {_ARROW} ".join(dict.fromkeys(kernels))] * 2),
            *(_step(x, y) for x, y in numbers),
        )
        rows.append(Row(cells))
    heads = [label for label, _ in OF_LAYERS]
    caption = f"Those that changed, came or went; {plural(same, 'layer')} the same."
    return Table("layers", "Layers", caption, ("layer", "op", "", "kernel", *heads), 4, tuple(rows))


def _kernels(a: Report, b: Report) -> Table | None:
    """Return code bytes of each kernel; None where neither report tells them."""
    before, after = _sizes(a), _sizes(b)
    if not before and not after:
        return None
    rows = [
        Row((text_cell(name), number_cell(x), number_cell(y), _change(x or 0, y or 0)))
        for name in sorted({*before, *after})
        for x, y in [(before.get(name), after.get(name))]
    ]
    return Table("code", "Code", "Bytes of each kernel.", ("function", "A", "B", "change"), 1, tuple(rows))


def _sizes(report: Report) -> dict[str, int]:
    found = report.get("kernels")
    known = found.items() if isinstance(found, Mapping) else ()
    return {str(name): size for name, size in known if isinstance(size, int)}
