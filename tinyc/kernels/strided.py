"""Strided walks over tensors; neighbouring dimensions that stay contiguous are merged."""

from __future__ import annotations

from itertools import accumulate

from tinyc.errors import ModelError
from tinyc.ir import Op
from tinyc.kernels.access import Whole
from tinyc.kernels.base import Argument, Call, Ref, Struct

RANK = 6


def dense_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Row-major strides, in elements."""
    return (
        tuple(accumulate((1, *reversed(shape[1:])), lambda a, b: a * b))[::-1][: len(shape)] if shape else ()
    )


def broadcast_strides(shape: tuple[int, ...], out: tuple[int, ...]) -> tuple[int, ...]:
    """Strides of an operand along the output's dimensions; 0 where it repeats."""
    strides = [s if n > 1 else 0 for n, s in zip(shape, dense_strides(shape), strict=True)]
    return (*(0,) * (len(out) - len(shape)), *strides)


def merge(
    dims: tuple[int, ...], *strides: tuple[int, ...], rank: int = RANK
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Drop dimensions of 1 and merge neighbours that every operand walks contiguously; pad in front to `rank`.

    Raises ValueError where more than `rank` dimensions remain.
    """
    kept_dims: list[int] = []
    kept: list[list[int]] = [[] for _ in strides]
    for axis, size in enumerate(dims):
        if size == 1:
            continue
        if kept_dims and all(k[-1] == s[axis] * size for k, s in zip(kept, strides, strict=True)):
            kept_dims[-1] *= size
            for k, s in zip(kept, strides, strict=True):
                k[-1] = s[axis]
        else:
            kept_dims.append(size)
            for k, s in zip(kept, strides, strict=True):
                k.append(s[axis])
    lead = rank - len(kept_dims)
    if lead < 0:
        raise ValueError(f"{len(kept_dims)} dimensions")
    return (*(1,) * lead, *kept_dims), tuple((*(0,) * lead, *k) for k in kept)


def copy_call(
    op: Op,
    dims: tuple[int, ...],
    in_strides: tuple[int, ...],
    out_strides: tuple[int, ...],
    source: int | Ref,
    in_offset: int = 0,
    out_offset: int = 0,
) -> Call:
    """One strided copy."""
    try:
        sizes, (from_strides, to_strides) = merge(dims, in_strides, out_strides)
    except ValueError as problem:
        raise ModelError(f"{op.origin}: moves data along {problem}; at most {RANK} are supported") from None
    params = Struct(
        "tc_copy_params",
        (
            ("dims", sizes),
            ("in_stride", from_strides),
            ("out_stride", to_strides),
            ("in_offset", in_offset),
            ("out_offset", out_offset),
        ),
    )
    return Call("tc_copy_s8_ref", "copy", (params,), (Argument(source, Whole()),))
