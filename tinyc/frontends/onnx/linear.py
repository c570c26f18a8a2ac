"""Readers of QuantizeLinear and DequantizeLinear: between them lie bytes, int8 whatever the file has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.grids import grid_of
from tinyc.frontends.onnx.values import Known, Lazy, Node, like
from tinyc.ir import Array, Quant, Tensor, TensorType, fresh_name
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.quantize import Quantize

#: TensorProto.UINT8 and INT8, which `output_dtype` names.
_BYTES = {2: np.dtype(np.uint8), 3: np.dtype(np.int8)}
_OFFSET = 128


def quantize_linear(n: Node) -> list[Lazy | Known]:
    x, scales, zero_points = n.lazy(0), *_parameters(n)
    kind = zero_points.dtype
    n.need(kind in _BYTES.values(), f"it makes {kind}; int8 and uint8 are supported")
    if isinstance(x, Known):
        axis = n.axis(int(n.attributes.get("axis", 1)), max(x.data.ndim, 1)) if scales.size > 1 else 0
        per, zero = (_along(p, x.data.ndim, axis) for p in (scales, zero_points))
        limits = np.iinfo(kind.name)
        with np.errstate(all="ignore"):
            steps = np.round(x.data.astype(np.float64) / per) + zero
        return [Known(np.clip(np.nan_to_num(steps), limits.min, limits.max).astype(kind))]
    kept = n.draft.tensors[x.name].type
    n.need(kept.dtype == "float32", "its input is no float")
    quant = _quant(n, scales, zero_points)
    name = fresh_name(n.outputs[0], n.draft.tensors)
    n.draft.tensors[name] = Tensor(name, TensorType(kept.shape, "int8", quant))
    n.draft.ops.append(Quantize((x.name,), (name,), n.origin))
    return [like(x, name)]


def dequantize_linear(n: Node) -> list[Lazy | Known]:
    x, scales, zero_points = n.lazy(0), *_parameters(n)
    if isinstance(x, Known):
        return [_constant(n, x.data, scales, zero_points)]
    kind = n.draft.tensors[x.name].type
    n.need(kind.dtype == "int8", "its input is no tensor of bytes")
    quant = _quant(n, scales, zero_points)
    implied = n.optional(2) is None and kind.q.zero_point in (0, -_OFFSET)
    n.need(
        quant.scale == kind.q.scale and (implied or quant.zero_point == kind.q.zero_point),
        f"it takes bytes of {kind.quant} as ones of {quant}; they must be equal",
    )
    out = n.draft.tensor(n.outputs[0], kind.shape)
    n.draft.ops.append(Dequantize((x.name,), (out,), n.origin))
    return [like(x, out)]


def _constant(n: Node, data: Array, scales: Array, zero_points: Array) -> Known:
    """Return the real numbers, and remember their steps."""
    n.need(data.dtype.kind in "iu", f"its input is {data.dtype}, not whole numbers")
    axis = n.axis(int(n.attributes.get("axis", 1)), max(data.ndim, 1)) if scales.size > 1 else 0
    if scales.size > 1:
        fits = scales.ndim == 1 and data.ndim > 0 and data.shape[axis] == scales.size
        n.need(
            fits, f"scales {list(scales.shape)} for {list(data.shape)}; one, or one per channel is supported"
        )
    per, zero = (_along(p, data.ndim, axis) for p in (scales, zero_points))
    real = ((data.astype(np.float64) - zero) * per).astype(np.float32)
    if data.dtype.itemsize == 1:
        shift = _OFFSET if data.dtype == np.uint8 else 0
        n.draft.grids.append(grid_of(real, scales, zero_points.astype(np.int64) - shift))
    return Known(real)


def _parameters(n: Node) -> tuple[Array, Array]:
    """Return scales, and zero points in the type of the bytes."""
    n.need(not n.attributes.get("block_size", 0), "scales for blocks are not supported")
    scales = n.known(1, "the scale").astype(np.float32)
    n.need(
        scales.size > 0 and bool(np.isfinite(scales).all() and (scales > 0).all()), "a scale is not positive"
    )
    if n.optional(2) is None:
        given = int(n.attributes.get("output_dtype", 0))
        n.need(not given or given in _BYTES, "it makes other numbers than int8 and uint8")
        return scales, np.zeros(scales.shape, _BYTES.get(given, np.dtype(np.uint8)))
    zero_points = n.known(2, "the zero point")
    same = zero_points.size in (1, scales.size) and zero_points.dtype.kind in "iu"
    n.need(same, f"{zero_points.size} zero points of {zero_points.dtype} for {scales.size} scales")
    return scales, zero_points


def _quant(n: Node, scales: Array, zero_points: Array) -> Quant:
    n.need(scales.size == 1, f"{scales.size} scales of an activation; 1 is supported")
    kind = zero_points.dtype
    n.need(kind in _BYTES.values(), f"its bytes are {kind}; int8 and uint8 are supported")
    shift = _OFFSET if kind == np.uint8 else 0
    return Quant((float(scales.reshape(-1)[0]),), (int(zero_points.reshape(-1)[0]) - shift,))


def _along(values: Array, rank: int, axis: int) -> npt.NDArray[np.float64]:
    """Return one value, or values along a dimension."""
    shape = [1] * rank
    if values.size > 1:
        shape[axis] = -1
    return values.astype(np.float64).reshape(shape)
