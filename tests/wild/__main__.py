"""Try float model files, or the look-alikes of this package, in float32 and INT8, and write what was found as a table.

python -m tests.wild                       ../shared/wild, into benchmarks/WILD.md; skipped where that is missing
python -m tests.wild --files FOLDER        the models of another folder, printed only
python -m tests.wild --lookalikes          the networks of tests/wild, printed only
--only PART of a name · --shape FILE:1,3,96,96 where a file leaves its shape open · --board NAME to run them there, too
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.wild.check import Found, check
from tinyc.paths import temporary_folder
from tinyc.plain import printable

ROOT = Path(__file__).resolve().parents[2]
PAGE, WILD = ROOT / "benchmarks" / "WILD.md", ROOT.parent / "shared" / "wild"
_ENDINGS = (".h5", ".hdf5", ".keras", ".onnx", ".tflite")
#: Of files that leave their shape open.
SHAPES = {
    "rapidocr_cls": "1,3,48,192",
    "silero_vad_16k_op15": "input=1,512",
    "swift_f0": "1,4096",
}

_HEAD = """# Float models that somebody else made

Written by `python -m tests.wild --board mps3-an547`: every float `.onnx`, `.tflite` and Keras file of a folder of real
models. Float: the generated C on this computer against ONNX Runtime or LiteRT, the largest difference as a share of the
largest output (the bound is 2e-5). INT8: quantized by `--effort fast` from four random inputs; "exact" is every output
byte as LiteRT's reference kernels compute it from the exported file; "near": layers that TFLite has in float alone lie
among the INT8 ones, and outputs are within the two steps of docs/numerics.md; dB: signal to noise of the answers to
random inputs, of which real data have more. RAM: the arena of the INT8 network with portable kernels, as planned and
layer by layer. Board: what fits into the emulated board, ran there and agreed; large networks take minutes in the
emulator and may be "not tried" there. Files that hold recurrent layers or variables are named with what they lack.

| file | float error | INT8 | dB | RAM | layer by layer | board |
|---|---|---|---|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.wild", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--files", type=Path, metavar="FOLDER")
    parser.add_argument("--lookalikes", action="store_true")
    parser.add_argument("--only", default="", metavar="PART")
    parser.add_argument("--shape", action="append", default=[], metavar="FILE:1,3,96,96")
    parser.add_argument("--board", default="")
    chosen = parser.parse_args()
    for name in ("onnxscript", "onnx_ir"):
        logging.getLogger(name).setLevel(logging.ERROR)
    shapes = SHAPES | dict(one.split(":", 1) for one in chosen.shape)
    found: dict[str, Found] = {}
    with ExitStack() as stack:
        if chosen.lookalikes:
            files = written(stack.enter_context(temporary_folder()))
        else:
            folder = chosen.files or WILD
            if not folder.is_dir():
                print(f"skipped: there is no {folder}")
                return 0
            files = (f for f in sorted(folder.rglob("*")) if f.suffix in _ENDINGS)
        for file in files:
            if chosen.only in file.name:
                one = check(file, shape_of(shapes.get(file.stem, "")), chosen.board)
                found[file.name] = one
                print(f"{file.name}: {told(one)}", flush=True)
    found = {name: one for name, one in found.items() if one.problem != "INT8 already"}
    if not (chosen.lookalikes or chosen.files or chosen.only):
        PAGE.write_text(page(found), encoding="utf-8")
    good = sum(one.is_good for one in found.values())
    print(f"{good} of {len(found)} run in float32 and INT8")
    return 0 if good == len(found) or not chosen.lookalikes else 1


def written(folder: Path) -> Iterator[Path]:
    """Yield the look-alikes, each as a file of its name."""
    import onnx  # noqa: PLC0415 - optional

    from tests.wild.lookalikes import NETWORKS  # noqa: PLC0415 - needs onnx

    for make in NETWORKS:
        file = folder / f"{make.__name__}.onnx"
        onnx.save(make(), str(file))
        yield file


def shape_of(text: str) -> list[tuple[str, tuple[int, ...]]]:
    name, _, sizes = text.rpartition("=")
    return [(name, tuple(map(int, sizes.split(","))))] if text else []


def told(found: Found) -> str:
    if found.problem:
        return found.problem
    int8 = f"int8 {_exact(found)} {found.decibels} dB, RAM {found.int8_arena} ({found.int8_by_layers})"
    board = f", board: {found.board}" if found.board else ""
    return f"float {found.float_error:.1e}, {int8}{board}"


def _exact(found: Found) -> str:
    return "**differs**" if not found.int8_exact else "near" if found.is_mixed else "exact"


def page(found: dict[str, Found]) -> str:
    rows = []
    for name, one in found.items():
        if one.problem:
            lines = one.problem.splitlines()
            more = f" (and {len(lines) - 1} more lines)" if len(lines) > 1 else ""
            told_ = printable(lines[0]).removeprefix(f"{name}: ").replace("|", "/")[:160]
            rows.append(f"| {name} | | {told_}{more} | | | | |")
            continue
        rows.append(
            f"| {name} | {one.float_error:.1e} | {_exact(one)} | {one.decibels} "
            f"| {one.int8_arena:,} | {one.int8_by_layers:,} | {one.board or 'too large'} |"
        )
    good = sum(one.is_good for one in found.values())
    return f"{_HEAD}{chr(10).join(rows)}\n\n{good} of {len(rows)} files run in float32 and INT8.\n"


if __name__ == "__main__":
    sys.exit(main())
