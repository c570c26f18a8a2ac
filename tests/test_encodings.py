"""Which encodings a core has: tables against the C libraries, and foreign instructions found in firmware."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.stub_model import needs_arm_gcc, needs_riscv, stub
from tinyc.errors import BoardError
from tinyc.target.boards import board_names, load_board
from tinyc.target.encodings import check_encodings, foreign_instructions
from tinyc.target.encodings.arm import ARMV6M, ARMV7M, ARMV81M, CORTEX_M4, CORTEX_M7
from tinyc.target.encodings.check import CORES
from tinyc.target.encodings.riscv import RV32IMAC

FIRMWARE_BOARDS = [
    pytest.param(name, marks=needs_riscv if name == "hifive1-revb" else needs_arm_gcc)
    for name in board_names()
    if name != "host"
]


@pytest.mark.parametrize("board", FIRMWARE_BOARDS)
def test_every_boards_start_up_and_port_hold_no_foreign_instruction(tmp_path: Path, board: str) -> None:
    known = load_board(board)
    assert known.cpu in CORES
    for emulator in known.emulators:
        check_encodings(stub(tmp_path / emulator, board).build("demo", emulator).elf, known)


@needs_arm_gcc
@pytest.mark.parametrize("board", ["nucleo-g0b1re", "microbit"])
@pytest.mark.parametrize(
    ("assembly", "shown"),
    [
        (r".cpu cortex-m4\n sdiv r0, r0, r0\n .cpu cortex-m0", "sdiv"),
        (r".inst.w 0xfb90f0f0", "sdiv"),
        (r".cpu cortex-m4\n cbz r0, 1f\n nop\n nop\n 1:\n .cpu cortex-m0", "cbz"),
        (r".cpu cortex-m4\n movw r0, #1000\n .cpu cortex-m0", "movw"),
    ],
)
def test_an_instruction_that_armv6m_lacks_is_found(
    tmp_path: Path, board: str, assembly: str, shown: str
) -> None:
    body = f'tc_status stub_run(void) {{ __asm volatile("{assembly}" : : : "r0", "cc"); return TC_OK; }}'
    elf = stub(tmp_path, board, body).build().elf
    with pytest.raises(BoardError, match=rf"(?s)1 instructions that Armv6-M .*in stub_run: {shown}"):
        check_encodings(elf, load_board(board))


@needs_arm_gcc
def test_helium_on_a_cortex_m4_is_found(tmp_path: Path) -> None:
    body = """
    tc_status stub_run(void)
    {
        __asm volatile(".arch armv8.1-m.main\\n.arch_extension mve\\n vadd.i8 q0, q1, q2\\n.cpu cortex-m4");
        return TC_OK;
    }
    """
    elf = stub(tmp_path, "mps2-an386", body).build().elf
    with pytest.raises(BoardError, match="a Cortex-M4 "):
        check_encodings(elf, load_board("mps2-an386"))


@needs_riscv
def test_floating_point_on_rv32imac_is_found(tmp_path: Path) -> None:
    body = 'tc_status stub_run(void) { __asm volatile(".insn r 0x53, 0, 0, a0, a1, a2"); return TC_OK; }'
    elf = stub(tmp_path, "hifive1-revb", body).build().elf
    with pytest.raises(BoardError, match="RV32IMAC "):
        check_encodings(elf, load_board("hifive1-revb"))


@pytest.mark.parametrize("board", FIRMWARE_BOARDS)
@pytest.mark.parametrize("library", ["libc.a", "libm.a"])
def test_the_c_library_holds_no_foreign_instruction(board: str, library: str) -> None:
    """Thousands of instructions that a compiler and people wrote for the core: the tables refuse none of them."""
    known = load_board(board)
    flags = [flag for flag in known.toolchain.cflags if not flag.startswith("--specs")]
    found = subprocess.run(
        [known.toolchain.prefix + "gcc", *flags, f"-print-file-name={library}"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    path = Path(found)
    if not path.is_absolute():
        (path,) = Path("/usr/lib/picolibc").glob(f"riscv64-unknown-elf/lib/release/rv32imac/ilp32/{library}")
    core = CORES[known.cpu]
    assert foreign_instructions(path, core, known.toolchain.prefix, ()) == ()


@pytest.mark.parametrize(
    ("name", "word", "bits", "cores"),
    [
        ("adds r0, r0, r1", 0x1840, 16, {ARMV6M, ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("cbz r0", 0xB100, 16, {ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("it eq", 0xBF08, 16, {ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("bxns lr", 0x4774, 16, {ARMV81M}),
        ("setend be", 0xB658, 16, set()),
        ("bl", 0xF000F800, 32, {ARMV6M, ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("dmb sy", 0xF3BF8F5F, 32, {ARMV6M, ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("sdiv r0, r0, r1", 0xFB90F0F1, 32, {ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("smlad r0, r0, r1, r2", 0xFB202001, 32, {CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("sxtb16 r0, r1", 0xFA2FF081, 32, {CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("vadd.f32 s0, s0, s1", 0xEE300A20, 32, {CORTEX_M4, CORTEX_M7, ARMV81M}),
        ("vadd.f64 d0, d0, d1", 0xEE300B01, 32, {ARMV81M}),
        ("vmaxnm.f32 s0, s0, s1", 0xFE800A20, 32, {CORTEX_M7, ARMV81M}),
        ("dls lr, r0", 0xF040E001, 32, {ARMV81M}),
        ("lsll r0, r1, #1", 0xEA50014F, 32, {ARMV81M}),
        ("vadd.i8 q0, q1, q2", 0xEF020844, 32, {ARMV81M}),
        ("vld1.8 {d0}, [r0]", 0xF920070F, 32, set()),
        ("smc #0", 0xF7F08000, 32, set()),
        ("rfeia r0", 0xE990C000, 32, set()),
        ("ldrexd r0, r1, [r2]", 0xE8D2017F, 32, set()),
    ],
)
def test_words_by_core(name: str, word: int, bits: int, cores: set[object]) -> None:
    have = {core.name for core in (ARMV6M, ARMV7M, CORTEX_M4, CORTEX_M7, ARMV81M) if core.has(word, bits)}
    assert have == {core.name for core in cores}, name  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "word", "bits", "has"),
    [
        ("mul a0, a0, a1", 0x02B50533, 32, True),
        ("lr.w a0, (a1)", 0x1005A52F, 32, True),
        ("csrr a0, minstret", 0xB0202573, 32, True),
        ("mret", 0x30200073, 32, True),
        ("c.addi", 0x0505, 16, True),
        ("c.jal", 0x2001, 16, True),
        ("sret", 0x10200073, 32, False),
        ("ld a0, 0(a1)", 0x0005B503, 32, False),
        ("flw", 0x0005A507, 32, False),
        ("sh1add a0, a0, a1", 0x20B52533, 32, False),
        ("addw a0, a0, a1", 0x00B5053B, 32, False),
        ("c.fld", 0x2188, 16, False),
        ("c.mul", 0x9D4D, 16, False),
    ],
)
def test_words_of_riscv(name: str, word: int, bits: int, has: bool) -> None:
    assert RV32IMAC.has(word, bits) == has, name
