"""Readers of QuantizeLinear and DequantizeLinear: between them lie bytes, int8 whatever the file has.

Of 2 and 4 bits, the largest number is the largest byte: what is above becomes it by itself, what is below the least
number is clamped before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tinyc.frontends.onnx.compose import number, of
from tinyc.frontends.onnx.grids import grid_of
from tinyc.frontends.onnx.values import Known, Lazy, Node, like
from tinyc.ir import Activation, Array, Quant, Tensor, TensorType, fresh_name
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.maximum import Maximum
from tinyc.ops.quantize import Quantize
from tinyc.ops.relu import Relu

#: Least and greatest number of each type, and the types by TensorProto's numbers, which `output_dtype` names.
_LIMITS = {
    "uint8": (0, 255),
    "int8": (-128, 127),
    "uint4": (0, 15),
    "int4": (-8, 7),
    "uint2": (0, 3),
    "int2": (-2, 1),
}
_NAMES = {2: "uint8", 3: "int8", 21: "uint4", 22: "int4", 25: "uint2", 26: "int2"}
_SUPPORTED = "int8, uint8 and those of 4 and 2 bits are supported"
_BYTE = 127
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Parameters:
    """scales: float32; zero_points: whole numbers of as many elements, or one; kind: the type of the steps."""

    scales: Array
    zero_points: npt.NDArray[np.int64]
    kind: str

    @property
    def shift(self) -> int:
        """What is added to a step to have it as a byte."""
        return _BYTE - _LIMITS[self.kind][1] if self.kind in _LIMITS else 0


def quantize_linear(n: Node) -> list[Lazy | Known]:
    x, p = n.lazy(0), _parameters(n)
    n.need(p.kind in _LIMITS, f"it makes {p.kind}; {_SUPPORTED}")
    low, high = _LIMITS[p.kind]
    if isinstance(x, Known):
        per, zero = _for_elements(n, p, x.data)
        with np.errstate(all="ignore"):
            # in float32, as ONNX has them: halves are others in float64
            steps = np.round(x.data.astype(np.float32) / per.astype(np.float32)) + zero
        kind = np.uint8 if low == 0 else np.int8
        return [Known(np.clip(np.nan_to_num(steps), low, high).astype(kind))]
    kept = n.draft.tensors[x.name].type
    n.need(kept.dtype == "float32", "its input is no float")
    quant = _quant(n, p)
    below = (low - int(p.zero_points.reshape(-1)[0])) * quant.scale
    if high - low < 2 * _BYTE:
        x = of(n, Relu, x, Activation.RELU) if below == 0 else number(n, Maximum, x, below)
    name = fresh_name(n.outputs[0], n.draft.tensors)
    n.draft.tensors[name] = Tensor(name, TensorType(kept.shape, "int8", quant))
    n.draft.ops.append(Quantize((x.name,), (name,), n.origin))
    return [like(x, name)]


def dequantize_linear(n: Node) -> list[Lazy | Known]:
    x, p = n.lazy(0), _parameters(n)
    if isinstance(x, Known):
        return [_constant(n, x.data, p)]
    kind = n.draft.tensors[x.name].type
    n.need(kind.dtype == "int8", "its input is no tensor of bytes")
    n.need(p.kind in _LIMITS, f"its bytes are {p.kind}; {_SUPPORTED}")
    quant = _quant(n, p)
    implied = n.optional(2) is None and kind.q.zero_point in _ZEROS
    n.need(
        quant.scale == kind.q.scale and (implied or quant.zero_point == kind.q.zero_point),
        f"it takes bytes of {kind.quant} as ones of {quant}; they must be equal",
    )
    out = n.draft.tensor(n.outputs[0], kind.shape)
    n.draft.ops.append(Dequantize((x.name,), (out,), n.origin))
    return [like(x, out)]


#: Bytes that stand for a step of 0, by type.
_ZEROS = {_BYTE - high for _, high in _LIMITS.values()}


def _constant(n: Node, data: Array, p: _Parameters) -> Known:
    """Return the real numbers, and remember their steps."""
    n.need(
        data.dtype.name in _LIMITS or data.dtype.kind in "iu", f"its input is {data.dtype}, not whole numbers"
    )
    per, zero = _for_elements(n, p, data)
    real = ((data.astype(np.float64) - zero) * per).astype(np.float32)
    if data.dtype.itemsize == 1 and p.scales.ndim < 2:
        shift = 128 if data.dtype == np.uint8 else 0
        n.draft.grids.append(grid_of(real, p.scales, p.zero_points - shift))
    return Known(real)


def _parameters(n: Node) -> _Parameters:
    scales = n.known(1, "the scale").astype(np.float32)
    n.need(
        scales.size > 0 and bool(np.isfinite(scales).all() and (scales > 0).all()), "a scale is not positive"
    )
    if n.optional(2) is None:
        given = int(n.attributes.get("output_dtype", 0)) if n.kind == "QuantizeLinear" else 0
        n.need(not given or given in _NAMES, f"it makes other numbers; {_SUPPORTED}")
        return _Parameters(scales, np.zeros(scales.shape, np.int64), _NAMES.get(given, "uint8"))
    zero_points = n.known(2, "the zero point")
    kind = zero_points.dtype.name
    same = zero_points.size in (1, scales.size) and (kind in _LIMITS or zero_points.dtype.kind in "iu")
    n.need(same, f"{zero_points.size} zero points of {kind} for {scales.size} scales")
    return _Parameters(scales, zero_points.astype(np.int64), kind)


def _quant(n: Node, p: _Parameters) -> Quant:
    n.need(p.scales.size == 1, f"{p.scales.size} scales of an activation; 1 is supported")
    return Quant((float(p.scales.reshape(-1)[0]),), (int(p.zero_points.reshape(-1)[0]) + p.shift,))


def _for_elements(n: Node, p: _Parameters, data: Array) -> tuple[Float64, Float64]:
    """Return scale and zero point of each element of a constant: one, one per channel, or one per block."""
    block = int(n.attributes.get("block_size", 0))
    if p.scales.size == 1 and not block:
        return p.scales.reshape(()).astype(np.float64), p.zero_points.reshape(-1)[0].astype(np.float64)
    axis = n.axis(int(n.attributes.get("axis", 1)), max(data.ndim, 1))
    told = f"scales {list(p.scales.shape)} for {list(data.shape)}"
    if not block:
        fits = p.scales.ndim == 1 and data.ndim > 0 and data.shape[axis] == p.scales.size
        n.need(fits, f"{told}; one, one per channel or one per block is supported")
        ends = (-1, *(1,) * (data.ndim - axis - 1))
        each = (p.scales, np.broadcast_to(p.zero_points.reshape(-1), p.scales.shape))
        return each[0].astype(np.float64).reshape(ends), each[1].astype(np.float64).reshape(ends)
    blocks = [-(-size // block) if i == axis else size for i, size in enumerate(data.shape)]
    n.need(block > 0 and list(p.scales.shape) == blocks, f"{told} in blocks of {block}")
    zeros = np.broadcast_to(p.zero_points, p.scales.shape) if p.zero_points.size == 1 else p.zero_points
    n.need(zeros.shape == p.scales.shape, f"zero points {list(zeros.shape)} for {told}")
    along = [i // block for i in range(data.shape[axis])]
    scales = np.take(p.scales, along, axis).astype(np.float64)
    return scales, np.take(zeros, along, axis).astype(np.float64)
