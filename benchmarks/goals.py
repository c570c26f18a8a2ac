"""What `--optimize` chooses, model by model: a part of RESULTS.md.

    python -m benchmarks.goals [--folder DIR] [--output FILE] [MODEL ...]

replaces that part alone, and fails where a choice is not the least in what it is named after.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tinyc.errors import ModelError, TinycError
from tinyc.options import Options
from tinyc.runner import run_model
from tinyc.target.boards import load_board
from tinyc.verify.vectors import Samples

ROOT = Path(__file__).resolve().parent.parent
BOARDS = ("mps2-an386", "mps3-an547")
CHOICES: dict[str, dict[str, Any]] = {
    "--optimize balanced": {},
    "--optimize ram": {"optimize": "ram"},
    "--optimize speed": {"optimize": "speed"},
    "--optimize flash": {"optimize": "flash"},
    "--kernels ref": {"kernels": "ref"},
    "--kernels scalar": {"kernels": "scalar"},
}
TITLE = "## By goal\n"
TEXT = """
What `--optimize` chooses, input resident, and for comparison the default plan with the portable kernels alone.
Flash in total: weights and code.

| model | board | option | instructions | RAM total | flash total | weights | code |
|---|---|---|--:|--:|--:|--:|--:|
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="What --optimize chooses.")
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared/models")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/RESULTS.md")
    args = parser.parse_args()
    models = args.models or [ROOT / "examples/digits/digits.tflite", *sorted(args.folder.glob("*.tflite"))]
    found = dict(results(models))
    text = args.output.read_text(encoding="utf-8") if args.output.exists() else ""
    args.output.write_text(with_section(text, goal_table(found)), encoding="utf-8")
    wrong = [line for place, choices in found.items() for line in violations(place, choices)]
    print(*wrong, sep="\n", file=sys.stderr)
    return 1 if wrong else 0


Figures = Mapping[str, int]
#: By model and board, and there by option.
Found = Mapping[tuple[str, str], Mapping[str, Figures]]


def results(models: Iterable[Path]) -> Iterator[tuple[tuple[str, str], dict[str, Figures]]]:
    for model in models:
        try:
            for board in BOARDS:
                print(f"{model.stem} on {board}, by goal", file=sys.stderr, flush=True)
                yield (model.stem, board), {choice: _figures(model, board, choice) for choice in CHOICES}
        except ModelError as problem:
            print(f"  left out: {problem.message.splitlines()[0]}", file=sys.stderr)


def _figures(model: Path, board: str, choice: str) -> Figures:
    result = run_model(model, Options(load_board(board), **CHOICES[choice]), Samples(1, 1))
    if not result.json["bit_exact"]:
        raise TinycError(f"{model.name} on {board}, {choice}: {result.json['mismatches']} mismatches")
    report = result.report
    return {
        "instructions": result.json["instructions"],
        "ram": report["ram"]["total"],
        "flash": report["flash"]["total"],
        "weights": report["flash"]["weights"],
        "code": report["flash"]["code"],
    }


def goal_table(found: Found) -> list[str]:
    """Lines of Markdown."""
    return [
        f"| {model} | {board} | `{choice}` | " + " | ".join(f"{n:,}" for n in figures.values()) + " |"
        for (model, board), choices in found.items()
        for choice, figures in choices.items()
    ]


def violations(place: tuple[str, str], choices: Mapping[str, Figures]) -> Iterator[str]:
    """What is not as the options say: flash and RAM least, speed fastest but for 1 %."""
    for goal, key, room in (("flash", "flash", 1.0), ("ram", "ram", 1.0), ("speed", "instructions", 1.01)):
        own = choices[f"--optimize {goal}"][key]
        for choice, figures in choices.items():
            if own > room * figures[key]:
                yield f"{' on '.join(place)}: {choice} has {figures[key]:,} {key}, --optimize {goal} {own:,}"


def section(lines: Iterable[str]) -> str:
    """The part of RESULTS.md."""
    return TITLE + TEXT + "\n".join(lines) + "\n"


def with_section(text: str, lines: Iterable[str]) -> str:
    """RESULTS.md with this part replaced, or put before the kernels where it was not there."""
    before, mark, rest = text.partition(TITLE)
    if not mark:
        before, mark, rest = text.partition("## By kernel\n")
        return before + section(lines) + "\n" + mark + rest
    after = rest.partition("\n## ")
    return before + section(lines) + after[1] + after[2]


if __name__ == "__main__":
    sys.exit(main())
