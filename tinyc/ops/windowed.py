"""Base of every op that slides a window over the rows and columns of an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tinyc.ir import Op, Operand, Operands, Region, TensorType
from tinyc.ops.guard import need
from tinyc.ops.window import Window


@dataclass(frozen=True)
class Windowed(Op):
    """inputs: x [1, H, W, C]; output: [1, OH, OW, channels], a pixel for each place of the window."""

    x = Operand(0)

    window: Window

    #: The number around an image of float32 that has the same effect as padding; None where none has.
    neutral_real: ClassVar[float | None] = None

    def neutral(self, x: TensorType) -> int | None:
        """Return the byte around an image that has the same effect as padding; None where no byte has."""
        del x
        return None

    def output_size(self, x: TensorType) -> tuple[int, int]:
        """Return rows and columns of the output. Raises ModelError where the window does not fit into x."""
        _, height, width, _ = x.shape
        size = self.window.output_size(height, width)
        need(min(size) > 0, self, f"window {list(self.window.kernel)} does not fit into {height}x{width}")
        return size

    def input_region(
        self, index: int, region: Region, types: Operands[TensorType], out: TensorType
    ) -> Region:
        del out
        assert index == 0
        height, width, _ = types.x.hwc
        return self.window.region(region, height, width)
