"""Rows of an encoding table: bits from the highest down, x for those that may be anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pattern:
    """An instruction of `bits` bits matches if it equals `value` where `mask` is set."""

    bits: int
    mask: int
    value: int

    def matches(self, word: int, bits: int) -> bool:
        """bits: of the instruction, 16 or 32; a 32-bit Thumb instruction has its first half-word on top."""
        return bits == self.bits and word & self.mask == self.value


def patterns(*rows: str) -> tuple[Pattern, ...]:
    """One per row such as "0100 0111 xxxx x000"; rows of other lengths have 32 bits, and go on with x."""
    return tuple(_pattern(row.replace(" ", "")) for row in rows)


def _pattern(text: str) -> Pattern:
    text = text if len(text) == 16 else text.ljust(32, "x")
    assert len(text) in {16, 32}, text
    mask = int(text.replace("0", "1").replace("x", "0"), 2)
    return Pattern(len(text), mask, int(text.replace("x", "0"), 2))


@dataclass(frozen=True)
class InstructionSet:
    """What one core executes. refused: exceptions to `allowed`. name: as people say it."""

    name: str
    allowed: tuple[Pattern, ...]
    refused: tuple[Pattern, ...] = ()

    def has(self, word: int, bits: int) -> bool:
        """Whether the core's architecture defines this encoding."""
        return _any(self.allowed, word, bits) and not _any(self.refused, word, bits)


def _any(rows: Sequence[Pattern], word: int, bits: int) -> bool:
    return any(row.matches(word, bits) for row in rows)
