"""Writes the parts of the README that can drift: `make docs`.

The example session, by running its commands and pasting what they print, most layers cut; the plans that options
choose; the table of boards.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tinyc.report.text import size
from tinyc.target.boards import board_names, load_board

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "digits"
WIDTH = "120"


def printed(*command: str) -> list[str]:
    """Return the lines of a command's output, run in the example's folder."""
    environment = {**os.environ, "COLUMNS": WIDTH}
    done = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=True)
    return [line.rstrip() for line in done.stdout.splitlines()]


def tinyc(*arguments: str) -> list[str]:
    """Return the lines of one `tinyc` command."""
    return printed(sys.executable, "-m", "tinyc", *arguments)


def block(*lines: str) -> str:
    return "\n".join(["```", *lines, "```"]) + "\n"


#: Layers that the session shows; the others are cut.
SHOWN = 3


def shortened(lines: list[str]) -> list[str]:
    """Return what `tinyc compile` prints, with the first layers only."""
    first = next(at for at, line in enumerate(lines) if line.lstrip().startswith("#")) + 1
    end = lines.index("", first)
    return [*lines[: first + SHOWN], "...", *lines[end - 1 :]]


def session() -> str:
    """Return the whole section as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "firmware")
        compiled = tinyc("compile", "digits.tflite", "--board", "mps2-an386", "-o", out)
    ran = tinyc("run", "digits.tflite", "--board", "mps2-an386", "--inputs", "digits.npz")
    return block(
        "$ tinyc compile digits.tflite --board mps2-an386 -o firmware",
        *(line.replace(out, "firmware") for line in shortened(compiled)),
        "",
        "$ tinyc run digits.tflite --board mps2-an386 --inputs digits.npz",
        *ran,
    )


#: Compile options whose plans the README compares.
CHOICES = (
    "--optimize speed",
    "",
    "--optimize ram",
    "--optimize flash",
    "--ram-budget 2200",
    "--ram-budget 1900",
    "--flash-budget 14k",
    "--ram-budget 2200 --flash-budget 14k",
)


def plans() -> str:
    """Return the table of plans: what the example costs under several options."""
    rows = ["| options | RAM | flash | MACs | instructions |", "|---|---|---|---|---|"]
    for choice in CHOICES:
        options = ("digits.tflite", "--board", "mps2-an386", *choice.split())
        with tempfile.TemporaryDirectory() as folder:
            files = [str(Path(folder) / name) for name in ("report.json", "run.json")]
            tinyc("report", *options, "--json", files[0])
            tinyc("run", *options, "--json", files[1])
            report, run = (json.loads(Path(file).read_text(encoding="utf-8")) for file in files)
        name = f"`{choice}`" if choice else "none"
        sizes = (report["ram"]["total"], report["flash"]["total"])
        numbers = (*sizes, report["schedule"]["macs_executed"], run["instructions"])
        rows.append(f"| {name} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    return "\n".join(rows) + "\n"


def boards() -> str:
    """Return the table of boards."""
    rows = ["| board | what | flash | RAM | runs in |", "|---|---|---|---|---|"]
    for board in map(load_board, board_names()):
        sizes = ("-", "-") if board.is_host else (size(board.flash_bytes), size(board.ram_bytes))
        names = {"qemu": "QEMU", "renode": "Renode", "host": "itself"}
        emulators = ", ".join(names.get(name, name) for name in board.emulators) or "-"
        rows.append(f"| `{board.name}` | {board.description} | {sizes[0]} | {sizes[1]} | {emulators} |")
    return "\n".join(rows) + "\n"


def replaced(readme: str, name: str, text: str) -> str:
    """Return the README with `text` between the two marks of a part."""
    begin, end = f"<!-- {name}: written by `make docs` -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = readme.partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise SystemExit(f"README.md has no part {name}")
    return f"{before}{begin}\n{text}\n{end}{after}"


def main() -> None:
    """Rewrite README.md."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name, part in (("boards", boards), ("plans", plans), ("session", session)):
        text = replaced(text, name, part())
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
