"""Guards of ops: one sentence each, naming the node of the user's file."""

from __future__ import annotations

from collections.abc import Sequence

from tinyc.errors import ModelError
from tinyc.ir import Op, TensorType


def need(ok: bool, op: Op, why: str) -> None:
    """Refuse the model unless `ok`. why: what was got and what is allowed."""
    if not ok:
        raise ModelError(f"{op.origin}: {why}")


def present(op: Op, types: Sequence[TensorType | None], index: int) -> TensorType:
    """The type of input `index`, which must not be missing."""
    found = types[index] if index < len(types) else None
    if found is None:
        raise ModelError(f"{op.origin}: input {index} is missing")
    return found


def int8(op: Op, types: Sequence[TensorType | None], index: int) -> TensorType:
    """The type of input `index`, which must be int8 with one scale and zero point."""
    found = present(op, types, index)
    need(found.dtype == "int8", op, f"input {index} is {found.dtype}; only int8 is supported")
    need(
        found.quant is not None and not found.q.per_channel,
        op,
        f"input {index} has {'per-channel' if found.quant else 'no'} quantization; one scale is needed",
    )
    return found


def images(op: Op, types: Sequence[TensorType | None], index: int) -> TensorType:
    """The type of input `index`, which must be int8 [N, H, W, C] without an empty dimension."""
    found = int8(op, types, index)
    need(len(found.shape) == 4, op, f"input {index} has shape {list(found.shape)}; [1, H, W, C] is needed")
    need(found.elements > 0, op, f"input {index} is empty: shape {list(found.shape)}")
    return found


def image(op: Op, types: Sequence[TensorType | None], index: int) -> TensorType:
    """The same with a batch of 1."""
    found = images(op, types, index)
    need(found.shape[0] == 1, op, f"batch is {found.shape[0]}; only 1 is supported")
    return found
