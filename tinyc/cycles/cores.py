"""What instructions take on each core, with zero wait states. docs/cycles.md repeats it with its sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tinyc.cycles.kind import Kind


@dataclass(frozen=True)
class Core:
    """A core with in-order issue. Times are cycles.

    issue: until the next instruction may issue, 1 where not named; multiples add `each` per register (`wide`
    registers at once). latency: until a result may be used, as long as `issue` where not named.
    taken, passed: a conditional branch that is taken, or not; jump: to a fixed address; call; indirect: to a
    register, a return among them; refill: what a load of the program counter adds.
    mispredicted: what the rarer direction of a conditional branch adds on a core that predicts.
    pipelined: a load or store right behind a single load takes a cycle less (Cortex-M3, M4).
    address_wait: what an address made by the instruction before adds.
    units: the units that a kind occupies alone, for a core that issues two instructions at once; None: one.
    alone: kinds that issue with no other. overlap: half of a vector instruction runs beside half of the next one of
    another kind. busy: kinds that wait for the one before of the same kind to end. machine: objdump's name for it.
    """

    name: str
    source: str
    issue: Mapping[Kind, int] = field(default_factory=dict)
    latency: Mapping[Kind, int] = field(default_factory=dict)
    each: int = 1
    wide: int = 1
    taken: int = 1
    passed: int = 1
    jump: int = 1
    call: int = 1
    indirect: int = 1
    loop: int = 1
    refill: int = 0
    mispredicted: int = 0
    pipelined: bool = False
    address_wait: int = 0
    units: Mapping[Kind, frozenset[str]] | None = None
    alone: frozenset[Kind] = frozenset()
    overlap: bool = False
    busy: frozenset[Kind] = frozenset()
    machine: str = ""


_M0_MEMORY = {
    Kind.LOAD: 2, Kind.LOAD_NARROW: 2, Kind.STORE: 2, Kind.LOAD_MULTIPLE: 1, Kind.STORE_MULTIPLE: 1,
}  # fmt: skip

CORTEX_M0 = Core(
    "Cortex-M0", "Arm DDI 0432C, table 3-1; single-cycle multiplier",
    _M0_MEMORY, taken=3, jump=3, call=4, indirect=3, refill=3,
)  # fmt: skip
CORTEX_M0PLUS = Core(
    "Cortex-M0+", "Arm DDI 0484C, table 3-1; single-cycle multiplier",
    _M0_MEMORY, taken=2, jump=2, call=3, indirect=2, refill=2,
)  # fmt: skip

_M3_MEMORY = {
    Kind.LOAD: 2, Kind.LOAD_NARROW: 2, Kind.LOAD_DOUBLE: 3, Kind.LOAD_MULTIPLE: 1,
    Kind.STORE_DOUBLE: 3, Kind.STORE_MULTIPLE: 1, Kind.DIV: 7,
}  # fmt: skip
_REFILL = 2
CORTEX_M3 = Core(
    "Cortex-M3", "Arm DDI 0337I, table 3-1 and 3.3.2",
    {**_M3_MEMORY, Kind.MAC: 2, Kind.LONG_MUL: 4, Kind.LONG_MAC: 6},
    taken=1 + _REFILL, jump=1 + _REFILL, call=1 + _REFILL, indirect=1 + _REFILL, refill=_REFILL,
    pipelined=True, address_wait=1,
)  # fmt: skip
CORTEX_M4 = Core(
    "Cortex-M4", "Arm 100166, table 3-1 and 3.3.3",
    {**_M3_MEMORY, Kind.FLOAT_MAC: 3, Kind.FLOAT_DIV: 14},
    taken=1 + _REFILL, jump=1 + _REFILL, call=1 + _REFILL, indirect=1 + _REFILL, refill=_REFILL,
    pipelined=True, address_wait=1,
)  # fmt: skip
#: No table of times is public. LLVM schedules the core as a Cortex-M4; results of loads are there a cycle earlier, and
#: some pairs of 16-bit instructions issue together, which is left out.
CORTEX_M33 = Core(
    "Cortex-M33", "LLVM's ARM.td, which takes the Cortex-M4's model; divide: Arm 100230, 2 to 11",
    {**_M3_MEMORY, Kind.FLOAT_MAC: 3, Kind.FLOAT_DIV: 14},
    taken=1 + _REFILL, jump=1 + _REFILL, call=1 + _REFILL, indirect=1 + _REFILL, refill=_REFILL,
    pipelined=True, address_wait=1,
)  # fmt: skip

_LSU, _MAC, _WRITE, _FPU, _ALU0, _BRANCH = (
    ("lsu",),
    ("mac", "write"),
    ("write",),
    ("fpu",),
    ("alu0",),
    ("branch",),
)
CORTEX_M7 = Core(
    "Cortex-M7", "units: GCC's cortex-m7.md; the technical reference manual gives no times",
    {Kind.LOAD_MULTIPLE: 0, Kind.STORE_MULTIPLE: 0, Kind.DIV: 4, Kind.FLOAT_DIV: 14},
    {
        Kind.LOAD: 2, Kind.LOAD_NARROW: 2, Kind.LOAD_DOUBLE: 2, Kind.LOAD_MULTIPLE: 2, Kind.MUL: 2, Kind.MAC: 2,
        Kind.LONG_MUL: 2, Kind.LONG_MAC: 2, Kind.FLOAT: 3, Kind.FLOAT_MAC: 6, Kind.FLOAT_DIV: 16,
    },
    wide=2, mispredicted=6,
    units={
        Kind.LOAD: frozenset(_LSU), Kind.LOAD_NARROW: frozenset(_LSU), Kind.STORE: frozenset(_LSU + _WRITE),
        Kind.MUL: frozenset(_WRITE), Kind.LONG_MUL: frozenset(_WRITE), Kind.MAC: frozenset(_MAC),
        Kind.LONG_MAC: frozenset(_MAC), Kind.SIMD_MAC: frozenset(_ALU0), Kind.SIMD: frozenset(_ALU0),
        Kind.FLOAT: frozenset(_FPU), Kind.FLOAT_MAC: frozenset(_FPU), Kind.FLOAT_DIV: frozenset(_FPU),
        Kind.BRANCH: frozenset(_BRANCH), Kind.CALL: frozenset(_BRANCH), Kind.INDIRECT: frozenset(_BRANCH),
    },
    alone=frozenset({
        Kind.LOAD_DOUBLE, Kind.LOAD_MULTIPLE, Kind.STORE_DOUBLE, Kind.STORE_MULTIPLE, Kind.DIV,
    }),
)  # fmt: skip
CORTEX_M55 = Core(
    "Cortex-M55", "two beats of four per cycle: Arm's Introduction to the Cortex-M55; the rest is assumed",
    {
        Kind.LOAD_MULTIPLE: 0, Kind.STORE_MULTIPLE: 0, Kind.DIV: 6, Kind.FLOAT_DIV: 14,
        Kind.VECTOR_LOAD: 2, Kind.VECTOR_STORE: 2, Kind.VECTOR_MAC: 2, Kind.VECTOR_ALU: 2,
    },
    {
        Kind.LOAD: 2, Kind.LOAD_NARROW: 2, Kind.LOAD_DOUBLE: 2, Kind.LOAD_MULTIPLE: 2, Kind.MUL: 2, Kind.MAC: 2,
        Kind.LONG_MUL: 2, Kind.LONG_MAC: 2, Kind.SIMD_MAC: 2,
    },
    wide=2, taken=3, jump=2, call=2, indirect=3, refill=3, loop=0, overlap=True,
    machine="armv8.1-m.main",
)  # fmt: skip
E31 = Core(
    "SiFive E31", "SiFive FE310 manual, 3.2 and 3.3",
    {},
    {Kind.LOAD: 2, Kind.LOAD_NARROW: 3, Kind.MUL: 5, Kind.DIV: 18},
    mispredicted=3, busy=frozenset({Kind.MUL, Kind.DIV}),
)  # fmt: skip

#: By the board's `cpu`. There is no estimate for a core that is not here.
CORES: Mapping[str, Core] = {
    "cortex-m0": CORTEX_M0,
    "cortex-m0plus": CORTEX_M0PLUS,
    "cortex-m3": CORTEX_M3,
    "cortex-m4": CORTEX_M4,
    "cortex-m7": CORTEX_M7,
    "cortex-m33": CORTEX_M33,
    "cortex-m55": CORTEX_M55,
    "rv32imac": E31,
}
