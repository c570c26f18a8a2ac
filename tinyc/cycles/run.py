"""Estimates for a firmware that was built: of one inference, and of each of its layers."""

from __future__ import annotations

from collections.abc import Mapping

from tinyc.cycles import riscv, thumb
from tinyc.cycles.cores import CORES, Core
from tinyc.cycles.estimate import Estimate, estimate
from tinyc.cycles.trace import Trace, trace_layers, trace_run
from tinyc.target.boards import Board
from tinyc.target.build import Program
from tinyc.target.stack.disassembly import disassemble


def model_of(board: Board, emulator: str) -> Core | None:
    """The core's cost model; None where there is none, or where the emulator does not tell what it executes."""
    return CORES.get(board.cpu) if emulator == "qemu" else None


def estimate_run(
    built: Program, vectors: bytes, board: Board, name: str, core: Core, timeout: float
) -> Estimate:
    """One inference. built: the demo; vectors: of one sample."""
    return _estimates({0: trace_run(built, vectors, board, name, timeout)}, built, board, core)[0]


def estimate_layers(
    built: Program, vectors: bytes, board: Board, core: Core, timeout: float
) -> dict[int, Estimate]:
    """Each layer by its position. built: the variant `profile`; vectors: of one sample."""
    return _estimates(trace_layers(built, vectors, board, timeout), built, board, core)


def _estimates(traces: Mapping[int, Trace], built: Program, board: Board, core: Core) -> dict[int, Estimate]:
    chain = board.toolchain
    functions = disassemble(built.elf, chain.prefix, chain.packages, core.machine)
    code = [instruction for function in functions for instruction in function.body]
    timed = riscv.timed if board.cpu.startswith("rv") else thumb.timed
    return {key: estimate(trace, code, timed, core) for key, trace in traces.items()}
