"""The graph that everything between the front ends and the scheduler works on."""

from tinyc.ir.activation import Activation
from tinyc.ir.graph import Graph, Port, State, fresh_name, to_text, verify
from tinyc.ir.op import Op
from tinyc.ir.operand import Operand, Operands
from tinyc.ir.types import DTYPES, Array, Origin, Quant, Reference, Region, Tensor, TensorType

__all__ = [
    "DTYPES",
    "Activation",
    "Array",
    "Graph",
    "Op",
    "Operand",
    "Operands",
    "Origin",
    "Port",
    "Quant",
    "Reference",
    "Region",
    "State",
    "Tensor",
    "TensorType",
    "fresh_name",
    "to_text",
    "verify",
]
