"""What one instruction does to the stack pointer and to the flow of control."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effect:
    """deeper: bytes by which the stack grows; negative, shrinks. conditional: all of it may also not happen.

    falls: the next instruction may follow. jump: address gone to; call: address called.
    pointer: the call or jump goes to an address in a register. table: a jump to one of many places in this
    function. unknown: why the stack's depth is not known behind it, or "".
    """

    deeper: int = 0
    falls: bool = True
    conditional: bool = False
    jump: int | None = None
    call: int | None = None
    pointer: bool = False
    table: bool = False
    unknown: str = ""
