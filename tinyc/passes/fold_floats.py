"""DEQUANTIZE, NEG of floats and QUANTIZE in a row are one function of a byte and become its table.

The table is what the ops themselves compute for each of the 256 bytes, so that no byte changes. Ops that other ops or
an output still read stay.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyc.ir import Array, Graph, Op
from tinyc.ops.byte_table import ByteTable
from tinyc.ops.dequantize import Dequantize
from tinyc.ops.lookup import BYTES
from tinyc.ops.neg import Neg
from tinyc.ops.quantize import Quantize


def fold_floats(graph: Graph) -> Graph:
    return graph.with_ops([_folded(graph, op) for op in graph.ops])


def _folded(graph: Graph, op: Op) -> Op:
    """The table that ends with this op, or the op itself."""
    if not isinstance(op, Quantize):
        return op
    chain: list[Op] = [op]
    while isinstance(chain[0], Quantize | Neg):
        before = graph.producer.get(chain[0].inputs[0])
        if before is None:
            return op
        chain.insert(0, graph.ops[before])
    if not isinstance(chain[0], Dequantize):
        return op
    value: Array = BYTES.astype(np.int8)
    for each in chain:
        x, out = (replace(graph.type(n), shape=value.shape) for n in (each.inputs[0], each.outputs[0]))
        (value,) = each.reference([value], [x], [out])
    return ByteTable(chain[0].inputs[:1], op.outputs, op.origin, value.tobytes())
