"""Worst-case stack: the bound holds on the board; what has no bound is an error that names the function."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.stub_model import INPUTS, needs_arm_gcc, on_qemu, stub
from tinyc.codegen.projects.firmware import RowInput
from tinyc.emulate import pack_vectors
from tinyc.errors import InternalError
from tinyc.target.boards import load_board
from tinyc.target.stack import StackUse, UnboundedStackError, riscv, thumb, worst_case_stack
from tinyc.target.stack.call_graph import Frame, read_frames
from tinyc.target.stack.disassembly import Function, parse
from tinyc.target.stack.flow import Flow, analyse

TOLERANCE = 1024
"""The bound may exceed what a run used by no more than this, in bytes."""

on_m4_gcc = pytest.mark.parametrize("board", [pytest.param("mps2-an386", marks=needs_arm_gcc)])
WEIGHTS_16 = pack_vectors([(data, bytes(16)) for data in INPUTS])


def bound(
    folder: Path,
    board: str,
    body: str,
    pointer_calls: Mapping[str, int] | None = None,
    root: str = "stub_run",
) -> StackUse:
    """Worst case of stub_run in FREE with that body."""
    model = stub(folder, board, body)
    built = model.build("footprint")
    return worst_case_stack(built.elf, root, model.board, built.call_graphs, pointer_calls)


CASES = {
    "division": """
        tc_status stub_run(void)
        {
            int64_t a, b;
            memcpy(&a, stub_arena, 8);
            memcpy(&b, stub_arena + 8, 8);
            a = a / (b | 1);
            memcpy(stub_arena + 32, &a, 8);
            return TC_OK;
        }""",
    "copies": """
        tc_status stub_run(void)
        {
            memcpy(stub_arena + 32, stub_arena, stub_arena[1] & 15);
            memmove(stub_arena + 33, stub_arena + 32, stub_arena[2] & 7);
            memset(stub_arena + 34, 1, stub_arena[3] & 7);
            return TC_OK;
        }""",
    "floats": """
        #include <math.h>
        tc_status stub_run(void)
        {
            volatile float x = stub_arena[0];
            volatile double y = expf(-x) + tanhf(x) + (double)logf(x + 1);
            return y * y > 0 ? TC_OK : TC_ERROR;
        }""",
    "large frame": """
        tc_status stub_run(void)
        {
            volatile uint8_t big[70000];
            for (int i = 0; i < 70000; i++) {
                big[i] = 1;
            }
            return big[0] == 1 ? TC_OK : TC_ERROR;
        }""",
    "switch": """
        __attribute__((noinline)) static int pick(int x, volatile int *k)
        {
            switch (x) {
            case 0: return k[3];
            case 1: return k[1] * k[2];
            case 2: return 7 * k[7];
            case 3: { volatile int t[40]; for (int i = 0; i < 40; i++) t[i] = k[i & 7]; return t[k[0] & 31]; }
            case 4: return k[5] / (k[3] | 1);
            case 5: return k[2] - k[6];
            default: return 0;
            }
        }
        tc_status stub_run(void)
        {
            volatile int k[8] = {0};
            int sum = 0;
            for (int i = 0; i < 7; i++) {
                sum += pick(i, k);
            }
            return sum == 0 ? TC_OK : TC_ERROR;
        }""",
    "chain": """
        #define CALLED __attribute__((noinline)) static int
        CALLED inner(volatile int *x) { volatile int t[64]; t[63] = *x; t[0] = 1; return t[63]; }
        CALLED other(volatile int *x) { volatile int t[8]; t[7] = *x; t[0] = 1; return t[7]; }
        CALLED middle(volatile int *x) { volatile int t[32]; t[0] = inner(x); return t[0] + other(x); }
        tc_status stub_run(void)
        {
            volatile int zero = 0;
            return middle(&zero) + other(&zero) == 0 ? TC_OK : TC_ERROR;
        }""",
    "callee-saved floats": """
        __attribute__((noinline)) static void keep(void) { __asm volatile("" : : : "memory"); }
        tc_status stub_run(void)
        {
            float sum[16];
            for (int i = 0; i < 16; i++) {
                sum[i] = stub_arena[i];
            }
            for (int turn = 0; turn < 3; turn++) {
                keep();
                for (int i = 0; i < 16; i++) {
                    sum[i] += sum[(i + 1) & 15];
                }
            }
            stub_arena[32] = (uint8_t)sum[3];
            return TC_OK;
        }""",
}


@on_qemu
@pytest.mark.parametrize("case", CASES)
def test_the_bound_holds_on_the_board_and_is_close(tmp_path: Path, board: str, case: str) -> None:
    room = 73_000 if case == "large frame" else 2048
    if load_board(board).main_ram.size < room:
        pytest.skip("the chip has less RAM than this frame")
    model = stub(tmp_path, board, CASES[case], vectors=WEIGHTS_16, stack_bytes=room)
    built = model.build("footprint")
    use = worst_case_stack(built.elf, "stub_run", model.board, built.call_graphs)
    measured = model.run().stack_high_water
    assert measured is not None
    assert measured <= use.bytes <= measured + TOLERANCE
    assert use.path[0][0] == "stub_run"


@on_qemu
def test_the_row_callback_is_the_applications(tmp_path: Path, board: str) -> None:
    body = """
    tc_status stub_run_rows(tc_read_row read, void *ctx)
    {
        volatile uint8_t row[16];
        return read(ctx, 0, (void *)(uintptr_t)row);
    }
    """
    rows = RowInput(count=1, bytes=16)
    model = stub(tmp_path, board, body, rows=rows, vectors=WEIGHTS_16)
    built = model.build("footprint")
    with pytest.raises(UnboundedStackError, match="stub_run_rows has a call through a pointer"):
        worst_case_stack(built.elf, "stub_run_rows", model.board, built.call_graphs)
    demo = model.build()
    callback = worst_case_stack(demo.elf, "read_row", model.board, demo.call_graphs).bytes
    pointers = {"stub_run_rows": callback}
    use = worst_case_stack(built.elf, "stub_run_rows", model.board, built.call_graphs, pointers)
    measured = model.run().stack_high_water
    assert measured is not None
    assert callback > 0
    assert measured <= use.bytes <= measured + 64
    assert use.path[-1] == ("(callback)", callback)


@on_m4_gcc
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            """
            #define CALLED __attribute__((noinline)) static int
            CALLED down(int n, volatile int *x);
            CALLED up(int n, volatile int *x) { return *x ? down(n - 1, x) + 1 : n; }
            CALLED down(int n, volatile int *x) { return *x ? up(n - 1, x) + 2 : n; }
            tc_status stub_run(void) { volatile int x = 0; return up(3, &x) == 3 ? TC_OK : TC_ERROR; }
            """,
            "recursion in (stub_run -> )?up -> down -> up",
        ),
        (
            """
            tc_status stub_run(void)
            {
                volatile char *p = __builtin_alloca(stub_arena[0]);
                p[0] = 1;
                return p[0] == 1 ? TC_OK : TC_ERROR;
            }
            """,
            "stub_run has a stack frame of variable size",
        ),
        (
            """
            int (*volatile hook)(void);
            __attribute__((noinline)) static int call(void) { return hook() + 1; }
            tc_status stub_run(void) { return call() ? TC_OK : TC_ERROR; }
            """,
            "call has a call through a pointer",
        ),
        (
            """
            int (*volatile hook)(void);
            tc_status stub_run(void) { return (tc_status)hook(); }
            """,
            "stub_run has a call through a pointer",
        ),
        ("tc_status stub_run(void) { qsort(stub_arena, 4, 4, 0); return TC_OK; }", "qsort"),
    ],
)
def test_what_has_no_bound_is_an_error(tmp_path: Path, board: str, body: str, message: str) -> None:
    with pytest.raises(UnboundedStackError, match=f"Stack of stub_run has no bound: .*{message}"):
        bound(tmp_path, board, body)


@on_m4_gcc
def test_a_root_that_is_not_there(tmp_path: Path, board: str) -> None:
    with pytest.raises(InternalError, match="Stack of missing: no such function"):
        bound(tmp_path, board, "tc_status stub_run(void) { return TC_OK; }", root="missing")


@on_m4_gcc
def test_the_frames_of_gcc_and_of_the_disassembly_agree(tmp_path: Path, board: str) -> None:
    """Two independent readings of the same code."""
    for number, body in enumerate(CASES.values()):
        model = stub(tmp_path / str(number), board, body)
        built = model.build("footprint")
        use = worst_case_stack(built.elf, "stub_run", model.board, ())
        both = worst_case_stack(built.elf, "stub_run", model.board, built.call_graphs)
        assert both.bytes == use.bytes


def test_frames_of_a_call_graph(tmp_path: Path) -> None:
    graph = tmp_path / "a.ci"
    graph.write_text(
        'graph: { title: "a.c"\n'
        'node: { title: "a.c:f" label: "f\\na.c:1:2\\n8 bytes (static)" }\n'
        'node: { title: "b.c:f" label: "f\\nb.c:1:2\\n24 bytes (dynamic,bounded)" }\n'
        'node: { title: "g" label: "g\\na.c:1:2\\n16 bytes (dynamic)" }\n'
        'node: { title: "memcpy" label: "memcpy\\n<built-in>" shape : ellipse }\n'
        'edge: { sourcename: "g" targetname: "__indirect_call" label: "a.c:3:4" }\n}\n'
    )
    assert read_frames([graph]) == {"f": Frame(24, True, False), "g": Frame(16, False, True)}


def flow(text: str, riscv_core: bool = False, calls_no_pointer: bool = False) -> Flow:
    """Flow of the one function of a listing; addresses count up by two."""
    lines = [f"{2 * i:x}:\t{line}" for i, line in enumerate(text.strip().splitlines())]
    (function,) = parse("\n".join(["00000000 <f>:", *lines]))
    assert isinstance(function, Function)
    core = riscv if riscv_core else thumb
    return analyse(function, core.effect_of, core.is_switch, calls_no_pointer=calls_no_pointer)


@pytest.mark.parametrize(
    ("line", "bytes_"),
    [
        ("push {r4, r5, lr}", 12),
        ("stmdb sp!, {r4, r5, r6, r7, r8, r9, sl, lr}", 32),
        ("vpush {d8-d15}", 64),
        ("vpush {s16}", 4),
        ("sub sp, #508", 508),
        ("sub.w sp, sp, #4096 @ 0x1000", 4096),
        ("subw sp, sp, #4095 @ 0xfff", 4095),
        ("strd r2, r3, [sp, #-16]!", 16),
        ("str.w lr, [sp, #-4]!", 4),
        ("str r0, [sp, #4]", 0),
        ("ldr r0, [sp, #4]", 0),
        ("mov r7, sp", 0),
        ("add r0, sp, #8", 0),
        ("cmp sp, r0", 0),
        ("vldrw.u32 q0, [r0], #16", 0),
    ],
)
def test_thumb_instructions_that_deepen_the_stack(line: str, bytes_: int) -> None:
    assert flow(f"{line}\nbx lr") == Flow(bytes_, (), (), "")


@pytest.mark.parametrize(
    "line", ["mov sp, r7", "sub sp, sp, r3", "add sp, ip", "ldr sp, [r0]", "msr sp!, {r0}"]
)
def test_thumb_instructions_whose_depth_is_not_known(line: str) -> None:
    assert flow(f"push {{r4}}\n{line}\nbx lr").problem.startswith(line.partition(" ")[0])


@pytest.mark.parametrize(
    ("line", "bytes_"),
    [
        ("add sp,sp,-32", 32),
        ("addi sp,sp,-16", 16),
        ("c.addi16sp sp,-64", 64),
        ("jal t0,100 <__riscv_save_4>", 32),
        ("sw ra,12(sp)", 0),
        ("add a0,sp,8", 0),
    ],
)
def test_riscv_instructions_that_deepen_the_stack(line: str, bytes_: int) -> None:
    assert flow(f"{line}\nret", riscv_core=True) == Flow(bytes_, (), (), "")


def test_riscv_calls_and_jumps() -> None:
    text = """add sp,sp,-16
    jal ra,400 <g>
    auipc t1,0x1
    jalr -12(t1) # 500 <h>
    beqz a0,0 <f>
    add sp,sp,16
    j 600 <k>"""
    found = flow(text.replace("0 <f>", "a <f+0xa>"), riscv_core=True)
    assert found == Flow(16, ((0, 0x600), (16, 0x400), (16, 0x500)), (), "")


def test_the_depth_at_a_call_is_that_of_the_deepest_path() -> None:
    text = """cbz r0, 4 <f+0x4>
    push {r4, r5}
    bl 100 <g>
    bx lr"""
    assert flow(text).calls == ((8, 0x100),)


def test_a_subroutine_within_a_function_runs_at_the_depth_of_its_call() -> None:
    text = """push {r4, lr}
    bl 6 <f+0x6>
    pop {r4, pc}
    push {r5}
    pop {r5}
    bx lr"""
    assert flow(text) == Flow(12, (), (), "")


def test_a_conditional_return_goes_on() -> None:
    text = """push {r4, lr}
    it eq
    popeq {r4, pc}
    bl 100 <g>
    pop {r4, pc}"""
    assert flow(text) == Flow(8, ((8, 0x100),), (), "")


def test_a_jump_to_another_function_is_a_call_at_that_depth() -> None:
    assert flow("push {r4}\npop {r4}\nb.w 200 <g>").calls == ((0, 0x200),)
    assert flow("push {r4}\nb.w 200 <g>").calls == ((4, 0x200),)


def test_pushing_in_a_loop_has_no_bound() -> None:
    assert flow("push {r4}\nb.n 0 <f>").problem != ""


def test_popping_more_than_was_pushed_is_not_understood() -> None:
    assert flow("pop {r4}\nbx lr").problem.startswith("pop")


def test_code_that_runs_on_into_the_next_symbol_calls_it() -> None:
    assert flow("push {r4}\nadds r0, #1").calls == ((4, 3),)


def test_constants_are_not_instructions() -> None:
    assert flow("ldr r0, [pc, #0]\nbx lr\n.word 0xb5b5b5b5") == Flow(0, (), (), "")


def test_unreached_cases_belong_to_the_table_jump() -> None:
    text = """push {r4, lr}
    tbb [pc, r0]
    .short 0x0201
    bl 100 <g>
    pop {r4, pc}
    nop
    movs r0, r0"""
    assert flow(text).calls == ((8, 0x100),)


def test_a_jump_through_a_register_is_a_switch_where_gcc_or_a_table_says_so() -> None:
    assert flow("mov pc, r3").pointers == (0,)
    assert flow("mov pc, r3", calls_no_pointer=True).pointers == ()
    assert flow("bx r3").pointers == (0,)
    assert flow("pop {r3}\nbx r3", calls_no_pointer=True).pointers == ()
    assert flow("jalr\ta5\nret", riscv_core=True).pointers == (0,)
    assert flow("jalr\ta5\nret\naddi\tsp,sp,-16\nret", riscv_core=True, calls_no_pointer=True).depth == 16
    assert flow("lsls r3, r3, #2\nldr r3, [r2, r3]\nmov pc, r3").pointers == ()
    assert flow("lsls r3, r3, #2\nldr r3, [r2, r3]\nbx r3").pointers == (0,)


def test_a_riscv_jump_is_a_switch_where_its_address_comes_from_a_table() -> None:
    switch = """add sp,sp,-16
    sll a0,a0,0x2
    add a5,a5,a0
    lw a5,0(a5)
    jr a5
    jal ra,400 <g>
    ret"""
    assert flow(switch, riscv_core=True) == Flow(16, ((16, 0x400),), (), "")
    assert flow(switch.replace("sll a0,a0,0x2", "li a0,4"), riscv_core=True).pointers == (16,)


def compiled(folder: Path, compiler: str, flags: tuple[str, ...], source: str) -> Path:
    """An ELF with only `root` and what it needs."""
    path = folder / "a.c"
    path.write_text(source)
    elf = folder / "a.elf"
    common = (
        "-O2",
        "-ffunction-sections",
        "-nostartfiles",
        "-Wl,--gc-sections",
        "-Wl,-e,root",
        "-fcallgraph-info=su",
    )
    subprocess.run([compiler, *flags, *common, str(path), "-o", str(elf), "-lm"], check=True, cwd=folder)
    return elf


LIBRARY = """
#include <math.h>
#include <stdint.h>
#include <string.h>
volatile int64_t a, b; char p[100]; volatile float f;
__attribute__((noinline)) int pick(int x, volatile int *k)
{
    switch (x) {
    case 0: return k[3];
    case 1: return k[1] * k[2];
    case 2: { volatile char t[100]; t[k[4]] = 1; return t[k[5]]; }
    case 3: a = a / b; return k[9];
    case 4: return k[5] / k[3];
    case 5: return k[2] - k[8];
    case 6: f = expf(f); return 1;
    }
    return 0;
}
int root(int n) { memcpy(p, p + 50, n); f = tanhf(f); a = a / b; return pick(n, (volatile int *)p); }
"""


@pytest.mark.parametrize(
    ("prefix", "flags"),
    [
        ("arm-none-eabi-", ("-mcpu=cortex-m0plus", "-mthumb")),
        ("arm-none-eabi-", ("-mcpu=cortex-m55+nomve.fp", "-mthumb", "-mfloat-abi=hard")),
        ("riscv64-unknown-elf-", ("-march=rv32imac", "-mabi=ilp32", "--specs=picolibc.specs")),
    ],
)
def test_library_functions_of_other_cores_have_a_bound(
    tmp_path: Path, prefix: str, flags: tuple[str, ...]
) -> None:
    if shutil.which(prefix + "gcc") is None:
        pytest.skip(f"{prefix}gcc is not installed")
    elf = compiled(tmp_path, prefix + "gcc", flags, LIBRARY)
    board = load_board("mps2-an386")
    board = board.model_copy(update={"toolchain": board.toolchain.model_copy(update={"prefix": prefix})})
    use = worst_case_stack(elf, "root", board, sorted(tmp_path.glob("*.ci")))
    assert 100 < use.bytes < 400
