"""Measures what each kernel costs and writes tinyc/kernels/costs.json and the table of docs/costs.md.

    python -m benchmarks.costs [--sizes-only] [--kernels PATTERN]

Instructions: single ops over shapes and small random models, profiled in QEMU with every kernel that takes them, and a
line through them for each kernel by least squares of the relative error. Sizes: each kernel compiled by itself.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from elftools.elf.elffile import ELFFile

from benchmarks.kernels import SHAPES, conv, depthwise
from tests.kernels.layers import CLAMPED, LINEAR, RELU, Table
from tests.kernels.on_board import in_pieces, profile
from tests.modelgen import KINDS, ModelCase, UnsignedNet, model_of_kind, random_model
from tinyc.errors import TinycError
from tinyc.frontends import load_tflite
from tinyc.ir import Array, Graph
from tinyc.kernels import LOWERINGS, each_lowering
from tinyc.kernels.cost import work_of
from tinyc.ops.add import Add
from tinyc.ops.average_pool2d import AveragePool2D
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.mean import Mean
from tinyc.ops.mul import Mul
from tinyc.ops.reduce_max import ReduceMax
from tinyc.ops.reduce_min import ReduceMin
from tinyc.ops.sub import Sub
from tinyc.ops.window import Window
from tinyc.passes import optimize
from tinyc.schedule.planner import Search
from tinyc.target.boards import Board, load_board

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tinyc/kernels/costs.json"
PAGE = ROOT / "docs/costs.md"
#: Boards whose instructions are measured, and those whose compilers are asked for sizes alone.
COUNTED = ("mps2-an385", "mps2-an386", "mps3-an547")
#: Boards of which only kernels with this in their name are measured: the others take about what they do on the M3.
OWN = {"hifive1-revb": "conv2d", "microbit": "depthwise_conv2d_ternary"}
SIZED = (*COUNTED, "microbit", "nucleo-g0b1re", "mps2-an500", "hifive1-revb")
#: Bytes of inputs and outputs of the ops that are profiled in one program.
PIECE = 150_000

#: The feature that says nothing of how long a row is.
ROWS = 3
Features = tuple[float, float, float, float]
#: Features and instructions of one op.
Sample = tuple[Features, int]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures what each kernel costs.")
    parser.add_argument("--sizes-only", action="store_true")
    parser.add_argument("--kernels", default="", help="measure those whose name matches, keep the others")
    args = parser.parse_args()
    found = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    for board in map(load_board, SIZED):
        kept = found.setdefault("sizes", {}).get(board.cpu, {}) if args.kernels else {}
        found["sizes"][board.cpu] = {**kept, **sizes(board, args.kernels)}
    if not args.sizes_only:
        if not args.kernels:
            found["instructions"], found["error"] = {}, {}
        for board in map(load_board, (*COUNTED, *OWN)):
            kernels = f"^(?=.*({OWN.get(board.name, '')}))(?=.*({args.kernels}))"
            samples = measured(board, kernels)
            lines = {s: fit(of) for s, of in sorted(samples.items()) if re.search(kernels, s)}
            found["instructions"].setdefault(board.cpu, {}).update(
                {s: line for s, (line, _) in lines.items()}
            )
            found["error"].setdefault(board.cpu, {}).update({s: error for s, (_, error) in lines.items()})
    TABLE.write_text(written(found), encoding="utf-8")
    PAGE.write_text(page(found), encoding="utf-8")
    return 0


def written(found: dict[str, dict[str, dict[str, object]]]) -> str:
    """JSON with a line for each kernel."""
    parts = []
    for name, cores in sorted(found.items()):
        tables = []
        for core, rows in sorted(cores.items()):
            lines = ",\n".join(
                f"   {json.dumps(symbol)}: {json.dumps(row)}" for symbol, row in sorted(rows.items())
            )
            tables.append(f"  {json.dumps(core)}: {{\n{lines}\n  }}")
        parts.append(f" {json.dumps(name)}: {{\n" + ",\n".join(tables) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def graphs(kernels: str, most: int) -> Iterator[tuple[Graph, dict[str, Array]]]:
    """Ops to measure, with inputs; of some kernels those of the tables alone. most: bytes, as in `in_pieces`."""
    table, twice = Table(0), Table(2, reference="tflm")
    for shape in (*SHAPES, *MORE):
        shape.add(table)
    for at, depth in enumerate((5, 16, 33, 256)):
        twice.dense(depth, 4 + 9 * at, CLAMPED)
        table.dense(depth, 3 + 7 * at, RELU, per_channel=True)
    for size, out in (((6, 6, 8), (12, 12, 12)), ((5, 7, 3), (10, 14, 5))):
        table.transposed(size, out, Window((3, 3), (2, 2), (1, 1), (0, 0, 1, 1)), RELU)
        table.transposed(size, out, Window((2, 2), (2, 2)), LINEAR)
    for multiplier in (4, 8, 16):
        table.depthwise((12, 12, 1), Window((3, 3), (1, 1)), RELU, multiplier=multiplier)
        table.depthwise((9, 9, 3), Window((3, 3), (2, 2)), RELU, multiplier=multiplier)
    for whole in ((1, 3, 5, 7), (1, 12, 12, 32), (1, 1, 1, 100), (1, 40, 1, 6)):
        table.binary(Add, whole, LINEAR)
        table.binary(Sub, whole, LINEAR)
        table.binary(Mul, whole, RELU)
        table.table(whole)
    for image in ((5, 7, 9), (12, 12, 24), (30, 2, 16), (8, 8, 3)):
        for kind in (MaxPool2D, AveragePool2D):
            table.pool(kind, image, Window((2, 2), (2, 2)))
            table.pool(kind, image, Window((3, 1), (1, 1)))
        table.pool(AveragePool2D, image, Window(image[:2], (1, 1)))
        _reductions(table, image)
    for made in (table, twice, *ternary_tables(), *tables_of_levels()):
        for piece in in_pieces(made.graph(), most):
            yield piece, made.bytes(piece, extreme=False)
    if kernels:
        return
    for seed, model in enumerate([random_model(i) for i in range(len(KINDS))] + unsigned_models()):
        try:
            graph = optimize(load_tflite(model.data, f"random{seed}", "litert"))
        except TinycError:
            continue
        rng = np.random.default_rng(seed)
        inputs = {p.tensor: rng.integers(-128, 128, p.type.shape).astype(np.int8) for p in graph.inputs}
        kinds = {name: graph.type(name).dtype for name in inputs}
        yield graph, {n: x.view(np.uint8) if kinds[n] == "uint8" else x for n, x in inputs.items()}


def _reductions(table: Table, shape: tuple[int, int, int]) -> None:
    """To one pixel, and to one channel."""
    table.mean(shape)
    for kind in (ReduceMax, ReduceMin):
        table.extreme(kind, shape)
    for each in (Mean, ReduceMax, ReduceMin):
        table.of_vectors(each, shape)


def ternary_tables() -> tuple[Table, Table]:
    """Layers whose weights are ternary, and dense layers of the other rounding."""
    table, twice = Table(1, ternary=True), Table(3, reference="tflm", ternary=True)
    for shape in (*SHAPES, *MORE):
        if shape.title.startswith(("conv", "depthwise", "dense")):
            shape.add(table)
    for depth, out in ((256, 10), (40, 24), (64, 64), (640, 96), (100, 200)):
        table.dense(depth, out, RELU)
        twice.dense(depth, out, LINEAR, per_channel=True)
    for size in ((9, 9, 6), (8, 8, 64), (10, 16, 16), (16, 24, 20), (7, 12, 36)):
        for side in (3, 5):
            ends = (side // 2,) * 4
            for stride in ((1, 1), (2, 2)):
                for to in (LINEAR, CLAMPED):
                    table.depthwise(size, Window((side, side), stride, (1, 1), ends), to)
    return table, twice


def tables_of_levels() -> tuple[Table, ...]:
    """Layers whose weights are few levels, and dense layers of the other rounding."""
    found = []
    for seed, few in enumerate(((-8, 7, 1), (-2, 1, 1))):
        table = Table(4 + seed, levels=few)
        twice = Table(6 + seed, reference="tflm", levels=few)
        for shape in (*SHAPES, *MORE):
            if shape.title.startswith("conv"):
                shape.add(table)
        for depth, out in ((256, 10), (40, 24), (64, 64), (640, 96), (100, 200)):
            table.dense(depth, out, RELU)
            twice.dense(depth, out, LINEAR, per_channel=True)
        found += [table, twice]
    return tuple(found)


def unsigned_models() -> list[ModelCase]:
    """Models of uint8, for the kernels that they alone have."""
    kinds = ("conv_2d", "depthwise_conv_2d", "transpose_conv", "average_pool_2d", "resize_bilinear")
    return [model_of_kind(kind, seed, UnsignedNet) for kind in kinds for seed in range(8)] + [
        model_of_kind(kind, 0, UnsignedNet) for kind in ("l2_normalization", "classifier")
    ]


MORE = (
    conv(9, 9, 5, 7, (3, 3)),
    conv(20, 20, 8, 24, (5, 5), 2),
    conv(16, 1, 24, 24, (3, 1)),
    conv(12, 12, 3, 5, (1, 1)),
    conv(20, 1, 40, 32, (1, 1)),
    conv(4, 4, 17, 30, (1, 1)),
    conv(4, 4, 40, 40, (3, 3)),
    conv(10, 10, 16, 24, (3, 3)),
    depthwise(9, 9, 6, (3, 3)),
    depthwise(30, 1, 40, (9, 1)),
    depthwise(12, 12, 20, (5, 5), 2),
    depthwise(8, 8, 64, (3, 3)),
    depthwise(10, 16, 16, (3, 3)),
    depthwise(8, 12, 32, (5, 5)),
    depthwise(16, 16, 16, (3, 3), 2),
    depthwise(10, 24, 12, (3, 3), 2),
    depthwise(7, 16, 24, (5, 5), 2),
)


def measured(board: Board, kernels: str) -> dict[str, list[Sample]]:
    """Samples of each kernel that the board has. kernels: what has none whose name matches is left out."""
    samples: dict[str, list[Sample]] = defaultdict(list)
    most = min(PIECE, (board.ram_bytes or PIECE) // 2)
    for number, (graph, inputs) in enumerate(graphs(kernels, most)):
        ways = [tuple(each_lowering(op, graph, board.isa)) for op in graph.ops]
        # the table has all kernels of the ops that have several; the models have the other ops
        for nth in range(max(map(len, ways)) if graph.name == "table" else 1):
            lowerings = tuple(way[min(nth, len(way) - 1)] for way in ways)
            if not any(re.search(kernels, call.symbol) for low in lowerings for call in low.calls):
                continue
            print(f"{board.name}: {graph.name} {number}.{nth}", file=sys.stderr, flush=True)
            try:
                with tempfile.TemporaryDirectory() as place:
                    plan = Search(graph, lowerings, rows_in=False).layers()
                    spent = profile(plan, inputs, board, Path(place) / "firmware")
            except TinycError as problem:
                print(f"  left out: {problem.message.splitlines()[0]}", file=sys.stderr)
                continue
            for op, way, low, instructions in zip(graph.ops, ways, lowerings, spent, strict=True):
                if nth < len(way) and len({call.symbol for call in low.calls}) == 1:
                    call = low.calls[0]
                    samples[call.symbol].append((work_of(op, graph).features(call), instructions))
    return samples


def fit(samples: list[Sample]) -> tuple[list[float], float]:
    """Coefficients, none below 0, and the mean relative error. Every choice of features is tried: there are few."""
    features = np.array([f for f, _ in samples], float)
    spent = np.array([max(i, 1) for _, i in samples], float)
    best: tuple[float, list[float], float] | None = None
    # a line through few points may be exact and say nothing of others
    for size in range(1, 1 + min(features.shape[1], max(1, len(set(samples)) // 2))):
        for chosen in combinations(range(features.shape[1]), size):
            if chosen == (ROWS,):
                continue
            scaled = features[:, chosen] / spent[:, None]
            line, *_ = np.linalg.lstsq(scaled, np.ones(len(spent)), rcond=None)
            if (line < 0).any():
                continue
            off = scaled @ line - 1
            squares = float((off**2).sum())
            if best is None or squares < best[0] * 0.999:
                whole = np.zeros(features.shape[1])
                whole[list(chosen)] = line
                best = squares, [float(f"{x:.3g}") for x in whole], float(np.abs(off).mean())
    assert best is not None
    return best[1], round(best[2], 3)


def sizes(board: Board, kernels: str) -> dict[str, tuple[int | None, ...]]:
    """Of each kernel that the board has, whose name matches: bytes of code and of stack by -O2, and by -Os.

    A set may name kernels of another: "dsp" takes some of "thumb2".
    """
    found = {}
    named = {v.symbol.rpartition("_")[2] for _, of in LOWERINGS for v in of if v.isa in board.isa}
    for source in sorted((ROOT / "runtime/src/kernels").rglob("*.c")):
        if re.search(kernels, source.stem) and source.stem.rsplit("_", 1)[1] in named.union(board.isa):
            fast, small = compiled(source, board, "-O2"), compiled(source, board, "-Os")
            assert fast is not None, source
            found[source.stem] = (*fast, *(small or (None, None)))
    return found


def compiled(source: Path, board: Board, level: str) -> tuple[int, int] | None:
    """Bytes of code and stack of one file; None where its assembly takes registers that GCC needs at that level."""
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "kernel.o"
        command = [
            f"{board.toolchain.prefix}gcc", "-std=c11", level, *board.toolchain.cflags, "-ffp-contract=off",
            "-ffunction-sections", "-fstack-usage", f"-I{ROOT / 'runtime/include'}", "-c", "-o", str(target),
            str(source),
        ]  # fmt: skip
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return None
        with target.open("rb") as stream:
            code = sum(
                section.data_size
                for section in ELFFile(stream).iter_sections()
                if section.name.startswith((".text", ".rodata"))
            )
        stack = sum(int(line.split("\t")[1]) for line in target.with_suffix(".su").read_text().splitlines())
    return code, stack


def page(found: dict[str, dict[str, dict[str, object]]]) -> str:
    """docs/costs.md with the table of what was fitted."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "<!-- table -->\n"
    head = text.partition("<!-- table -->\n")[0]
    lines = [
        "| core | kernel | by MAC | by output | gathered | by row | mean error "
        "| code, -O2 | stack | code, -Os | stack |",
        "|---|---|" + "--:|" * 9,
    ]
    for core, rows in sorted(found["instructions"].items()):
        for symbol, factors in sorted(rows.items()):
            cells = " | ".join(f"{x:g}" for x in factors)  # type: ignore[attr-defined]
            error = found["error"][core][symbol]
            own = " | ".join(map(str, found["sizes"][core].get(symbol, ("",) * 4)))  # type: ignore[call-overload]
            lines.append(f"| {core} | `{symbol}` | {cells} | {error:.0%} | {own} |")
    return f"{head}<!-- table -->\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
