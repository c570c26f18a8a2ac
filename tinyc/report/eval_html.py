"""The result of `tinyc eval` as a page: networks side by side, confusion matrices, the worst samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tinyc.render import render
from tinyc.report.eval_view import class_name, metric_name, metric_text
from tinyc.report.html_tables import Cell, Fact, Row, Table, text_cell
from tinyc.report.text import clean, count, plural

#: Classes whose counts are written into the fields of a matrix.
_MANY = 25


@dataclass(frozen=True)
class Field:
    """How often a class was taken for one: a field of a matrix. share: of the class's samples, in per cent."""

    text: str
    share: float
    told: str
    is_right: bool


@dataclass(frozen=True)
class Matrix:
    """What a network confuses. rows: a class and its fields."""

    title: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Field, ...]], ...]


def eval_page(result: dict[str, Any], made_by: str) -> str:
    """Return the page of an evaluation: the JSON of `tinyc eval`."""
    data = result["data"]
    tables = [worst_samples(result)] if result["comparison"] else []
    return render(
        "report/eval.html.j2",
        title=clean(result["model"]["file"]),
        what="evaluation",
        subtitle=f"{plural(data['samples'], 'sample')} of {clean(data['source'])}",
        notes=[clean(note) for note in data["notes"]],
        made_by=made_by,
        facts=_facts(result),
        matrices=[matrix(result, one) for one in result["networks"] if one["confusion"]],
        tables=tables,
    )


def _facts(result: dict[str, Any]) -> list[Fact]:
    """Return the numbers at the top."""
    name, facts = metric_name(result), []
    if result["metric"]:
        facts = [
            Fact(
                f"{one['name']}: {name}",
                metric_text(result, one["metric"]),
                "",
                f"{one['seconds']:.1f} seconds",
            )
            for one in result["networks"]
        ]
    comparison = result["comparison"]
    if comparison:
        sqnr = "nothing differs" if comparison["sqnr_db"] is None else f"{comparison['sqnr_db']:.1f}"
        more = f"mean error {comparison['mean_abs_error']:.4g}, largest {comparison['max_abs_error']:.4g}"
        facts.append(
            Fact("int8 against float32", sqnr, "dB" if comparison["sqnr_db"] is not None else "", more)
        )
        if comparison["agreement"] is not None:
            facts.append(
                Fact("Same answer as float32", f"{comparison['agreement'] * 100:.2f}", "%", "by int8")
            )
    board = result["board"]
    if board:
        told = f"{plural(board['samples'], 'sample')} in {board['emulator']}, judge {board['judge']}"
        exact = "bit-exact" if board["bit_exact"] else f"{count(board['mismatches'])} differ"
        facts.append(
            Fact(board["board"], exact, "", f"{told}; metric {metric_text(result, board['metric'])}")
        )
    return facts


def matrix(result: dict[str, Any], network: dict[str, Any]) -> Matrix:
    """Return one network's confusion matrix."""
    counts = network["confusion"]
    names = tuple(class_name(result, i) for i in range(len(counts)))
    rows = []
    for i, row in enumerate(counts):
        of = sum(row) or 1
        fields = tuple(
            Field(
                str(number) if len(counts) <= _MANY and number else "",
                round(number / of * 100, 1),
                f"{names[i]} taken for {names[j]}: {number:,} of {sum(row):,}",
                i == j,
            )
            for j, number in enumerate(row)
        )
        rows.append((names[i], fields))
    return Matrix(f"What {network['name']} takes each class for", names, tuple(rows))


def worst_samples(result: dict[str, Any]) -> Table:
    """Return the samples whose outputs differ most from the float network's."""
    worst = result["comparison"]["worst"]
    keys = [key for key in ("label", "float32", "int8") if worst and key in worst[0]]
    largest = max((one["error"] for one in worst), default=0) or 1
    rows = []
    for one in worst:
        named = [text_cell(class_name(result, one[key])) for key in keys]
        error = Cell(f"{one['error']:.4g}", one["error"], round(one["error"] / largest * 100, 1))
        rows.append(Row((text_cell(one["sample"]), *named, error)))
    return Table(
        "worst",
        "Samples with the largest error",
        "Of an output of int8 against the same one of float32.",
        ("sample", *keys, "error"),
        1 + len(keys),
        tuple(rows),
    )
