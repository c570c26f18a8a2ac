"""Pictures by matplotlib, of the extra `plots`."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from tinyc.errors import ToolError, UsageError
from tinyc.report.eval_view import class_name, metric_name, metric_text
from tinyc.report.text import clean

#: Classes from which on counts are not written into the fields.
_MANY = 20


def confusion_png(result: dict[str, Any]) -> bytes:
    """Return the confusion matrices of an evaluation, one beside the other. Raises UsageError or ToolError."""
    networks = [one for one in result["networks"] if one["confusion"]]
    if not networks:
        raise UsageError(
            "--png: there is no confusion matrix without classes", "--labels FILE says what samples are"
        )
    size = max(len(one["confusion"]) for one in networks)
    side = min(14.0, max(4.0, 0.55 * size))
    figure = _figure(side * len(networks) + 1, side + 1)
    for axes, one in zip(figure.subplots(1, len(networks), squeeze=False)[0], networks, strict=True):
        counts = one["confusion"]
        rows = [[number / max(1, sum(row)) for number in row] for row in counts]
        axes.imshow(rows, cmap="Blues", vmin=0, vmax=1)
        names = [class_name(result, i) for i in range(len(counts))]
        axes.set_xticks(range(len(names)), names, rotation=90)
        axes.set_yticks(range(len(names)), names)
        axes.set(xlabel="answer", ylabel="label")
        axes.set_title(f"{one['name']}: {metric_name(result)} {metric_text(result, one['metric'])}")
        if len(names) <= _MANY:
            for i, row in enumerate(counts):
                for j, number in enumerate(row):
                    colour = "white" if rows[i][j] > 0.5 else "black"
                    axes.text(j, i, str(number), ha="center", va="center", color=colour, fontsize=8)
    return _png(figure)


def curve_png(found: dict[str, Any]) -> bytes:
    """Return what more and more ternary layers lose against the flash that is left. found: "ternary" of the JSON."""
    figure = _figure(7.0, 4.5)
    axes = figure.subplots()
    has_accuracy = found["chosen"]["accuracy"] is not None
    known = [one for one in found["curve"] if has_accuracy or one["sqnr_db"] is not None]

    def height(one: dict[str, Any]) -> float:
        return float(one["accuracy"] * 100 if has_accuracy else one["sqnr_db"])

    axes.plot([one["flash"] / 1024 for one in known], [height(one) for one in known], "o-", color="tab:blue")
    for one in known:
        at = one["flash"] / 1024, height(one)
        axes.annotate(str(len(one["ternary"])), at, xytext=(4, 4), textcoords="offset points", fontsize=8)
    chosen = found["chosen"]
    if chosen in known:
        axes.plot(chosen["flash"] / 1024, height(chosen), "o", color="tab:red", markersize=10, label="chosen")
    if found["budgets"]["flash"] is not None:
        axes.axvline(found["budgets"]["flash"] / 1024, color="grey", linestyle="--", label="budget")
    axes.set(
        xlabel=f"flash in KiB, estimated for {clean(found['board'])}",
        ylabel="accuracy in %" if has_accuracy else "SQNR of the answers in dB",
        title="Ternary layers: how many, at each point",
    )
    if axes.get_legend_handles_labels()[0]:
        axes.legend()
    axes.grid(alpha=0.3)
    return _png(figure)


def check_matplotlib(png: Path | None) -> None:
    """Raise ToolError where a picture is wanted and there is nothing to draw it by."""
    if png is not None and find_spec("matplotlib") is None:
        raise _without_matplotlib()


def _without_matplotlib() -> ToolError:
    return ToolError("--png needs matplotlib, which is not installed", "pip install 'tinyc[plots]'")


def _figure(width: float, height: float) -> Any:
    """Return an empty picture, in inches. Raises ToolError without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as problem:
        raise _without_matplotlib() from problem
    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _png(figure: Any) -> bytes:
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
