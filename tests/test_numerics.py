"""What docs/numerics.md says of float types and roundings, on inputs where the choices give different bytes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from tests.modelgen import ModelWriter
from tinyc.ir import Array
from tinyc.numerics.fixed_point import (
    multiply_by_quantized_multiplier,
    quantize_multiplier,
    round_half_away_array,
)
from tinyc.verify.judge import judge

Int64 = npt.NDArray[np.int64]
Float = type[np.float32] | type[np.float64]

REFERENCES = pytest.mark.parametrize("reference", ["litert", "tflm"])

#: Every pair of bytes.
A = np.repeat(np.arange(-128, 128), 256).reshape(1, 256, 256, 1)
B = np.tile(np.arange(-128, 128), 256).reshape(1, 256, 256, 1)

#: Quotients of scales under which many sums and products are close to a half.
QUOTIENTS = (0.5, 1.5, 0.75, 1 / 3, 0.3, 0.7, 0.1)


def _judged(model: bytes, inputs: tuple[Array, ...], reference: str) -> Array:
    found = judge(model, inputs, reference)
    if found is None:
        pytest.skip(f"{reference} is not installed")
    return found.outputs[0][0]


def _multiply(x: Int64, real: float) -> Int64:
    return multiply_by_quantized_multiplier(x, *quantize_multiplier(real))


def _sum(sign: int) -> Callable[[float, float, float, Float], Int64]:
    def compute(a: float, b: float, out: float, number: Float) -> Int64:
        twice = number(2) * max(number(a), number(b))
        left = _multiply(A << 20, float(number(a) / twice))
        right = _multiply(B << 20, float(number(b) / twice))
        return _multiply(left + sign * right, float(twice / (number(1 << 20) * number(out))))

    return compute


def _product(a: float, b: float, out: float, number: Float) -> Int64:
    return _multiply(A * B, float(number(a) * number(b) / number(out)))


@REFERENCES
@pytest.mark.parametrize(
    ("kind", "compute", "float32"),
    [("ADD", _sum(1), ()), ("SUB", _sum(-1), ()), ("MUL", _product, ("litert",))],
    ids=["ADD", "SUB", "MUL"],
)
def test_float_type_of_multipliers(
    kind: str,
    compute: Callable[[float, float, float, Float], Int64],
    float32: tuple[str, ...],
    reference: str,
) -> None:
    """float32: the references that divide the scales in float32, others do in double."""
    rng = np.random.default_rng(1)
    told = 0
    for _ in range(60):
        a = float(np.float32(rng.uniform(0.001, 0.2)))
        b = float(np.float32(a * rng.choice(QUOTIENTS)))
        out = float(np.float32((a * b * 64 if kind == "MUL" else a) * rng.choice((1, 2, 1.5))))
        right, wrong = (np.float32, np.float64) if reference in float32 else (np.float64, np.float32)
        expected, other = (np.clip(compute(a, b, out, t), -128, 127) for t in (right, wrong))
        if (expected == other).all():
            continue
        w = ModelWriter(kind)
        tensors = [w.tensor(A.shape, "int8", scale, 0) for scale in (a, b, out)]
        w.op(kind, tensors[:2], tensors[2:])
        found = _judged(
            w.finish(tensors[:2], tensors[2:]), (A[None].astype(np.int8), B[None].astype(np.int8)), reference
        )
        assert (found == expected).all(), f"{kind} with scales {a!r}, {b!r}, {out!r}"
        told += 1
    assert told > 5


@REFERENCES
@pytest.mark.parametrize("per_channel", [False, True])
@pytest.mark.parametrize("kind", ["FULLY_CONNECTED", "CONV_2D"])
def test_rounding_of_products(kind: str, per_channel: bool, reference: str) -> None:
    """FULLY_CONNECTED rounds once in LiteRT; everything else twice, with a multiplier computed in double."""
    rng = np.random.default_rng(2)
    once = kind == "FULLY_CONNECTED" and reference == "litert"
    acc = np.arange(-250, 250)
    told = 0
    for _ in range(300):
        x, w = (float(np.float32(rng.uniform(0.001, 0.1))) for _ in range(2))
        out = float(np.float32(x * w / rng.choice(QUOTIENTS)))
        real = x * w / out
        single, double = round_half_away_array(acc * real), _multiply(acc, real)
        sloppy = _multiply(acc, float(np.float32(x) * np.float32(w)) / out)
        places = np.flatnonzero(((single != double) | (sloppy != double)) & (np.abs(double) < 127))
        if len(places) == 0:
            continue
        model = _biases_only(kind, acc[places], (x, w, out), per_channel)
        found = _judged(model, (np.zeros((1, *_shape(kind)), np.int8),), reference)
        assert (found.ravel() == (single if once else double)[places]).all(), f"scales {x!r}, {w!r}, {out!r}"
        told += 1
    assert told > 20


def _shape(kind: str) -> tuple[int, ...]:
    return (1, 1) if kind == "FULLY_CONNECTED" else (1, 1, 1, 1)


def _biases_only(kind: str, biases: Int64, scales: tuple[float, float, float], per_channel: bool) -> bytes:
    """A layer whose accumulators are its biases: the input and the weights are 0."""
    n, (x, w, out) = len(biases), scales
    shape = _shape(kind)
    writer = ModelWriter(kind)
    source = writer.tensor(shape, "int8", x, 0)
    weights = writer.tensor((n, *shape[1:]), "int8", [w] * n if per_channel else w, data=np.zeros(n))
    bias = writer.tensor((n,), "int32", float(np.float32(x * w)), 0, data=biases)
    y = writer.tensor((*shape[:-1], n), "int8", out, 0)
    window = {"padding": 1, "stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
    writer.op(kind, [source, weights, bias], [y], **(window if kind == "CONV_2D" else {}))
    return writer.finish([source], [y])
