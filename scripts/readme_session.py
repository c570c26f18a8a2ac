"""Runs the commands of the README's example session and pastes what they print: `make docs`.

usage: readme_session.py [README.md]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "digits"
BEGIN, END = "<!-- session: written by `make docs` -->\n", "<!-- end of session -->\n"
WIDTH = "120"


def printed(*command: str) -> list[str]:
    """Lines of a command's output, run in the example's folder."""
    environment = {**os.environ, "COLUMNS": WIDTH}
    done = subprocess.run(command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, check=True)
    return [line.rstrip() for line in done.stdout.splitlines()]


def tinyc(*arguments: str) -> list[str]:
    """The lines of one `tinyc` command."""
    return printed(sys.executable, "-m", "tinyc", *arguments)


def block(*lines: str) -> str:
    return "\n".join(["```", *lines, "```"]) + "\n"


def demo_lines() -> list[str]:
    """The second row of digits, and how many were right."""
    lines = printed(sys.executable, "demo.py")
    captions = [at for at, line in enumerate(lines) if "% sure" in line]
    (right,) = (line for line in lines if line.endswith("digits right"))
    return ["...", *lines[captions[1] - 8 : captions[1] + 1], "", right, "..."]


def session() -> str:
    """The whole section as Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "firmware")
        compiled = tinyc("compile", "digits.tflite", "--board", "mps2-an386", "-o", out)
    ran = tinyc("run", "digits.tflite", "--board", "mps2-an386", "--inputs", "digits.npz")
    return "\n".join(
        (
            block("$ make demo", *demo_lines()),
            "The same by hand, in `examples/digits`:\n",
            block(
                "$ tinyc compile digits.tflite --board mps2-an386 -o firmware",
                *(line.replace(out, "firmware") for line in compiled),
                "",
                "$ tinyc run digits.tflite --board mps2-an386 --inputs digits.npz",
                *ran,
            ),
        )
    )


def main() -> None:
    readme = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(before + BEGIN + "\n" + session() + "\n" + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
