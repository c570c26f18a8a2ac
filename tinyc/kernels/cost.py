"""What a lowering is estimated to cost on a core: instructions, code and stack, from measured tables.

`costs.json` is written by `python -m benchmarks.costs`; docs/costs.md says how good the estimates are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path

from tinyc.ir import Graph, Op
from tinyc.kernels.base import Lowering
from tinyc.ops.pool import Pool2D


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

    @property
    def features(self) -> tuple[int, int, int, int]:
        """In the order of a table's coefficients."""
        return self.macs, self.outputs, self.gathered, self.rows


def work_of(op: Op, graph: Graph) -> Work:
    out = graph.type(op.outputs[0])
    macs = op.macs(graph.types(op.inputs), [graph.type(n) for n in op.outputs])
    if not macs and isinstance(op, Pool2D):
        macs = out.elements * prod(op.window.kernel)
    if not macs:
        macs = sum(graph.type(n).elements for n in graph.activations(op))
    height, _, channels = out.hwc
    return Work(macs, out.elements, macs // max(channels, 1), height)


@dataclass(frozen=True)
class Cost:
    """The estimate for one op by one lowering."""

    #: None where a kernel was not measured.
    instructions: int | None
    #: Bytes.
    scratch: int
    constants: int
    #: Bytes that the kernels' own functions take, above what calls them.
    stack: int
    #: Kernels, whose code is in flash once however many ops use it.
    symbols: tuple[str, ...]


#: Whose table a board's `cpu` uses: the core that it was measured on.
MEASURED = {
    "cortex-m0": "cortex-m3",
    "cortex-m0plus": "cortex-m3",
    "cortex-m7": "cortex-m4",
    "cortex-m33": "cortex-m4",
    "cortex-m85": "cortex-m55",
}
#: Of a core that is not in the table.
_ELSE = "cortex-m3"
#: Code and stack of a kernel that is not in the table: the user's CMSIS-NN.
_UNKNOWN_CODE, _UNKNOWN_STACK = 4096, 256


@dataclass(frozen=True)
class CostTable:
    """What was measured for one core, by kernel."""

    #: Instructions by unit of each of Work's features.
    instructions: dict[str, tuple[float, ...]]
    #: Bytes of code, and of stack, compiled for speed.
    code: dict[str, int]
    stack: dict[str, int]

    def cost(self, lowering: Lowering, work: Work) -> Cost:
        symbols = tuple(dict.fromkeys(call.symbol for call in lowering.calls))
        known = all(symbol in self.instructions for symbol in symbols)
        spent = sum(
            factor * amount
            for symbol in symbols
            for factor, amount in zip(self.instructions.get(symbol, ()), work.features, strict=False)
        )
        return Cost(
            round(spent) if known else None,
            lowering.scratch_bytes,
            lowering.weights_bytes,
            max((self.stack.get(symbol, _UNKNOWN_STACK) for symbol in symbols), default=0),
            symbols,
        )

    def code_bytes(self, symbols: frozenset[str]) -> int:
        """Of all these kernels together."""
        return sum(self.code.get(symbol, _UNKNOWN_CODE) for symbol in symbols)


@cache
def cost_table(cpu: str) -> CostTable:
    """Return what was measured on the core, or on the most similar one."""
    data = json.loads(Path(__file__).with_name("costs.json").read_text(encoding="utf-8"))
    core = MEASURED.get(cpu, cpu)
    spent = data["instructions"].get(core) or data["instructions"][_ELSE]
    sizes = data["sizes"].get(cpu) or data["sizes"].get(core) or data["sizes"][_ELSE]
    return CostTable(
        {symbol: tuple(factors) for symbol, factors in spent.items()},
        {symbol: size[0] for symbol, size in sizes.items()},
        {symbol: size[2] for symbol, size in sizes.items()},
    )
