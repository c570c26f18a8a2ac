"""Guards of ops: one sentence each, naming the node of the user's file."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from tinyc.errors import ModelError
from tinyc.ir import Activation, Array, Op, Operands, Reference, TensorType
from tinyc.numerics.activation import clamp
from tinyc.numerics.fixed_point import quantize_multiplier
from tinyc.numerics.requant import bias_scale_fits, conv_scales

#: Most left shifts that a difference of two bytes (at most 255), a product of two such, and a mean of them bear
#: in 32 bits.
DIFFERENCE_SHIFT, PRODUCT_SHIFT, MEAN_SHIFT = 23, 15, 22


class LitertRejectsError(Exception):
    """LiteRT does not take the model, TFLM may: it then follows the arithmetic of TFLM."""


def need(ok: bool, op: Op, why: str) -> None:
    """Refuse the model unless `ok`. why: what was got and what is allowed."""
    if not ok:
        raise ModelError(f"{op.origin}: {why}")


def litert_needs(ok: bool, op: Op, reference: Reference, why: str) -> None:
    """Check what LiteRT alone enforces."""
    if not ok and reference == "litert":
        raise LitertRejectsError(f"{op.origin}: {why}")


def tflm_needs(ok: bool, op: Op, reference: Reference, why: str) -> None:
    """Check what TFLM alone enforces."""
    need(ok or reference != "tflm", op, f"{why} (tflm)")


def int8(op: Op, t: TensorType, what: str) -> None:
    """Check that a type is int8 with one scale. what: names the tensor."""
    need(t.dtype == "int8", op, f"{what} is {t.dtype}; only int8 is supported")
    need(t.quant is not None, op, f"{what} has no scale and zero point")
    need(not t.q.per_channel, op, f"{what} has {len(t.q.scales)} scales; 1 is needed")


def moves_bytes(op: Op, types: Operands[TensorType], outs: Sequence[TensorType]) -> bool:
    """Check an op that only moves elements, all of them int8, float32 or bool, and return whether they are int8."""
    every = [(t, f"input {i}") for i, t in enumerate(types.values) if t is not None]
    every += [(t, f"output {i}") for i, t in enumerate(outs)]
    if {t.dtype for t, _ in every} in ({"float32"}, {"bool"}):
        return False
    for t, what in every:
        int8(op, t, what)
    return True


def images(op: Op, t: TensorType) -> TensorType:
    """Return the type of the input, which must be [N, H, W, C] without an empty dimension."""
    need(len(t.shape) == 4, op, f"input has shape {list(t.shape)}; [1, H, W, C] is needed")
    need(t.elements > 0, op, f"input is empty: shape {list(t.shape)}")
    return t


def image(op: Op, t: TensorType) -> TensorType:
    """Return the same with a batch of 1."""
    images(op, t)
    need(t.shape[0] == 1, op, f"batch is {t.shape[0]}; only 1 is supported")
    return t


def same_quant(op: Op, t: TensorType, out: TensorType, what: str = "the input's") -> None:
    """Check that a tensor has the output's scale and zero point. what: names it as its owner."""
    same = (t.q.scale, t.q.zero_point) == (out.q.scale, out.q.zero_point)
    need(same, op, f"output quantization {out.quant} differs from {what} {t.quant}")


def one_quant(op: Op, types: Operands[TensorType], out: TensorType) -> None:
    """Check that all inputs have the output's scale and zero point."""
    for i, t in enumerate(types.all):
        need(
            (t.q.scale, t.q.zero_point) == (out.q.scale, out.q.zero_point),
            op,
            f"input {i} has quantization {t.quant}, the output {out.quant}; they must be equal",
        )


def scale_fits(op: Op, real: float, what: str = "output", most: int = 29) -> None:
    """Check that a real multiplier, once quantized, shifts left by at most `most`."""
    need(
        isfinite(real) and abs(real) < 2.0**60 and quantize_multiplier(abs(real))[1] <= most,
        op,
        f"effective scale of the {what} is {real:g}; below 2**{most} is needed",
    )


def bounds_fit(op: Op, activation: Activation, t: TensorType) -> None:
    """Check that the reference's conversion of an activation's bounds to bytes does not overflow."""
    need(has_bounds(activation, t), op, f"scale {t.q.scale:g} is too small")


def has_bounds(activation: Activation, t: TensorType) -> bool:
    """Whether the reference's conversion of an activation's bounds to bytes does not overflow."""
    return all(abs(real or 0.0) / t.q.scale < 2.0**31 - 256 for real in (activation.low, activation.high))


def activation_fits(op: Op, activation: Activation, out: TensorType) -> None:
    """Check a fused activation."""
    bounds_fit(op, activation, out)
    low, high = clamp(activation, out)
    need(low <= high, op, f"fused activation {activation} leaves no output value")


def other_bias_scale(x: TensorType, w: TensorType, bias: TensorType) -> str:
    """Say what is wrong with a bias' scale."""
    scale, product = bias.q.scale if bias.quant else 0.0, x.q.scale * w.q.scale
    return f"bias scale {scale:g} is not the product of the input's and the weights', {product:g}"


def convolution_fits(
    op: Op,
    activation: Activation,
    types: Operands[TensorType],
    constants: Operands[Array],
    out: TensorType,
    channels: int,
) -> None:
    """Check weights, bias, activation and scales of a convolution. channels: of the output."""
    _weights_fit(op, types, constants, out, channels)
    activation_fits(op, activation, out)
    for real in conv_scales(types.x, types.weights, out):
        scale_fits(op, real)


def _weights_fit(
    op: Op, types: Operands[TensorType], constants: Operands[Array], out: TensorType, channels: int
) -> None:
    """Check the weights and the bias: constant, symmetric, with one scale or one per channel.

    Of uint8 they have one scale, any zero point, and a bias in the scale of the products.
    """
    w, bias = types.weights, types.get("bias")
    need(w.dtype == "int8", op, f"weights are {w.dtype}; only int8 is supported")
    need(constants.get("weights") is not None, op, "weights are computed; only constant ones are supported")
    need(w.quant is not None, op, "weights have no scale and zero point")
    if types.x.is_unsigned:
        need(not w.q.per_channel, op, f"weights have {len(w.q.scales)} scales; of uint8 1 is needed")
        if bias is not None:
            need(bias_scale_fits(types.x, w, bias, out), op, other_bias_scale(types.x, w, bias))
    else:
        need(not any(w.q.zero_points), op, "weights' zero point must be 0")
    need(
        not w.q.per_channel or len(w.q.scales) == channels,
        op,
        f"{len(w.q.scales)} scales for {channels} output channels",
    )
    if bias is not None:
        need(constants.get("bias") is not None, op, "bias must be a constant")
        need(bias.dtype == "int32", op, f"bias is {bias.dtype}; only int32 is supported")
