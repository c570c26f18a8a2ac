"""What a lowering is estimated to cost on a core: instructions, code and stack, from measured tables.

`costs.json` is written by `python -m benchmarks.costs`; docs/costs.md says how good the estimates are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Literal

from tinyc.ir import Graph, Op
from tinyc.kernels.base import Call, Lowering
from tinyc.ops.pool import Pool2D

#: GCC's, for the whole firmware.
Level = Literal["-O2", "-Os"]


@dataclass(frozen=True)
class Work:
    """What the instructions of an op grow with."""

    #: Multiply-accumulates; where an op has none, the input elements that it reads.
    macs: int
    #: Elements of the output.
    outputs: int
    #: Elements that are brought together for the pixels: `macs` by output channel.
    gathered: int
    #: Rows of the output, each a call of a kernel that works by rows.
    rows: int

    def features(self, call: Call) -> tuple[float, float, float, float]:
        """Return them for a call that does all of the op, in the order of a table's coefficients."""
        return self.macs * call.macs, self.outputs, self.gathered, self.rows


def work_of(op: Op, graph: Graph) -> Work:
    out = graph.type(op.outputs[0])
    macs = op.macs(graph.types(op), graph.outs(op))
    if not macs and isinstance(op, Pool2D):
        macs = out.elements * prod(op.window.kernel)
    if not macs:
        macs = sum(graph.type(n).elements for n in graph.activations(op))
    height, _, channels = out.hwc
    return Work(macs, out.elements, macs // max(channels, 1), height)


@dataclass(frozen=True)
class Cost:
    """The estimate for one op by one lowering. The code of its kernels is in flash once, whoever else calls them."""

    instructions: int
    #: Of these, what grows with MACs.
    products: int
    #: Whether all kernels were measured; else `instructions` is a guess.
    measured: bool
    scratch_bytes: int
    constant_bytes: int
    kernels: frozenset[str]


#: Whose table a board's `cpu` uses: the core that it was measured on, but for kernels that were measured on its own.
_MEASURED = {
    "cortex-m0": "cortex-m3",
    "cortex-m0plus": "cortex-m3",
    "cortex-m7": "cortex-m4",
    "cortex-m33": "cortex-m4",
    "cortex-m85": "cortex-m55",
    "rv32imac": "cortex-m3",
}
#: Of which core kernels were measured that differ from those of the table.
_OWN = {"cortex-m0plus": "cortex-m0"}
#: Of a core that is not in the table.
_ELSE = "cortex-m3"
#: Instructions by feature, and code and stack, of a kernel that is not in the table.
_GUESS = (8.0, 30.0, 0.0, 0.0)
_UNKNOWN = (1024, 128)


@dataclass(frozen=True)
class CostTable:
    """What was measured for one core, by kernel."""

    #: Instructions by unit of each of Work's features.
    instructions: dict[str, tuple[float, ...]]
    #: Bytes of code and of stack, by level; a kernel that does not compile at a level is not there.
    sizes: dict[Level, dict[str, tuple[int, int]]]

    def cost(self, lowering: Lowering, work: Work) -> Cost:
        kernels = frozenset(call.symbol for call in lowering.calls)
        calls = {call.symbol: call for call in lowering.calls}
        lines = [(calls[kernel], self.instructions.get(kernel, _GUESS)) for kernel in sorted(kernels)]
        products = sum(call.share * line[0] * work.features(call)[0] for call, line in lines)
        rest = sum(
            call.share * f * amount
            for call, line in lines
            for f, amount in zip(line[1:], work.features(call)[1:], strict=True)
        )
        return Cost(
            round(products + rest),
            round(products),
            all(kernel in self.instructions for kernel in kernels),
            lowering.scratch_bytes,
            lowering.weights_bytes,
            kernels,
        )

    def compiles(self, kernel: str, level: Level) -> bool:
        return level == "-O2" or kernel in self.sizes[level]

    def code_bytes(self, kernels: Iterable[str], level: Level) -> int:
        """Of all these kernels together."""
        return sum(self.sizes[level].get(kernel, _UNKNOWN)[0] for kernel in kernels)

    def stack_bytes(self, kernels: Iterable[str], level: Level) -> int:
        """Of the one that takes most: they run one after the other."""
        return max((self.sizes[level].get(kernel, _UNKNOWN)[1] for kernel in kernels), default=0)


@cache
def cost_table(cpu: str) -> CostTable:
    """Return what was measured on the core, or on the most similar one."""
    data = json.loads(Path(__file__).with_name("costs.json").read_text(encoding="utf-8"))
    core = _MEASURED.get(cpu, cpu)
    lines = data["instructions"].get(core) or data["instructions"][_ELSE]
    lines = {**lines, **data["instructions"].get(_OWN.get(cpu, cpu), {})}
    sizes = data["sizes"].get(cpu) or data["sizes"].get(core) or data["sizes"][_ELSE]
    return CostTable(
        {kernel: tuple(factors) for kernel, factors in lines.items()},
        {
            "-O2": {kernel: (size[0], size[1]) for kernel, size in sizes.items()},
            "-Os": {kernel: (size[2], size[3]) for kernel, size in sizes.items() if size[2] is not None},
        },
    )
