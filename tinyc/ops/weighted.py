"""Base of every op that multiplies its input by weights and adds a bias."""

from __future__ import annotations

from dataclasses import dataclass

from tinyc.ir import Op, Operand


@dataclass(frozen=True)
class Weighted(Op):
    """inputs: x int8, weights int8, bias int32 [output channels] or ""."""

    x = Operand(0)
    weights = Operand(1, trained=True)
    bias = Operand(2, trained=True)
