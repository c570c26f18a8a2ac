"""PyTorch modules that compute with weights of few levels and activations of bytes, and learn as if they did not.

The gradient passes rounding unchanged (straight-through), and stops where a value is clipped.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from tinyc.qat.ranges import LEAST_SCALE, MOMENTUM
from tinyc.qat.weights import EPSILON, Steps, steps_of


def step_of(weights: Any, steps: Steps) -> Any:
    """Return the distance of two levels of weights [outputs, ...]: [outputs], or [1]. See tinyc.qat.weights."""
    size = weights.detach().abs()
    rows = size.flatten(1) if steps.per_channel else size.reshape(1, -1)
    if steps.measure == "median":
        measured = rows.kthvalue((rows.shape[1] + 1) // 2, dim=1).values
    elif steps.measure == "mean":
        measured = rows.mean(dim=1)
    else:
        measured = rows.amax(dim=1)
    return measured.clamp(min=EPSILON) / steps.most


def rounded_weights(weights: Any, steps: Steps, share: float) -> Any:
    """Return what a layer computes with; of the gradient, all reaches the float weights.

    share: of the rounded weights, 0 to 1.
    """
    plain = weights.detach()
    each = step_of(plain, steps).reshape(-1, *[1] * (plain.dim() - 1))
    rounded = (plain / each).round().clamp(steps.low, steps.high) * each
    if share != 1.0:
        rounded = share * rounded + (1 - share) * plain
    return rounded + (weights - plain)


class _Bytes(torch.autograd.Function):  # type: ignore[misc]
    """clip(round(x / scale) + zero point, -128, 127), as real numbers."""

    @staticmethod
    def forward(ctx: Any, x: Any, scale: Any, zero_point: Any) -> Any:
        steps = (x / scale).round_().add_(zero_point)
        ctx.save_for_backward((steps >= -128) & (steps <= 127))
        return steps.clamp_(-128, 127).sub_(zero_point).mul_(scale)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, None, None]:
        (inside,) = ctx.saved_tensors
        return gradient * inside, None, None


class FakeQuant(nn.Module):  # type: ignore[misc]
    """Rounds a tensor to the 256 steps of a range, which training learns: a moving minimum and maximum, and 0.

    Before the first batch in training mode (or `calibrate`) it knows no range, and changes nothing. momentum: share of
    what was known before; the first batches are averaged. fixed: the range, where it is known beforehand and stays.
    """

    def __init__(self, momentum: float = MOMENTUM, fixed: tuple[float, float] | None = None) -> None:
        super().__init__()
        self.momentum = momentum
        self.fixed = fixed
        self.register_buffer("low", torch.zeros(()))
        self.register_buffer("high", torch.zeros(()))
        self.register_buffer("count", torch.zeros(()))
        #: Whether the range stays as it is.
        self.register_buffer("frozen", torch.zeros(()))
        if fixed is not None:
            self.span(*fixed)

    def forward(self, x: Any, *, learns: bool = True) -> Any:
        if self.training and learns and self.fixed is None and not self.frozen:
            self._learn(x.detach())
        if not self.count:
            return x
        return _Bytes.apply(x, *self.grid())

    def grid(self) -> tuple[Any, Any]:
        """Return scale and zero point, in float32."""
        scale = ((self.high - self.low) / 255).clamp(min=LEAST_SCALE)
        return scale, (-128 - self.low / scale).round().clamp(-128, 127)

    def span(self, low: float, high: float) -> None:
        """Set the range to [low, high] and 0."""
        self.low.fill_(min(low, 0.0))
        self.high.fill_(max(high, 0.0))
        self.count.fill_(max(float(self.count), 1.0))

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def _learn(self, x: Any) -> None:
        least, greatest = torch.aminmax(x)
        keep = (self.count / (self.count + 1)).clamp(max=self.momentum)
        self.low.copy_(keep * self.low + (1 - keep) * least.clamp(max=0))
        self.high.copy_(keep * self.high + (1 - keep) * greatest.clamp(min=0))
        self.count.add_(1)


class Rounding(nn.Module):  # type: ignore[misc]
    """What the layers of few levels have beside their bases: how weights are rounded, and the bytes of the input."""

    weight: Any

    def __init__(
        self,
        *args: Any,
        levels: str = "ternary",
        scale: str = "median",
        per_channel: bool = False,
        quantize_input: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.steps = steps_of(levels, scale, per_channel=per_channel)
        self.levels = levels
        #: Share of the rounded weights: set_share ramps it up.
        self.register_buffer("share", torch.ones(()))
        self.input_quant = FakeQuant() if quantize_input else None

    def rounded_weight(self) -> Any:
        """Return the weights that the layer computes with."""
        return rounded_weights(self.weight, self.steps, float(self.share))

    def step(self) -> Any:
        """Return the distance of two levels: [outputs], or [1]."""
        return step_of(self.weight, self.steps)

    def read(self, x: Any) -> Any:
        """Return the input as the layer sees it."""
        return x if self.input_quant is None else self.input_quant(x)


class BitConv2d(Rounding, nn.Conv2d):  # type: ignore[misc]
    """nn.Conv2d of weights in {-k, 0, k}, k by "BitNet b1.58 Reloaded"; grouped and depthwise ones, too.

    levels: "ternary", "int2" (-2 to 1) or "int8"; scale: "median" or "mean" of the absolute weights, of the layer or
    (per_channel) of each output channel. quantize_input: the input has bytes of a static scale of its own; `convert`
    leaves that out, since it gives each tensor one.
    """

    def forward(self, x: Any) -> Any:
        return self._conv_forward(self.read(x), self.rounded_weight(), self.bias)


class BitConv1d(Rounding, nn.Conv1d):  # type: ignore[misc]
    """nn.Conv1d of weights in {-k, 0, k}; options as of BitConv2d."""

    def forward(self, x: Any) -> Any:
        return self._conv_forward(self.read(x), self.rounded_weight(), self.bias)


class BitLinear(Rounding, nn.Linear):  # type: ignore[misc]
    """nn.Linear of weights in {-k, 0, k}; options as of BitConv2d."""

    def forward(self, x: Any) -> Any:
        return functional.linear(self.read(x), self.rounded_weight(), self.bias)


def set_share(model: Any, share: float) -> None:
    """Let all layers of few levels compute with `share` times the rounded weights, the rest float: 0 to 1."""
    for module in model.modules():
        if isinstance(module, Rounding):
            module.share.fill_(share)


def freeze_ranges(model: Any, frozen: bool = True) -> None:
    """Let the ranges of all activations stay as they are, or move again."""
    for module in model.modules():
        if isinstance(module, FakeQuant):
            module.frozen.fill_(float(frozen))


@torch.no_grad()  # type: ignore[untyped-decorator]
def calibrate(model: Any, samples: Any, batch: int) -> None:
    """Set the ranges of all activations to what samples [N, ...] span."""
    training = model.training
    found = [m for m in model.modules() if isinstance(m, FakeQuant) and m.fixed is None]
    model.eval()
    seen: dict[int, tuple[float, float]] = {}

    def look(module: Any, inputs: tuple[Any, ...], _: Any) -> None:
        low, high = seen.get(id(module), (0.0, 0.0))
        least, greatest = torch.aminmax(inputs[0])
        seen[id(module)] = min(low, float(least)), max(high, float(greatest))

    for module in found:
        module.count.zero_()  # nothing is rounded meanwhile
    hooks = [module.register_forward_hook(look) for module in found]
    given = torch.as_tensor(samples)
    for part in given.split(batch):
        model(part.to(next(model.parameters()).device))
    for hook in hooks:
        hook.remove()
    for module in found:
        if id(module) in seen:
            module.span(*seen[id(module)])
    model.train(training)
