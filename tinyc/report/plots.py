"""Pictures by matplotlib, of the extra `plots`."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from tinyc.errors import ToolError, UsageError
from tinyc.report.eval_view import class_name, metric_name, metric_text

#: Classes from which on counts are not written into the fields.
_MANY = 20


def confusion_png(result: dict[str, Any]) -> bytes:
    """Return the confusion matrices of an evaluation, one beside the other. Raises UsageError or ToolError."""
    networks = [one for one in result["networks"] if one["confusion"]]
    if not networks:
        raise UsageError(
            "--png: there is no confusion matrix without classes", "--labels FILE says what samples are"
        )
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as problem:
        raise ToolError(
            "--png needs matplotlib, which is not installed", "pip install 'tinyc[plots]'"
        ) from problem
    size = max(len(one["confusion"]) for one in networks)
    side = min(14.0, max(4.0, 0.55 * size))
    figure = Figure(figsize=(side * len(networks) + 1, side + 1), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
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
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
