"""Every well-known model on every board under both references: one line each, then what failed.

usage: python -m tests.e2e.matrix [--samples N] [--boards B ...] [--models M ...] [--references R ...] [--out FILE]

--out keeps all results as JSON. Exits 1 where anything differs or ram.total is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import Any

from tests.e2e.known import ARENA_LIMITS, BOARDS, MODELS, STACK_SLACK, judge_of
from tests.e2e.tool import ROOT, tinyc

SHARED = Path(os.environ.get("TINYC_SHARED", ROOT.parent / "shared"))
HEADER = (
    f"{'model':18} {'board':11} {'reference':9} {'judge':6} {'differ':>6} {'total':>7} {'measured':>8} "
    f"{'arena':>7} {'stack':>6} {'flash':>8} {'instructions':>13} {'/MAC':>6} {'s':>5}"
)


def one(model: str, board: str, reference: str, samples: int) -> dict[str, Any]:
    """Results of `report` and of `run --layers`, and the complaints about them."""
    path = SHARED / "models" / f"{model}.tflite"
    begin = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        ran, told = Path(folder) / "run.json", Path(folder) / "report.json"
        options = (path, "--board", board, "--reference", reference)
        seeded = ("--samples", str(samples), "--seed", "1", "--layers")
        done = tinyc("run", *options, *seeded, "--json", ran)
        reported = tinyc("report", *options, "--json", told)
        result: dict[str, Any] = {"model": model, "board": board, "reference": reference}
        result["run"] = json.loads(ran.read_text()) if ran.is_file() else None
        result["report"] = json.loads(told.read_text()) if told.is_file() else None
    result["seconds"] = round(monotonic() - begin, 1)
    result["wrong"] = list(complaints(result, done.status, done.out + done.err, reported.status))
    return result


def complaints(result: dict[str, Any], status: int, text: str, reported: int) -> list[str]:
    """What is not as promised."""
    run, report = result["run"], result["report"]
    if status != 0 or run is None or report is None:
        return [f"exit {status}, report {reported}: {text.strip()[-500:]}"]
    wrong = []
    if run["mismatches"] or not run["bit_exact"]:
        wrong.append(f"{run['mismatches']} of {run['elements']} differ")
    if "every layer equal" not in text:
        wrong.append("layers differ")
    if run["judge"] != judge_of(result["model"], result["reference"]):
        wrong.append(f"judged by {run['judge']}")
    total, measured = report["ram"]["total"], run["ram"]["measured"]
    if measured is not None and not measured <= total <= measured + STACK_SLACK:
        wrong.append(f"ram.total {total}, measured {measured}")
    limit = ARENA_LIMITS.get(result["model"])
    if limit is not None and report["ram"]["arena"] > limit:
        wrong.append(f"arena {report['ram']['arena']} > {limit}")
    return wrong


def line(result: dict[str, Any]) -> str:
    run, report = result["run"], result["report"]
    head = f"{result['model']:18} {result['board']:11} {result['reference']:9} "
    if run is None or report is None:
        return head + "FAILED"
    ram, instructions = report["ram"], run["instructions"]
    per_mac = f"{run['instructions_per_mac']:6.2f}" if instructions and run["macs"] else f"{'':6}"
    return head + (
        f"{run['judge']:6} {run['mismatches']:6} {ram['total'] or 0:7} {run['ram']['measured'] or 0:8} "
        f"{ram['arena']:7} {ram['stack'] or 0:6} {report['flash']['total']:8} {instructions or 0:13,} {per_mac} "
        f"{result['seconds']:5.0f}" + ("" if not result["wrong"] else "  FAILED")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--boards", nargs="+", default=BOARDS)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--references", nargs="+", default=("litert", "tflm"))
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    print(HEADER, flush=True)
    results = []
    for board in chosen.boards:
        for model in chosen.models:
            for reference in chosen.references:
                results.append(one(model, board, reference, chosen.samples))
                print(line(results[-1]), flush=True)
                if chosen.out:
                    chosen.out.write_text(json.dumps(results, indent=1) + "\n")
    failed = [r for r in results if r["wrong"]]
    for r in failed:
        print(f"{r['model']} on {r['board']}, {r['reference']}: {'; '.join(r['wrong'])}")
    print(f"{len(results) - len(failed)} of {len(results)} as promised")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
