"""QUANTIZE at a float input and DEQUANTIZE at a float output go: the int8 tensor becomes the border.

The port keeps the float type of the file; `to_port` and `from_port` convert exactly as the ops would. A
border stays float where the int8 tensor cannot take its place: float readers besides, QUANTIZE to several
scales, or an int8 tensor that is already a border of the model.
"""

from __future__ import annotations

from dataclasses import replace

from tinyc.ir import Graph, Port
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.quantize import Quantize
from tinyc.passes.rewrite import renamed


def fold_borders(graph: Graph) -> Graph:
    for port in graph.inputs:
        graph = _fold_input(graph, port)
    for port in graph.outputs:
        graph = _fold_output(graph, port)
    return graph


def _fold_input(graph: Graph, port: Port) -> Graph:
    readers = [graph.ops[i] for i in graph.consumers[port.tensor]]
    if graph.type(port.tensor).dtype != "float32" or port.tensor in graph.kept_tensors:
        return graph
    written = [r.outputs[0] for r in readers]
    if not readers or not all(isinstance(r, Quantize) for r in readers):
        return graph
    if len({graph.type(n) for n in written}) != 1 or graph.kept_tensors.intersection(written):
        return graph
    border = written[0]
    same = dict.fromkeys(written[1:], border)
    ops = [renamed(op, same) for op in graph.ops if op.outputs[0] not in written]
    inputs = tuple(replace(p, tensor=border) if p == port else p for p in graph.inputs)
    return replace(graph, inputs=inputs).with_ops(ops)


def _fold_output(graph: Graph, port: Port) -> Graph:
    last = graph.writer(port.tensor)
    if not isinstance(last, Dequantize):
        return graph
    border = last.x
    if graph.writer(border) is None or border in graph.kept_tensors:
        return graph
    outputs = tuple(replace(p, tensor=border) if p == port else p for p in graph.outputs)
    read = bool(graph.consumers[port.tensor])
    return replace(graph, outputs=outputs).with_ops(op for op in graph.ops if read or op is not last)
