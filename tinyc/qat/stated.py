"""The int8 file of a trained network: the scales and steps that it was trained with, as they are."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinyc.errors import ModelError
from tinyc.export import export_tflite
from tinyc.frontends.onnx.grids import Grid, grid_of
from tinyc.ir import Graph, Op, Quant, Tensor, fresh_name
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logistic import Logistic
from tinyc.ops.max_pool2d import MaxPool2D
from tinyc.ops.pad import Pad
from tinyc.ops.quantize import Quantize
from tinyc.ops.softmax import Softmax
from tinyc.ops.softmax_of_floats import LogSoftmaxOfFloats, SoftmaxOfFloats
from tinyc.ops.tanh import Tanh
from tinyc.passes.fold_tables import fold_tables
from tinyc.qat.weights import Float32, Steps, along
from tinyc.quantize.rules import fixed
from tinyc.quantize.stated import stated_graph


@dataclass(frozen=True, eq=False)
class Deployed:
    """Weights and bias of a layer as the int8 model has them. kernel: in the layout of the framework."""

    kernel: Float32
    bias: Float32
    grid: Grid


def deployed(
    kernel: Float32,
    bias: Float32 | None,
    steps: Steps,
    axis: int,
    measured: Float32,
    factor: Float32 | None = None,
    shift: Float32 | None = None,
) -> Deployed:
    """Return a layer with the batch normalization behind it folded in.

    kernel: levels times steps, as trained; axis: which of its dimensions counts output channels; measured: its steps,
    [channels] or [1]; factor, shift: of the normalization, [channels]: y = factor * x + shift. A channel's levels stay
    levels: the factor goes into its step.
    """
    channels = kernel.shape[axis]
    factors = np.ones(channels, np.float32) if factor is None else factor.astype(np.float32)
    offset = np.zeros(channels, np.float32) if bias is None else bias.astype(np.float32)
    each = np.broadcast_to(measured.astype(np.float32), (channels,))
    levels = np.round(kernel / along(each, axis, kernel.ndim))
    step = each * np.abs(factors)
    dead = step < np.finfo(np.float32).tiny  # a factor of 0 leaves nothing of a channel
    step = np.where(dead, np.float32(1), step).astype(np.float32)
    signs = np.where(dead, 0, np.where(factors < 0, -1, 1)).astype(np.float32)
    made = (levels * along(step * signs, axis, kernel.ndim)).astype(np.float32)
    moved = offset * factors + (np.zeros(channels, np.float32) if shift is None else shift)
    grid = grid_of(made, (step / np.float32(steps.width)), np.zeros(channels, np.int64))
    return Deployed(made, np.asarray(moved, np.float32), grid)


def with_scales(graph: Graph, quants: Mapping[str, Quant]) -> Graph:
    """Return a float graph in which the tensors named become bytes and real numbers again."""
    quants = {**_moved_only(graph, quants), **quants}
    tensors = dict(graph.tensors)
    ops: list[Op] = []
    real: dict[str, str] = {}

    def rounded(name: str) -> None:
        kind, origin = tensors[name].type, (graph.writer(name) or graph.ops[0]).origin
        made = fresh_name(f"{name}_bytes", tensors)
        tensors[made] = Tensor(made, replace(kind, dtype="int8", quant=quants[name]))
        real[name] = fresh_name(f"{name}_real", tensors)
        tensors[real[name]] = Tensor(real[name], kind)
        ops.append(Quantize((name,), (made,), origin))
        ops.append(Dequantize((made,), (real[name],), origin))

    for port in graph.inputs:
        if port.tensor in quants:
            rounded(port.tensor)
    for op in graph.ops:
        ops.append(replace(op, inputs=tuple(real.get(n, n) for n in op.inputs)))
        for name in op.outputs:
            if name in quants:
                rounded(name)
    outputs = tuple(replace(p, tensor=real.get(p.tensor, p.tensor)) for p in graph.outputs)
    return replace(graph, outputs=outputs).with_ops(ops, tensors)


def _moved_only(graph: Graph, quants: Mapping[str, Quant]) -> dict[str, Quant]:
    """Return the quantizations of tensors of which those with a scale are moves, where others read them, too.

    So it is where a converter made padding a part of the layer behind it.
    """
    found: dict[str, Quant] = {}
    for op in reversed(graph.ops):
        quant = quants.get(op.outputs[0]) or found.get(op.outputs[0])
        if quant is not None and (op.only_moves or isinstance(op, Pad | MaxPool2D)):
            found |= {n: quant for n in graph.activations(op) if len(graph.consumers[n]) > 1}
    return found


_FIXED = (LogSoftmax, LogSoftmaxOfFloats, Logistic, Softmax, SoftmaxOfFloats, Tanh)


def fixed_scales(graph: Graph, stated: Container[str] = ()) -> dict[str, Quant]:
    """Return the quantizations that TFLite fixes, as that of a sigmoid, where the model states none.

    graph: with its scales as ops, or without, `stated` being the tensors that have one.
    """
    found = {}
    for op in graph.ops:
        (name, *_) = op.outputs
        readers = [graph.ops[at] for at in graph.consumers[name]]
        if not isinstance(op, _FIXED) or name in stated or any(isinstance(r, Quantize) for r in readers):
            continue
        plain: Op = op
        if isinstance(op, SoftmaxOfFloats):
            plain = Softmax(op.inputs, op.outputs, op.origin, op.beta)
        elif isinstance(op, LogSoftmaxOfFloats):
            plain = LogSoftmax(op.inputs, op.outputs, op.origin)
        quant = fixed(plain)
        assert quant is not None
        found[name] = quant
    return found


def exported(graph: Graph, grids: Sequence[Grid]) -> bytes:
    """Return the .tflite file of a graph whose tensors have their scales: see with_scales.

    Raises ModelError for a layer that would be computed in float, other than by a table.
    """
    made = stated_graph(graph, grids, {}, keeps_means=True)  # a byte for each pixel is dear in flash
    folded = fold_tables(made)
    floats = dict.fromkeys(str(op.origin) for op in folded.ops if _is_float(folded, op))
    if floats:
        raise ModelError(
            "\n".join(f"{op}: what it reads or makes has no scale" for op in list(floats)[:40]),
            "tinyc.qat.convert places all scales, but none inside of LayerNorm and GroupNorm: use BatchNorm; in a "
            "model of your own, put a FakeQuant there",
        )
    return export_tflite(made, "trained with tinyc.qat")


def _is_float(graph: Graph, op: Op) -> bool:
    """Whether an op computes on real numbers, other than an answer of the network element by element.

    graph: functions of one tensor's bytes are tables.
    """
    made = graph.type(op.outputs[0]).dtype == "float32"
    alone = op.is_elementwise and len(graph.activations(op)) == 1
    return made and not isinstance(op, Dequantize) and not alone
