"""C types of elements, and addresses in the arena as C expressions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tinyc.ir import DTYPES, TensorType
from tinyc.schedule import Buffer, Plan
from tinyc.schedule.rows import RowView

C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "float32": "float",
    "bool": "uint8_t",
}

#: Element types as kernels take them: a uint8 or bool as the int8 of the same bits.
KERNEL_TYPES = C_TYPES | {"uint8": "int8_t", "bool": "int8_t"}

#: Element types in the names of C functions.
SHORT_NAMES = {"int8": "s8", "uint8": "s8", "bool": "s8", "int16": "s16", "int32": "s32", "float32": "f32"}


def scratch_symbol(op: int) -> str:
    return f"op{op}_scratch"


def state_symbol(op: int) -> str:
    return f"op{op}_state"


def shape_text(t: TensorType) -> str:
    return "[" + ", ".join(map(str, t.shape)) + "]"


@dataclass(frozen=True)
class Places:
    """Addresses in the arena as C expressions. symbol_of: identifiers of tensors, each an enumerator of its offset."""

    plan: Plan
    symbol_of: Mapping[str, str]

    def whole(self, tensor: str) -> str:
        """The first element, as a kernel takes it."""
        return self._at(KERNEL_TYPES[self.plan.graph.type(tensor).dtype], tensor)

    def port(self, tensor: str) -> str:
        """The first element, in the C type of the model's interface."""
        return self._at(C_TYPES[self.plan.graph.type(tensor).dtype], tensor)

    def _at(self, ctype: str, tensor: str) -> str:
        return f"AT({ctype}, {self.symbol_of[tensor]})"

    def row(self, tensor: str, column: str = "") -> str:
        """Row y, as an expression in y; column: of the slot, "" for the first."""
        buffer, view = self.plan.buffers[tensor], self.plan.rows[tensor]
        size = DTYPES[self.plan.graph.type(tensor).dtype].itemsize
        text = self.whole(tensor) + _ring_offset(buffer, view, buffer.pitch // size)
        return f"{text} + {times(column, view.column_bytes // size)}" if column else text

    def row_bytes(self, tensor: str) -> str:
        """Row y as bytes."""
        buffer = self.plan.buffers[tensor]
        text = f"(uint8_t *){self.whole(tensor)}"
        return text + _ring_offset(buffer, self.plan.rows[tensor], buffer.pitch)


def _ring_offset(buffer: Buffer, view: RowView, pitch: int) -> str:
    """What to add to an address for row y: nothing where there is one slot."""
    if buffer.ring == 1:
        return ""
    return f" + {times('y' if buffer.ring >= view.count else f'(y % {buffer.ring})', pitch)}"


def times(expression: str, factor: int) -> str:
    return expression if factor == 1 else f"{expression} * {factor}"
