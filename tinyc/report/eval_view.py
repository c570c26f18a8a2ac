"""The result of `tinyc eval` as people read it: networks side by side, what they confuse, where INT8 is off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from tinyc.report.text import clean, count, plain_table, plural

#: Samples and pairs of classes that are shown.
_SHOWN = 5


def eval_view(result: dict[str, Any]) -> RenderableType:
    """Show an evaluation: the JSON of `tinyc eval`."""
    data = result["data"]
    title = Text(clean(result["model"]["file"]), style="bold")
    title.append(f": {plural(data['samples'], 'sample')} of {clean(data['source'])}", style="")
    lines: list[RenderableType] = [title, *(Text(clean(note), style="dim") for note in data["notes"])]
    lines += ["", networks_table(result)]
    confused = confused_pairs(result)
    if confused:
        table = plain_table("most confused", "taken for", "samples", left=2)
        for wanted, found, number in confused[:_SHOWN]:
            table.add_row(Text(wanted), Text(found), count(number))
        lines += ["", table]
    if result["comparison"]:
        lines += ["", *comparison_lines(result["comparison"]), "", worst_table(result, _SHOWN)]
    if result["board"]:
        lines += ["", board_line(result)]
    return Group(*lines)


def metric_text(result: dict[str, Any], value: float | None) -> str:
    """Return a metric as it is written: "75.48 %" of what is a share."""
    if value is None:
        return "-"
    return f"{value * 100:.2f} %" if result["metric_is_share"] else f"{value:.5g}"


def metric_name(result: dict[str, Any]) -> str:
    """Return what the metric is called."""
    return {"top1": "accuracy", None: "metric"}.get(result["metric"], clean(result["metric"] or ""))


def networks_table(result: dict[str, Any]) -> RenderableType:
    """Return the networks side by side."""
    comparison = result["comparison"]
    agrees = comparison is not None and comparison["agreement"] is not None
    columns = [Text(metric_name(result))] if result["metric"] else []
    table = plain_table("network", *columns, *(["as float32"] if agrees else []), "samples", "seconds")
    for one in result["networks"]:
        cells = [metric_text(result, one["metric"])] if columns else []
        if agrees:
            share = 1.0 if one["name"] == "float32" else comparison["agreement"]
            cells.append(f"{share * 100:.2f} %")
        table.add_row(one["name"], *cells, count(result["data"]["samples"]), f"{one['seconds']:.1f}")
    board = result["board"]
    if board:
        cells = [metric_text(result, board["metric"])] if columns else []
        table.add_row(board["board"], *cells, *([""] if agrees else []), count(board["samples"]), "")
    return table


def comparison_lines(comparison: dict[str, Any]) -> list[Text]:
    """Return how far the int8 network is from the float one."""
    sqnr = "nothing differs" if comparison["sqnr_db"] is None else f"SQNR {comparison['sqnr_db']:.1f} dB"
    errors = f"mean error {comparison['mean_abs_error']:.4g}, largest {comparison['max_abs_error']:.4g}"
    return [Text(f"int8 against float32: {sqnr}, cosine {comparison['cosine']:.6f}, {errors}")]


def worst_table(result: dict[str, Any], most: int) -> RenderableType:
    """Return the samples whose outputs differ most."""
    worst = result["comparison"]["worst"][:most]
    has_classes = bool(worst) and "int8" in worst[0]
    has_labels = bool(worst) and "label" in worst[0]
    columns = [*(["label"] if has_labels else []), *(["float32", "int8"] if has_classes else [])]
    table = plain_table("largest error", *columns, "error", left=1 + len(columns), elastic=(0,))
    for one in worst:
        named = [Text(class_name(result, one[key])) for key in columns]
        table.add_row(Text(clean(one["sample"])), *named, f"{one['error']:.4g}")
    return table


def board_line(result: dict[str, Any]) -> Text:
    """Return whether the board computes what the judge and the host library do."""
    board = result["board"]
    where = board["board"] if board["emulator"] == "host" else f"{board['board']} in {board['emulator']}"
    told = f"{plural(board['samples'], 'sample')} on {where}, judge {board['judge']}"
    if board["bit_exact"]:
        return Text("bit-exact", style="bold green").append(
            f": {told}: all {plural(board['elements'], 'output element')} equal, as by the host library",
            style="",
        )
    return Text("not bit-exact", style="bold red").append(
        f": {told}: {board['mismatches']:,} of {plural(board['elements'], 'output element')} differ, "
        f"{board['host_mismatches']:,} from the host library's",
        style="",
    )


def class_name(result: dict[str, Any], number: int) -> str:
    """Return what a class is called, or its number."""
    classes: Sequence[str] = result["data"]["classes"]
    return clean(classes[number], 40) if 0 <= number < len(classes) else str(number)


def confused_pairs(result: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return (class, what the last network takes it for, how often), the most frequent first."""
    confusion = result["networks"][-1]["confusion"]
    if confusion is None:
        return []
    pairs = [
        (number, i, j) for i, row in enumerate(confusion) for j, number in enumerate(row) if i != j and number
    ]
    pairs.sort(key=lambda pair: (-pair[0], pair[1:]))
    return [(class_name(result, i), class_name(result, j), number) for number, i, j in pairs]
