"""Draws docs/images/pipeline.svg, the README's picture of what tinyc does: `make docs`."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "pipeline.svg"

WIDTH, HEIGHT = 960, 356
BOX_HEIGHT = 74
#: Left edges of the columns, and the width of a box.
COLUMNS, BOX = (24, 210, 396, 582, 768), 168
#: Rows of a tensor in the sketch of the memory.
TALL = 8
#: Upper edges of the rows.
ROWS = (50, 162, 274)


@dataclass(frozen=True)
class Box:
    """A value of the pipeline."""

    column: int
    row: int
    title: str
    #: what it holds
    lines: tuple[str, ...]
    #: "given", "made" or "proof"
    style: str = "made"

    @property
    def left(self) -> int:
        return COLUMNS[self.column]

    @property
    def top(self) -> int:
        return ROWS[self.row]


@dataclass(frozen=True)
class Arrow:
    """From one box to another: `room` makes the second of the first."""

    start: int
    end: int
    #: parts of tinyc/
    rooms: tuple[str, ...] = ()


BOXES = (
    Box(0, 0, "net.tflite", ("INT8 network", "as trained"), "given"),
    Box(1, 0, "Graph", ("what each operator", "means")),
    Box(2, 0, "Lowerings", ("C kernels per operator,", "scratch, packed weights")),
    Box(3, 0, "Plan", ("rows of tensors in RAM,", "replayed by a checker")),
    Box(4, 0, "C project", ("sources, Makefile,", "test vectors")),
    Box(0, 1, "Reference", ("LiteRT or TFLite Micro,", "the real interpreter"), "given"),
    Box(2, 1, "Every byte equal?", ("exit 0 only then",), "proof"),
    Box(3, 1, "Emulated board", ("QEMU, Renode or", "this computer")),
    Box(4, 1, "ELF", ("flash, RAM and worst-case", "stack, read from it")),
    Box(4, 2, "Report", ("does it fit? what takes", "the memory?"), "proof"),
)
ARROWS = (
    Arrow(0, 1, ("frontends", "passes")),
    Arrow(1, 2, ("kernels",)),
    Arrow(2, 3, ("schedule", "memory")),
    Arrow(3, 4, ("codegen",)),
    Arrow(4, 8, ("target",)),
    Arrow(8, 7, ("emulate",)),
    Arrow(7, 6, ("verify",)),
    Arrow(0, 5),
    Arrow(5, 6, ("verify",)),
    Arrow(8, 9, ("costs", "report")),
)

STYLE = """
  .page { fill: #ffffff; } .box { fill: #f3f5f9; stroke: #c3cad6; } .given { fill: #fff6e0; stroke: #d9a321; }
  .proof { fill: #e6f5ec; stroke: #3f9f6b; } .title { fill: #16191d; font-weight: 600; font-size: 15px; }
  .line { fill: #4c5561; font-size: 12px; } .room { fill: #2457d6; font-size: 11.5px; } .arrow { stroke: #5b6470; }
  .head { fill: #5b6470; } .row { fill: #4f79d8; } .gone { fill: none; stroke: #c3cad6; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #12161b; } .box { fill: #1d232b; stroke: #3d4754; } .given { fill: #2e2814; stroke: #b98a1d; }
    .proof { fill: #15291e; stroke: #48a372; } .title { fill: #eef1f5; } .line { fill: #b4bdc9; }
    .room { fill: #8fb0ff; } .arrow { stroke: #9aa5b3; } .head { fill: #9aa5b3; }
    .row { fill: #5f86dd; } .gone { stroke: #3d4754; }
  }"""


def picture() -> str:
    """Return the SVG."""
    about = "From a .tflite file over graph, lowerings and plan to a C project, run on an emulated board and compared."
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif">',
        f"<title>{escape(about)}</title>",
        f"<style>{STYLE}\n</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto"><path class="head" d="M0 0L8 4L0 8Z"/></marker></defs>',
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}" rx="12"/>',
        *map(_box, BOXES),
        *map(_arrow, ARROWS),
        *_memory(24, "layer by layer", "whole tensors are in RAM", (TALL,) * 3),
        *_memory(396, "row by row", "only the rows still needed", (3, 3, 1)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _box(box: Box) -> str:
    middle = box.left + BOX / 2
    style = "box" if box.style == "made" else box.style
    first = box.top + (32 if len(box.lines) == 1 else 26)
    texts = [_text("title", middle, first, box.title)]
    texts += [_text("line", middle, first + 18 + 15 * i, line) for i, line in enumerate(box.lines)]
    shape = f'<rect class="{style}" x="{box.left}" y="{box.top}" width="{BOX}" height="{BOX_HEIGHT}" rx="9"/>'
    return "\n".join([shape, *texts])


def _arrow(arrow: Arrow) -> str:
    """Return a line between facing sides, with the rooms above it, or to its left where it goes down."""
    start, end = BOXES[arrow.start], BOXES[arrow.end]
    if start.column == end.column:
        x = start.left + BOX / 2
        line = (x, start.top + BOX_HEIGHT, x, end.top - 3)
        label = _text("room", x - 8, (line[1] + line[3]) / 2 + 5, ", ".join(arrow.rooms), "end")
    else:
        right = start.column < end.column
        y = start.top + BOX_HEIGHT / 2
        line = (
            start.left + BOX if right else start.left,
            y,
            end.left - 3 if right else end.left + BOX + 3,
            y,
        )
        at = (line[0] + line[2]) / 2
        narrow = abs(start.column - end.column) == 1
        label = _text("room", at, start.top - 9 if narrow else y - 9, ", ".join(arrow.rooms))
    x1, y1, x2, y2 = line
    ends = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
    stroke = f'<line class="arrow" {ends} stroke-width="1.6" marker-end="url(#head)"/>'
    return f"{stroke}\n{label}" if arrow.rooms else stroke


def _memory(left: int, title: str, caption: str, kept: tuple[int, ...]) -> list[str]:
    """Return three tensors of a network as stacks of rows; kept: how many rows of each are in RAM at one time."""
    parts = [
        f'<text class="title" x="{left}" y="300">{title}</text>',
        f'<text class="line" x="{left}" y="319">{caption}</text>',
    ]
    for tensor, rows in enumerate(kept):
        x, last = left + 170 + 62 * tensor, TALL - 2 * tensor if rows < TALL else TALL
        for row in range(TALL):
            style = "row" if last - rows <= row < last else "gone"
            parts.append(
                f'<rect class="{style}" x="{x}" y="{276 + 9 * row}" width="50" height="7" rx="1.5"/>'
            )
    return parts


def _text(style: str, x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{escape(text)}</text>'


def main() -> None:
    """Write the picture."""
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
