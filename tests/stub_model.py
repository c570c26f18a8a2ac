"""A hand-written model in a firmware folder: ports, templates and emulators tested without our compiler."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tinyc.codegen.projects.board_files import port_files, render_board_files
from tinyc.codegen.projects.firmware import BorderTensor, Firmware
from tinyc.emulate import RawRun, choose_emulator, pack_vectors, run
from tinyc.paths import data_dir
from tinyc.target.boards import Board, load_board
from tinyc.target.build import Program, Variant, build

MPS_BOARDS = ("mps2-an385", "mps2-an386", "mps2-an500", "mps2-an505", "mps3-an547")
RENODE_BOARDS = ("stm32f4-discovery", "stm32f746g-disco", "nrf52840dk", "nucleo-g0b1re", "hifive1-revb")
QEMU_BOARDS = (*MPS_BOARDS, "stm32f4-discovery", "microbit", "hifive1-revb")
needs_arm_gcc = pytest.mark.skipif(
    not shutil.which("arm-none-eabi-gcc"), reason="arm-none-eabi-gcc is not installed"
)
needs_qemu = pytest.mark.skipif(
    not (shutil.which("arm-none-eabi-gcc") and shutil.which("qemu-system-arm")),
    reason="arm-none-eabi-gcc or qemu-system-arm is not installed",
)
needs_riscv = pytest.mark.skipif(
    not (shutil.which("riscv64-unknown-elf-gcc") and shutil.which("qemu-system-riscv32")),
    reason="riscv64-unknown-elf-gcc or qemu-system-riscv32 is not installed",
)


def _qemu(name: str) -> object:
    needs = needs_riscv if name == "hifive1-revb" else needs_qemu
    return pytest.param(name, marks=[needs, pytest.mark.emulator])


on_qemu = pytest.mark.parametrize("board", [_qemu(name) for name in QEMU_BOARDS])
on_m4 = pytest.mark.parametrize(
    "board", [pytest.param("mps2-an386", marks=[needs_qemu, pytest.mark.emulator])]
)
on_all = pytest.mark.parametrize("board", ["host", *(_qemu(name) for name in QEMU_BOARDS)])

HEADER = """#ifndef STUB_H
#define STUB_H
#include <stdint.h>
#include "tinyc/tinyc.h"
extern const int8_t stub_weights[16];
int8_t *stub_input(void);
int32_t *stub_input_1(void);
const int8_t *stub_output(void);
const int32_t *stub_output_1(void);
tc_status stub_run(void);
tc_status stub_run_rows(tc_read_row read, void *ctx);
#endif
"""

WEIGHTS = """#include "stub.h"
const int8_t stub_weights[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
"""

# adds the weights to 16 bytes of input, then negates: layers 0 and 1
MODEL = """#include <string.h>
#include "stub.h"
#include "tinyc/hook.h"
uint8_t stub_arena[64] __attribute__((aligned(16)));
static uint32_t stub_runs = 7;
int8_t *stub_input(void) { return (int8_t *)stub_arena; }
const int8_t *stub_output(void) { return (int8_t *)stub_arena + 32; }
tc_status stub_run(void)
{
    stub_runs++;
    TC_LAYER_BEGIN(0);
    for (int i = 0; i < 16; i++) {
        stub_arena[16 + i] = (uint8_t)(stub_arena[i] + stub_weights[i]);
    }
    TC_LAYER_END(0, stub_arena + 16, 16);
    TC_LAYER_BEGIN(1);
    for (int i = 0; i < 16; i++) {
        stub_arena[32 + i] = (uint8_t)-stub_arena[16 + i];
    }
    TC_LAYER_END(1, stub_arena + 32, 16);
    return TC_OK;
}
"""

# the body of stub_run, free to do anything with 16 bytes of input and 16 of output
FREE = """#include <stdlib.h>
#include <string.h>
#include "stub.h"
#include "tinyc/hook.h"
uint8_t stub_arena[64] __attribute__((aligned(16)));
int8_t *stub_input(void) { return (int8_t *)stub_arena; }
const int8_t *stub_output(void) { return (int8_t *)stub_arena + 32; }
#if defined(__riscv)
#define ILLEGAL "unimp"
#define TURN "1: addi %0, %0, -1\\n bnez %0, 1b\\n"
#else
#define ILLEGAL "udf #0"
#define TURN ".syntax unified\\n1: subs %0, %0, #1\\n bne 1b\\n"
#endif
#if defined(__ARM_ARCH) && __ARM_ARCH >= 8
#define NOWHERE 0xF0000000u
#else
#define NOWHERE 0x30000000u
#endif
/* two instructions a turn */
__attribute__((unused)) static inline void spin(uint32_t turns)
{
    __asm volatile(TURN : "+r"(turns) : : "cc");
}
"""

INPUTS = tuple(bytes((7 * sample + 3 * i) % 256 for i in range(16)) for sample in range(3))


def sums(data: bytes) -> bytes:
    """Layer 0 of MODEL."""
    return bytes((value + i + 1) % 256 for i, value in enumerate(data))


def expected(data: bytes) -> bytes:
    """What MODEL computes."""
    return bytes(-value % 256 for value in sums(data))


VECTORS = pack_vectors([(data, expected(data)) for data in INPUTS])

STUB = Firmware(
    name="stub",
    banner=("Stub.", "Hand-written."),
    inputs=(BorderTensor(16),),
    outputs=(BorderTensor(16),),
    sources=(),
    layers=2,
    arena_bytes=64,
)


@dataclass
class Stub:
    """A firmware folder below `folder`, for a board by name or the board itself."""

    folder: Path
    board: Board
    model: str = MODEL
    firmware: Firmware = STUB
    weights: str = WEIGHTS
    vectors: bytes = VECTORS
    written: Path = field(init=False)

    def __post_init__(self) -> None:
        self.written = self.folder / f"fw-{self.board.name}"
        files = {
            **render_board_files(self.firmware, self.board),
            "stub.h": HEADER,
            "stub.c": self.model,
            "stub_weights.c": self.weights,
        }
        for path, text in files.items():
            target = self.written / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        for path, source in port_files(self.board):
            target = self.written / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        include = self.written / "runtime/include/tinyc"
        include.mkdir(parents=True)
        for header in ("tinyc.h", "port.h", "hook.h"):
            shutil.copy(data_dir("runtime") / "include/tinyc" / header, include)
        (self.written / "vectors.bin").write_bytes(self.vectors)

    @property
    def usual_emulator(self) -> str:
        """What CI has too: not Renode where there is another."""
        return next((name for name in self.board.emulators if name != "renode"), "auto")

    def build(self, variant: Variant = "demo", emulator: str | None = None, **options: str) -> Program:
        """Built out of tree."""
        out = self.folder / f"out-{self.board.name}"
        chosen = emulator or (self.usual_emulator if self.usual_emulator != "auto" else None)
        return build(
            self.written, self.board, name="stub", variant=variant, emulator=chosen, build_dir=out, **options
        )

    def run(self, variant: Variant = "demo", timeout: float = 60.0, emulator: str = "auto") -> RawRun:
        """Built and run."""
        chosen = choose_emulator(self.board, self.usual_emulator if emulator == "auto" else emulator)
        elf = self.build(variant, chosen).elf
        return run(elf, self.vectors, self.board, chosen, timeout=timeout)

    def make(self, *goals: str, emulator: str = "auto") -> subprocess.CompletedProcess[str]:
        """make in the folder itself, without tinyc."""
        chosen = self.usual_emulator if emulator == "auto" else emulator
        return subprocess.run(
            ["make", "-s", *goals, f"EMULATOR={chosen}"],
            cwd=self.written, capture_output=True, text=True, check=False,
        )  # fmt: skip


#: For `stub`: a function that does what is filled in, called twice.
CULPRIT = """
__attribute__((noinline)) static int culprit(void) {{ {} return 1; }}
tc_status stub_run(void) {{ return culprit() + culprit() == 2 ? TC_OK : TC_ERROR; }}
"""

#: A recursion without end.
OVERFLOW = """
__attribute__((noinline)) static int deeper(volatile int *n)
{
    volatile int more = *n + 1;
    return more == 0 ? 0 : deeper(&more) + *n;
}
tc_status stub_run(void)
{
    volatile int zero = 0;
    return deeper(&zero) == 3 ? TC_OK : TC_ERROR;
}
"""


def stub(folder: Path, board: str | Board, body: str | None = None, **changes: object) -> Stub:
    """MODEL, or FREE with `body` behind it; changes: fields of Firmware, or model, weights, vectors."""
    known = load_board(board) if isinstance(board, str) else board
    own = {key: changes.pop(key) for key in ("model", "weights", "vectors") if key in changes}
    model = {"model": FREE + body} if body is not None else {}
    return Stub(folder, known, firmware=replace(STUB, **changes), **{**model, **own})  # type: ignore[arg-type]
