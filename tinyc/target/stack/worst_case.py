"""The deepest chain of calls below a function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tinyc.errors import InternalError, ToolError
from tinyc.target.boards import Board
from tinyc.target.stack import riscv, thumb
from tinyc.target.stack.call_graph import Frame, read_frames
from tinyc.target.stack.disassembly import Function, disassemble
from tinyc.target.stack.flow import Flow, analyse

#: What tinyc's own kernels do not do, under the compilers and options of docs/compilers.md.
_HINT = "compile with the board's own cflags and a GCC that docs/compilers.md names, or take other --kernels"


class UnboundedStackError(ToolError):
    """What the compiler made of a function has no greatest depth."""


@dataclass(frozen=True)
class StackUse:
    """bytes: below the stack pointer at the call of the function.

    path: the deepest chain, outermost first, each with the depth at which it calls the next; the last with
    its own depth.
    """

    bytes: int
    path: tuple[tuple[str, int], ...]


def worst_case_stack(
    elf: Path,
    root: str,
    board: Board,
    call_graphs: Sequence[Path],
    pointer_calls: Mapping[str, int] | None = None,
) -> StackUse:
    """Bytes of stack that a call of `root` takes at most.

    pointer_calls: functions that may call through a pointer, and the stack of what they call: the row
    callback's, which is the application's own. Raises UnboundedStackError for whatever has no bound.
    """
    functions = disassemble(elf, board.toolchain.prefix, board.toolchain.packages)
    return _Search(functions, read_frames(call_graphs), board, dict(pointer_calls or {})).root(root)


class _Search:
    """Depth-first over the call graph, each function once."""

    def __init__(
        self,
        functions: Sequence[Function],
        frames: Mapping[str, Frame],
        board: Board,
        pointer_calls: Mapping[str, int],
    ) -> None:
        self._functions = functions
        self._by_start = {function.start: function for function in functions}
        self._frames = frames
        self._core = riscv if board.toolchain.prefix.startswith("riscv") else thumb
        self._pointer_calls = pointer_calls
        self._known: dict[int, StackUse] = {}
        self._active: list[Function] = []

    def root(self, name: str) -> StackUse:
        """Worst case of the function of that name."""
        for function in self._functions:
            if function.name == name:
                return self._worst(function)
        raise InternalError(f"Stack of {name}: no such function in the firmware.")

    def _worst(self, function: Function) -> StackUse:
        if function.start in self._known:
            return self._known[function.start]
        if function in self._active:
            cycle = " -> ".join(item.name for item in [*self._active, function])
            raise UnboundedStackError(
                f"Stack of {self._active[0].name} has no bound: recursion in {cycle}.", _HINT
            )
        self._active.append(function)
        found = self._deepest(function)
        self._active.pop()
        self._known[function.start] = found
        return found

    def _deepest(self, function: Function) -> StackUse:
        frame = self._frames.get(function.name)
        if frame is not None and not frame.bounded:
            raise self._unbounded(function, "a stack frame of variable size")
        known = frame is not None and not frame.pointer
        flow = analyse(function, self._core.effect_of, self._core.is_switch, calls_no_pointer=known)
        if flow.problem and frame is None:
            raise self._unbounded(function, f"an unknown stack depth ({flow.problem})")
        floor = frame.bytes if frame is not None and flow.problem else 0
        own = max(flow.depth, frame.bytes if frame is not None else 0)
        best = StackUse(own, ((function.name, own),))
        for depth, use in self._below(function, flow):
            at = max(depth, floor)
            if at + use.bytes > best.bytes:
                best = StackUse(at + use.bytes, ((function.name, at), *use.path))
        return best

    def _below(self, function: Function, flow: Flow) -> list[tuple[int, StackUse]]:
        """What the function calls: (depth at the call, its worst case)."""
        uses = [(depth, self._worst(self._at(function, address))) for depth, address in flow.calls]
        if flow.pointers and function.name not in self._pointer_calls:
            raise self._unbounded(function, "a call through a pointer")
        for depth in flow.pointers:
            size = self._pointer_calls[function.name]
            uses.append((depth, StackUse(size, (("(callback)", size),))))
        return uses

    def _at(self, caller: Function, address: int) -> Function:
        """The function at an address; a jump into its middle counts as one to its start."""
        if address in self._by_start:
            return self._by_start[address]
        for function in self._functions:
            if function.start <= address < function.end and function is not caller:
                return function
        raise self._unbounded(caller, f"a jump to {address:#x}, where no function is known")

    def _unbounded(self, function: Function, why: str) -> UnboundedStackError:
        root = self._active[0].name if self._active else function.name
        chain = " -> ".join(item.name for item in self._active)
        message = f"Stack of {root} has no bound: {function.name} has {why} ({chain})."
        return UnboundedStackError(message, _HINT)
