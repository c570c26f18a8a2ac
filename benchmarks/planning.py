"""What planning takes, and how near its bound the arena is, by kind of network and its size: a part of RESULTS.md.

    python -m benchmarks.planning [--output FILE] [--most OPS]

replaces that part alone. Each network is planned in a process of its own, whose memory is then known.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.schedule.families import FAMILIES, family
from tinyc.schedule.planner import Search, preferred

ROOT = Path(__file__).resolve().parent.parent
SIZES = (10, 30, 100, 300, 1000)
#: Kinds whose largest network has this many operators; any other's has 300.
LONG = (
    "chain",
    "residual chain",
    "squeeze and excite",
    "unrolled GRU",
    "unrolled LSTM",
    "detector with two heads",
)
_ELSE = 300
_ISAS = ("dsp", "scalar", "ref")
#: The front end reads no more than 1,000 operators; a kind makes a few more or less than it is asked for.
_PART = 0.96
TITLE = "## Planning\n"
TEXT = """
Written by `python -m benchmarks.planning`: all plans of a network for a Cortex-M4, input resident, as `tinyc compile`
asks for them. Seconds of one core; memory in MB, of the whole process; arena in bytes. Bound: no placement of the
plan's buffers is smaller. Least: no plan is smaller that computes nothing twice, whether it can be placed or not.

| kind | operators | seconds | memory | arena | bound | arena / bound | least |
|---|--:|--:|--:|--:|--:|--:|--:|
"""


@dataclass(frozen=True)
class Figures:
    """Of one network."""

    ops: int
    seconds: float
    #: Bytes.
    memory: int
    arena: int
    bound: int
    least: int


def main() -> int:
    parser = argparse.ArgumentParser(description="What planning takes.")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks/RESULTS.md")
    parser.add_argument("--most", type=int, default=max(SIZES), help="operators of the largest networks")
    parser.add_argument("--one", nargs=2, metavar=("KIND", "OPS"), help="print one network's figures as JSON")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(asdict(figures(args.one[0], int(args.one[1])))))
        return 0
    text = args.output.read_text(encoding="utf-8") if args.output.exists() else ""
    lines: list[str] = []
    for one in table(args.most):
        lines.append(one)  # written at once: the whole takes many minutes
        args.output.write_text(with_section(text, lines), encoding="utf-8")
    return 0


def figures(kind: str, ops: int) -> Figures:
    """Plan one network in this process."""
    graph = family(kind, int(ops * _PART))
    start = time.process_time()
    search = Search(graph, preferred(graph, _ISAS), rows_in=False)
    plan = search.pareto()[0]
    seconds = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Figures(len(graph.ops), seconds, memory, plan.arena, plan.lower_bound, search.least)


def table(most: int) -> Iterator[str]:
    """Lines of Markdown."""
    for kind in FAMILIES:
        for size in SIZES:
            if size <= min(most, max(SIZES) if kind in LONG else _ELSE):
                print(f"{kind}, {size} operators", file=sys.stderr, flush=True)
                command = [sys.executable, "-m", "benchmarks.planning", "--one", kind, str(size)]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
                yield line(kind, Figures(**json.loads(done.stdout)))


def line(kind: str, of: Figures) -> str:
    return (
        f"| {kind} | {of.ops:,} | {of.seconds:.1f} | {of.memory / 1e6:.0f} | {of.arena:,} | {of.bound:,} "
        f"| {of.arena / of.bound:.3f} | {of.least:,} |"
    )


def with_section(text: str, lines: Iterable[str]) -> str:
    """RESULTS.md with this part replaced, or put before the kernels where it was not there."""
    section = TITLE + TEXT + "\n".join(lines) + "\n"
    before, mark, rest = text.partition(TITLE)
    if not mark:
        before, mark, rest = text.partition("## By kernel\n")
        return before + section + "\n" + mark + rest
    after = rest.partition("\n## ")
    return before + section + after[1] + after[2]


def kept(old: str, new: str) -> str:
    """The new RESULTS.md with this part of the old."""
    _, mark, rest = old.partition(TITLE + TEXT)
    return with_section(new, rest.partition("\n\n## ")[0].splitlines()) if mark else new


if __name__ == "__main__":
    sys.exit(main())
