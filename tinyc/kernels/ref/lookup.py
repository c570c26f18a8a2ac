"""Every function of one byte by a portable kernel: a table of 256."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tinyc.errors import ModelError
from tinyc.ir import Graph
from tinyc.kernels.access import SameUnit, Units
from tinyc.kernels.base import Argument, Call, Constant, Lowering, Ref, Result
from tinyc.kernels.variant import Refusal
from tinyc.numerics.fixed_point import BYTES
from tinyc.ops.logical import LogicalNot
from tinyc.ops.lookup import Lookup
from tinyc.ops.word_table import WordTable


def lower_flip(op: Lookup, graph: Graph) -> Lowering | Refusal:
    """uint8 to int8 or back where the scale stays: the sign bit is flipped, of four bytes at a time."""
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    if x.dtype == out.dtype or not np.array_equal(
        op.table(x, out, graph.reference).view(np.uint8) ^ 0x80, BYTES & 0xFF
    ):
        return Refusal("more than the sign bit changes")
    units = (Result(Units(out.elements)),)
    call = Call("tc_flip_s8_ref", "lookup", (), (Argument(0, SameUnit()),), (), units)
    return Lowering((call,), in_place=(0,))


def lower_words(op: WordTable, graph: Graph) -> Lowering:
    return words_call(np.frombuffer(op.entries, np.float32), graph.type(op.outputs[0]).elements)


def words_call(values: npt.NDArray[np.float32], elements: int) -> Lowering:
    """Return a look-up. values: by input byte + 128; they are stored as bits, since not all of them need be numbers."""
    table = Constant("table", "uint32_t", values.view(np.uint32))
    units = (Result(Units(elements)),)
    call = Call("tc_lookup_s8_f32_ref", "lookup", (), (Argument(0, SameUnit()),), (Ref("table"),), units)
    return Lowering((call,), (table,))


def lower_not(op: LogicalNot, graph: Graph) -> Lowering:
    table = Constant("table", "int8_t", (BYTES == 0).astype(np.int8))
    units = (Result(Units(graph.type(op.outputs[0]).elements)),)
    call = Call("tc_lookup_s8_ref", "lookup", (), (Argument(0, SameUnit()),), (Ref("table"),), units)
    return Lowering((call,), (table,), in_place=(0,))


def lower(op: Lookup, graph: Graph) -> Lowering:
    x, out = graph.type(op.x), graph.type(op.outputs[0])
    if x.dtype == "float32":
        raise ModelError(
            f"{op.origin}: input is {x.dtype}; only a function between DEQUANTIZE and QUANTIZE is supported"
        )
    table = Constant("table", "int8_t", op.table(x, out, graph.reference))
    call = Call(
        "tc_lookup_s8_ref",
        "lookup",
        (),
        (Argument(0, SameUnit()),),
        (Ref("table"),),
        (Result(Units(out.elements)),),
    )
    return Lowering((call,), (table,), in_place=(0,))
