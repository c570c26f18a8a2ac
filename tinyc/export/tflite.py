"""A graph as a .tflite file, which LiteRT and TFLM load.

The file says what the graph means: its reference's bytes are those of the graph.
"""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.export.draft import Draft
from tinyc.export.file import FilePort, write_file
from tinyc.export.operators import WRITERS
from tinyc.ir import Graph, Op, Port


def export_tflite(graph: Graph, description: str = "") -> bytes:
    """Return the bytes of a file with one subgraph and one signature, which has the names of the graph's ports.

    Raises ModelError for an op that the format has no operator for.
    """
    if graph.states:
        raise ModelError(f"{graph.name}: a model that keeps state between runs cannot be written yet")
    draft = Draft(graph)
    inputs = tuple(FilePort(p.name, _input(draft, p)) for p in graph.inputs)
    missing = [op for op in graph.ops if type(op) not in WRITERS]
    if missing:
        raise ModelError("\n".join(map(_told, missing)))
    for op in graph.ops:
        WRITERS[type(op)](draft, op)
    outputs = tuple(FilePort(p.name, _output(draft, p)) for p in graph.outputs)
    return write_file(draft.tensors.values(), draft.ops, inputs, outputs, description)


def _input(draft: Draft, port: Port) -> str:
    """Return the tensor that carries an input; where a QUANTIZE was folded away, it is written again."""
    inside = draft.graph.type(port.tensor)
    if port.type == inside:
        return draft.use(port.tensor)
    outside = draft.between(port.tensor, port.type)
    draft.add("QUANTIZE", 2, (outside,), (port.tensor,), "QuantizeOptions")
    return outside


def _output(draft: Draft, port: Port) -> str:
    inside = draft.graph.type(port.tensor)
    if port.type == inside:
        return draft.use(port.tensor)
    outside = draft.between(port.tensor, port.type)
    kind = "DEQUANTIZE" if port.type.dtype == "float32" else "QUANTIZE"
    draft.add(kind, 2, (port.tensor,), (outside,), f"{kind.capitalize()}Options")
    return outside


def _told(op: Op) -> str:
    return f"{op.origin}: '{op.kind}' has no operator of the .tflite format"
