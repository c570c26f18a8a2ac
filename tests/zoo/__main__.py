"""Try networks of others, and write what was found as a table.

python -m tests.zoo                    every network of timm in every form; continues where it stopped
python -m tests.zoo convnext_atto      some networks anew
python -m tests.zoo --files FOLDER     every .onnx file of a folder, printed only
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

from tests.zoo.check import Found, Known, check
from tests.zoo.networks import OTHERS, PROMISED, exports, forms
from tests.zoo.page import page
from tinyc.paths import temporary_folder

ROOT = Path(__file__).resolve().parents[2]
STORE, PAGE = ROOT / "benchmarks" / "ZOO.json", ROOT / "benchmarks" / "ZOO.md"
Store = dict[str, dict[str, dict[str, Any]]]


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.zoo", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    parser.add_argument("--files", type=Path, metavar="FOLDER")
    parser.add_argument("--shape", action="append", default=[], metavar="FILE:1,3,96,96")
    parser.add_argument("--again", action="store_true", help="try again what was tried before")
    parser.add_argument("--page", action="store_true", help="write the table only")
    chosen = parser.parse_args()
    for name in ("onnxscript", "onnx_ir", "torch.onnx"):
        logging.getLogger(name).setLevel(logging.ERROR)
    if chosen.files:
        return files(chosen.files, dict(one.split(":") for one in chosen.shape))
    store: Store = json.loads(STORE.read_text()) if STORE.is_file() else {}
    for name in [] if chosen.page else chosen.networks or (*PROMISED, *OTHERS):
        if chosen.networks or chosen.again or set(store.get(name, {})) != set(map(str, forms(name))):
            tried(name, store)
    save(store)
    return 0


def tried(name: str, store: Store) -> None:
    """Try every form of a network; each becomes a row at once."""
    known: Known = {}
    rows: dict[str, dict[str, Any]] = {}
    with temporary_folder() as folder:
        for form, file in exports(name, folder):
            found = Found(problem=file) if isinstance(file, str) else check(file, known=known)
            rows[str(form)] = found.as_json()
            store[name] = store.get(name, {}) | rows
            print(f"{name} {form}: {told(found)}", flush=True)
            save(store)


def save(store: Store) -> None:
    STORE.write_text(json.dumps(store, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(store), encoding="utf-8")


def files(folder: Path, shapes: dict[str, str]) -> int:
    count = good = 0
    for file in sorted(folder.rglob("*.onnx")):
        given = shapes.get(file.name) or shapes.get(file.stem)
        found = check(file, [("", tuple(map(int, given.split(","))))] if given else ())
        print(f"{file.name}: {told(found)}", flush=True)
        count, good = count + 1, good + found.is_good
    print(f"{good} of {count} run in float32 and INT8")
    return 0


def told(found: Found) -> str:
    int8 = f"int8 exact {found.int8_exact} {found.int8_decibels} dB"
    facts = f"float {found.float_error}, {int8}, {found.transposes} transposes"
    return f"{facts}, RAM {found.arena} ({found.arena_by_layers}), {found.seconds} s {found.problem}".strip()


sys.exit(main())
