"""ADD of two int8 tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ops.binary import Additive


@dataclass(frozen=True)
class Add(Additive):
    """inputs: a, b int8; output: a + b, int8."""

    kind: ClassVar[str] = "add"
    sign: ClassVar[int] = +1
