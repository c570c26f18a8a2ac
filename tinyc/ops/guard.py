"""Guards of ops: one sentence each, naming the node of the user's file."""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.ir import Op, TensorType


def need(ok: bool, op: Op, why: str) -> None:
    """Refuse the model unless `ok`. why: what was got and what is allowed."""
    if not ok:
        raise ModelError(f"{op.origin}: {why}")


def int8(op: Op, t: TensorType, what: str = "input") -> TensorType:
    """Return the type of an input, which must be int8 with one scale and zero point. what: names the input."""
    need(t.dtype == "int8", op, f"{what} is {t.dtype}; only int8 is supported")
    need(
        t.quant is not None and not t.quant.per_channel,
        op,
        f"{what} has {'per-channel' if t.quant else 'no'} quantization; one scale is needed",
    )
    return t


def images(op: Op, t: TensorType) -> TensorType:
    """Return the type of the input, which must be int8 [N, H, W, C] without an empty dimension.

    N is 1 once a front end is done: it splits batches (frontends/batches.py).
    """
    int8(op, t)
    need(len(t.shape) == 4, op, f"input has shape {list(t.shape)}; [1, H, W, C] is needed")
    need(t.elements > 0, op, f"input is empty: shape {list(t.shape)}")
    return t


def image(op: Op, t: TensorType) -> TensorType:
    """Return the same with a batch of 1."""
    images(op, t)
    need(t.shape[0] == 1, op, f"batch is {t.shape[0]}; only 1 is supported")
    return t
