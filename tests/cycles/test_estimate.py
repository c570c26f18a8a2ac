"""Classes and times of instructions, from the manuals' own examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tinyc.cycles import riscv, thumb
from tinyc.cycles.cores import (
    CORTEX_M0PLUS,
    CORTEX_M3,
    CORTEX_M4,
    CORTEX_M7,
    CORTEX_M33,
    CORTEX_M55,
    E31,
    Core,
)
from tinyc.cycles.estimate import estimate, straight
from tinyc.cycles.kind import Kind, Timed
from tinyc.cycles.trace import Reader, Trace
from tinyc.target.stack.disassembly import Instruction, parse


def code(*lines: str) -> tuple[Instruction, ...]:
    """Instructions of 4 bytes from address 0, "ldr r0, [r1]" each."""
    text = "".join(f"  {4 * i:x}:\t{line.replace(' ', chr(9), 1)}\n" for i, line in enumerate(lines))
    ((function),) = parse("00000000 <f>:\n" + text)
    return function.body


def kinds(timed: Callable[[Instruction], Timed], *lines: str) -> list[Kind]:
    return [timed(item).kind for item in code(*lines)]


def cycles(core: Core, *lines: str) -> int:
    timed = riscv.timed if core is E31 else thumb.timed
    return straight([timed(item) for item in code(*lines)], core)


def test_thumb_classes() -> None:
    classes = {
        "movs r0, #1": Kind.ALU, "lsls r0, r1, #2": Kind.ALU, "it eq": Kind.ALU, "cmp r0, #0": Kind.ALU,
        "ldr.w r0, [r1, #4]": Kind.LOAD, "ldrsb.w r0, [r1, r2]": Kind.LOAD_NARROW, "ldrbne r0, [r1]": Kind.LOAD_NARROW,
        "ldrd r0, r1, [r2]": Kind.LOAD_DOUBLE, "ldmia.w r0!, {r1, r2}": Kind.LOAD_MULTIPLE,
        "pop {r4, pc}": Kind.LOAD_MULTIPLE, "strheq r0, [r1]": Kind.STORE, "strd r0, r1, [sp]": Kind.STORE_DOUBLE,
        "stmdb sp!, {r4, lr}": Kind.STORE_MULTIPLE, "mul r0, r1, r2": Kind.MUL, "muls r0, r1": Kind.MUL,
        "mla r0, r1, r2, r3": Kind.MAC, "smull r0, r1, r2, r3": Kind.LONG_MUL, "umlal r0, r1, r2, r3": Kind.LONG_MAC,
        "smlad r0, r1, r2, r3": Kind.SIMD_MAC, "smlabb r0, r1, r2, r3": Kind.SIMD_MAC,
        "smmlar r0, r1, r2, r3": Kind.SIMD_MAC, "sxtb16 r0, r1, ror #8": Kind.SIMD, "ssub8 r0, r1, r2": Kind.SIMD,
        "pkhbt r0, r1, r2, lsl #16": Kind.SIMD, "udiv r0, r1, r2": Kind.DIV, "ble.n 4 <f+0x4>": Kind.BRANCH,
        "bl 4 <f+0x4>": Kind.CALL, "bls.n 4 <f+0x4>": Kind.BRANCH, "cbnz r0, 4 <f+0x4>": Kind.BRANCH,
        "bx lr": Kind.INDIRECT, "tbb [pc, r0]": Kind.INDIRECT, "mov pc, r0": Kind.INDIRECT,
        "le lr, 4 <f+0x4>": Kind.LOOP, "vldrb.u8 q0, [r0]": Kind.VECTOR_LOAD, "vstrb.8 q0, [r0]": Kind.VECTOR_STORE,
        "vmlava.s8 r0, q0, q1": Kind.VECTOR_MAC, "vqrdmulh.s32 q0, q0, q1": Kind.VECTOR_MAC,
        "vadd.i32 q0, q0, r1": Kind.VECTOR_ALU, "vadd.f32 s0, s1, s2": Kind.FLOAT,
        "vfma.f32 s0, s1, s2": Kind.FLOAT_MAC, "vdiv.f32 s0, s1, s2": Kind.FLOAT_DIV, "vldr s0, [r0]": Kind.LOAD,
    }  # fmt: skip
    assert dict(zip(classes, kinds(thumb.timed, *classes), strict=True)) == classes


def test_riscv_classes() -> None:
    classes = {
        "addi a0,a0,1": Kind.ALU, "c.lw a0,0(a1)": Kind.LOAD, "lbu a0,0(a1)": Kind.LOAD_NARROW,
        "sw a0,0(a1)": Kind.STORE, "mulh a0,a1,a2": Kind.MUL, "remu a0,a1,a2": Kind.DIV,
        "bnez a0,4 <f+0x4>": Kind.BRANCH, "j 4 <f+0x4>": Kind.BRANCH, "jal ra,4 <f+0x4>": Kind.CALL,
        "ret": Kind.INDIRECT,
    }  # fmt: skip
    assert dict(zip(classes, kinds(riscv.timed, *classes), strict=True)) == classes


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("ldr r0, [r1]", "ldr r1, [r2]"), 3),
        (("ldr r0, [r1, r2]", "str r0, [r3, #20]"), 3),
        (("ldr r0, [r1, r2]", "str r1, [r3, r2]"), 3),
        (("ldr r0, [r1, r5]", "ldr r1, [r2]", "ldr r2, [r3, #4]"), 4),
        (("ldr r0, [r1]", "ldr r2, [r0]"), 4),
        (("add r0, r0, r1", "ldr r2, [r0]"), 4),
        (("ldrd r0, r1, [r2]",), 3),
        (("ldmia.w r0!, {r1, r2, r4-r6}",), 6),
        (("stmdb sp!, {r4, r5, lr}",), 4),
        (("smlad r0, r1, r2, r0", "smlad r0, r3, r4, r0"), 2),
        (("smlal r0, r1, r2, r3",), 1),
    ],
)
def test_cortex_m4_times_are_those_of_its_manual(lines: tuple[str, ...], expected: int) -> None:
    assert cycles(CORTEX_M4, *lines) == expected


def test_other_cores() -> None:
    assert cycles(CORTEX_M3, "mla r0, r1, r2, r3", "smull r0, r1, r2, r3") == 2 + 4
    assert cycles(CORTEX_M0PLUS, "ldr r0, [r1]", "ldr r2, [r1]", "push {r4, r5, lr}") == 2 + 2 + 4
    assert cycles(CORTEX_M33, "ldr r0, [r1]", "ldr r2, [r3]", "smlad r0, r0, r2, r4") == 2 + 1 + 1
    assert cycles(CORTEX_M33, "sdiv r0, r1, r2", "smlal r3, r4, r5, r6") == 7 + 1
    assert cycles(CORTEX_M7, "add r0, r1, r2", "ldr r3, [r4]") == 1
    assert cycles(CORTEX_M7, "add r0, r1, r2", "add r3, r0, r2") == 2
    assert cycles(CORTEX_M7, "ldr r0, [r1]", "ldr r2, [r3]") == 2
    assert cycles(CORTEX_M7, "ldr r0, [r1]", "add r0, r0, r2") == 3
    assert cycles(CORTEX_M55, "vldrb.u8 q0, [r0]", "vmlava.s8 r2, q0, q1", "vldrb.u8 q0, [r1]") == 4
    assert cycles(CORTEX_M55, "vldrb.u8 q0, [r0]", "vldrb.u8 q1, [r1]") == 4
    assert cycles(E31, "lw a0,0(a1)", "addi a0,a0,1") == 3
    assert cycles(E31, "lbu a0,0(a1)", "addi a2,a2,1", "addi a0,a0,1") == 4
    assert cycles(E31, "mul a0,a1,a2", "mul a3,a1,a2") == 6


def test_branches_cost_by_where_they_went() -> None:
    loop = code("ldr r1, [r0]", "subs r2, #1", "bne.n 0 <f>", "bx lr")
    trace = Trace({1: (0, 12), 2: (12, 16)}, {(1, 0): 9, (1, 12): 1, (2, 100): 1})
    found = estimate(trace, loop, thumb.timed, CORTEX_M4)
    assert found.classes == {
        "load": 10, "alu": 10, "branch taken": 9, "branch passed": 1, "indirect branch": 1,
    }  # fmt: skip
    assert found.instructions == 31
    assert found.cycles == 10 * 3 + 9 * 3 + 1 + 3
    predicted = estimate(trace, loop, thumb.timed, CORTEX_M7)
    assert predicted.cycles == 10 * (1 + 1) + 1 + CORTEX_M7.mispredicted


LOG = b"""----------------
IN: f
0x00000000:  2001       movs     r0, #1
0x00000002:  f8dc 2004  ldr.w    r2, [ip, #4]

Trace 0: 0x7f01 [00000000/00000000/00000110/ff000000] f
----------------
IN: f
0x00000002:  f8dc 2004  ldr.w    r2, [ip, #4]

Trace 0: 0x7f02 [00000000/00000002/00000110/ff000000] f
Trace 0: 0x7f02 [00000000/00000002/00000110/ff000000] f
Stopped execution of TB chain before 0x7f02 [00000002] f
Trace 0: 0x7f02 [00000000/00000002/00000110/ff000000] f
Trace 0: 0x7f03 [00000000/00000040/00000110/ff000000] end
Trace 0: 0x7f02 [00000000/00000002/00000110/ff000000] f
"""


def test_log_of_blocks() -> None:
    """A block may jump into its own middle, and one that QEMU stopped before it began is told twice."""
    reader = Reader(frozenset({0}), frozenset({0x40}))
    reader.read(LOG.splitlines(keepends=True))
    assert reader.blocks[0x7F01] == (0, 6)
    assert reader.blocks[0x7F02] == (2, 6)
    counted = {edge: count for edge, count in reader.edges[None].items() if count}
    assert counted == {(0x7F01, 2): 1, (0x7F02, 2): 1, (0x7F02, 0x40): 1}
