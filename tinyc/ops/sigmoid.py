"""The guards that LOGISTIC and TANH share."""

from __future__ import annotations

from tinyc.ir import Op, Reference, TensorType
from tinyc.numerics.sigmoid import fixed_point_multiplier
from tinyc.ops.guard import need, tflm_needs


def scales_fit(op: Op, x: TensorType, out: TensorType, reference: Reference) -> None:
    """Check the scales of input and output."""
    _, shift = fixed_point_multiplier(x)
    tflm_needs(0 <= shift <= 62, op, reference, f"input scale {x.q.scale:g} is too small or too large")
    need(1 / out.q.scale < 2.0**30, op, f"output scale {out.q.scale:g} is too small")
