"""Try networks of others, and write what was found as a table.

python -m tests.zoo                    every network of timm in every form; continues where it stopped
python -m tests.zoo convnext_atto      one network
python -m tests.zoo --files FOLDER     every .onnx file of a folder, printed only
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

from tests.zoo.check import Found, check
from tests.zoo.networks import FORMS, NETWORKS, exports
from tinyc.paths import temporary_folder

ROOT = Path(__file__).resolve().parents[2]
STORE, PAGE = ROOT / "build" / "zoo.json", ROOT / "benchmarks" / "ZOO.md"

_HEAD = """# Networks of PyTorch, exported to ONNX

Written by `python -m tests.zoo`. Architectures of `timm` with convolutions only, the smallest variant of each, with
random weights and random statistics of batch normalization, 10 classes. Float: the largest difference from ONNX
Runtime, as a share of the largest output or of 1. INT8: quantized by `--effort fast` from four random images; "exact"
is every output byte as LiteRT's reference kernels compute it from the exported file, by the generated C on this
computer; dB: signal to noise of the answers. RAM: the arena of the INT8 network with portable kernels, as planned and
layer by layer. Transposes: what is left of the file's.

| network | export | ops | transposes | float error | INT8 | dB | RAM | layer by layer |
|---|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.zoo", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    parser.add_argument("--files", type=Path, metavar="FOLDER")
    parser.add_argument("--shape", action="append", default=[], metavar="FILE:1,3,96,96")
    parser.add_argument("--again", action="store_true", help="try again what was tried before")
    chosen = parser.parse_args()
    for name in ("onnxscript", "onnx_ir", "torch.onnx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if chosen.files:
        return files(chosen.files, dict(one.split(":") for one in chosen.shape))
    store: dict[str, dict[str, Any]] = json.loads(STORE.read_text()) if STORE.is_file() else {}
    for name in chosen.networks or NETWORKS:
        wanted = tuple(f for f in FORMS if chosen.again or f"{name} {f}" not in store)
        with temporary_folder() as folder:
            for form, file in exports(name, folder, wanted):
                found = Found(problem=file) if isinstance(file, str) else check(file)
                store[f"{name} {form}"] = found.as_json()
                print(f"{name} {form}: {told(found)}", flush=True)
                STORE.parent.mkdir(exist_ok=True)
                STORE.write_text(json.dumps(store, indent=1))
                PAGE.write_text(page(store), encoding="utf-8")
    return 0


def files(folder: Path, shapes: dict[str, str]) -> int:
    count = good = 0
    for file in sorted(folder.rglob("*.onnx")):
        given = shapes.get(file.name) or shapes.get(file.stem)
        found = check(file, [("", tuple(map(int, given.split(","))))] if given else ())
        print(f"{file.name}: {told(found)}", flush=True)
        count, good = count + 1, good + (found.int8_exact is True)
    print(f"{good} of {count} run in float32 and INT8")
    return 0


def told(found: Found) -> str:
    int8 = f"int8 exact {found.int8_exact} {found.int8_decibels} dB"
    facts = f"float {found.float_error}, {int8}, {found.transposes} transposes"
    return f"{facts}, RAM {found.arena} ({found.arena_by_layers}), {found.seconds} s {found.problem}".strip()


def page(store: dict[str, dict[str, Any]]) -> str:
    rows, good = [], 0
    for key, one in sorted(store.items()):
        network, _, form = key.partition(" ")
        found = Found(**one)
        good += found.is_good
        if found.problem:
            rows.append(f"| {network} | {form} | | | | {found.problem.splitlines()[0][:120]} | | | |")
            continue
        exact = "exact" if found.int8_exact else "**differs**"
        rows.append(
            f"| {network} | {form} | {found.ops} | {found.transposes} | {found.float_error:.1e} | {exact} "
            f"| {found.int8_decibels} | {found.arena:,} | {found.arena_by_layers:,} |"
        )
    return (
        _HEAD
        + "\n".join(rows)
        + f"\n\n{good} of {len(rows)} exports are within the bound, exact and without transposes.\n"
    )


sys.exit(main())
