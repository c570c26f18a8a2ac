"""The tables and the picture of docs/ternary.md."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.reproduction.results import MEASURED, ROOT, best, mean, score, settings
from benchmarks.reproduction.train import FORMS

PAGE = ROOT / "docs/ternary.md"
PICTURE = ROOT / "docs/images/reproduction.svg"
BEGIN, END = "<!-- reproduction: written by benchmarks/reproduction -->\n", "<!-- end of reproduction -->\n"
TITLES = {
    "digits": "scikit-learn's digits: a CNN of four convolutions, accuracy on 450 images",
    "spoken": "Spoken digits: a DS-CNN on log-mel pictures, accuracy on 300 recordings",
    "cifar10": "CIFAR-10: ResNet-8 of MLPerf Tiny's shape, accuracy on 10,000 images",
    "language": "Characters of Python's manual: causal convolutions, perplexity by character",
}
NAMES = {
    "float": "float32",
    "int8": "INT8",
    "ternary-mean": "ternary, mean",
    "ternary-median": "ternary, median",
    "int2": "2 bits, median",
    "ternary-all": "ternary, median, first and last layer, too",
}
#: Those that every row has; the others are in a table where they were run.
_COMPARED = FORMS[:-1]
_BOARDS = (("microbit", "M0"), ("mps2-an386", "M4"), ("mps3-an547", "M55"))


def write(
    found: dict[str, Any], widths: dict[str, tuple[float, ...]], rates: Any, decays: Any, seeds: Any
) -> None:
    """Write the page's part and the picture."""
    boards = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}
    parts = []
    for task, title in TITLES.items():
        parts += [f"**{title}**\n", _rows(found, boards, task, widths[task]), ""]
    parts += ["Accuracy by learning rate and weight decay, mean of the seeds that were run:\n"]
    parts += [_grid(found, rates, decays), ""]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(before + BEGIN + "\n".join(parts) + END + rest.partition(END)[2], encoding="utf-8")
    picture(found, rates, decays)


def _rows(found: dict[str, Any], boards: dict[str, Any], task: str, widths: tuple[float, ...]) -> str:
    names = [name for _, name in _BOARDS]
    head = ["network", "width", "seeds", "perplexity" if task == "language" else "accuracy"]
    head += ["weights", "flash, M4", "RAM, M4", *(f"instructions, {n}" for n in names)]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    for width in widths:
        for form in FORMS:
            runs = best(found, task, form, width)
            if form not in _COMPARED and not runs:
                continue
            cells = [NAMES[form], f"{width:g}", str(len(runs)) if runs else "", _score(runs)]
            if not runs:
                lines.append("| " + " | ".join(cells) + " |" * (len(head) - len(cells) + 1))
                continue
            measured = boards.get(f"{task} {form} x{width:g}", {})
            middle = measured.get("mps2-an386", {})
            cells += [_bytes(middle, key) for key in ("weights", "flash", "ram")]
            cells += [_millions(measured.get(board, {})) for board, _ in _BOARDS]
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _score(runs: list[Any]) -> str:
    if not runs:
        return "not run"
    each = [abs(score(run)) for run in runs]
    unit = " %" if "accuracy" in runs[0] else ""
    if len(each) == 1:
        return f"{each[0]:.2f}{unit}"
    return f"{sum(each) / len(each):.2f}{unit} ({', '.join(f'{one:.2f}' for one in each)})"


def _bytes(cell: dict[str, Any], key: str) -> str:
    return f"{cell[key]:,}" if key in cell else "not run"


def _millions(cell: dict[str, Any]) -> str:
    if "refused" in cell:
        return "does not fit"
    return f"{cell['instructions'] / 1e6:.2f} M" if "instructions" in cell else "not run"


def _grid(found: dict[str, Any], rates: Any, decays: Any) -> str:
    pairs = [(rate, decay) for rate in rates for decay in decays]
    head = ["digits, width 1", *(f"{rate:g} / {decay:g}" for rate, decay in pairs)]
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * len(pairs) + "|"]
    for form in _COMPARED:
        groups = settings(found, "digits", form, 1)
        cells = [f"{mean(groups[p]):.2f} %" if p in groups else "not run" for p in pairs]
        lines.append(f"| {NAMES[form]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def picture(found: dict[str, Any], rates: Any, decays: Any) -> None:
    """Draw the losses while training, and the accuracy by learning rate."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    tasks = [task for task in TITLES if any(best(found, task, form, 1) for form in FORMS)]
    figure = Figure(figsize=(4 * (len(tasks) + 1), 3.2), layout="constrained")
    FigureCanvasSVG(figure)
    plots = figure.subplots(1, len(tasks) + 1, squeeze=False)[0]
    for axes, task in zip(plots, tasks, strict=False):
        for form in FORMS:
            runs = best(found, task, form, 1)
            if runs:
                axes.semilogy(range(1, len(runs[0]["curve"]) + 1), runs[0]["curve"], label=NAMES[form])
        axes.set(title=f"{task}, width 1", xlabel="epoch", ylabel="loss in training")
        axes.legend(fontsize=7)
    for form in _COMPARED:
        groups = settings(found, "digits", form, 1)
        points = [(r, [run for d in decays for run in groups.get((r, d), [])]) for r in rates]
        shown = [(r, mean(runs)) for r, runs in points if runs]
        plots[-1].semilogx(*zip(*shown, strict=True), marker="o", label=NAMES[form])
    plots[-1].set(
        title="digits, width 1", xlabel="learning rate", ylabel="accuracy, mean of decays and seeds"
    )
    plots[-1].legend(fontsize=7)
    PICTURE.parent.mkdir(exist_ok=True)
    import matplotlib as mpl  # noqa: PLC0415

    with mpl.rc_context({"svg.hashsalt": "tinyc"}):
        figure.savefig(PICTURE, metadata={"Date": None})
