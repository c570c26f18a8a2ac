"""Classes of instructions that take different times, and an instruction reduced to what its time depends on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The value is the name in tables and in JSON."""

    ALU = "alu"
    MUL = "multiply"
    MAC = "multiply-accumulate"
    LONG_MUL = "long multiply"
    LONG_MAC = "long multiply-accumulate"
    SIMD = "SIMD"
    SIMD_MAC = "SIMD multiply"
    DIV = "divide"
    LOAD = "load"
    LOAD_NARROW = "load byte or half-word"
    LOAD_DOUBLE = "load double"
    LOAD_MULTIPLE = "load multiple"
    STORE = "store"
    STORE_DOUBLE = "store double"
    STORE_MULTIPLE = "store multiple"
    BRANCH = "branch"
    LOOP = "low-overhead loop end"
    CALL = "call"
    INDIRECT = "indirect branch"
    FLOAT = "float"
    FLOAT_MAC = "float multiply-accumulate"
    FLOAT_DIV = "float divide"
    VECTOR_LOAD = "vector load"
    VECTOR_STORE = "vector store"
    VECTOR_MAC = "vector multiply"
    VECTOR_ALU = "vector ALU"


FLOW = frozenset({Kind.BRANCH, Kind.LOOP, Kind.CALL, Kind.INDIRECT})
LOADS = frozenset({Kind.LOAD, Kind.LOAD_NARROW, Kind.LOAD_DOUBLE, Kind.LOAD_MULTIPLE})
VECTORS = frozenset({Kind.VECTOR_LOAD, Kind.VECTOR_STORE, Kind.VECTOR_MAC, Kind.VECTOR_ALU})


@dataclass(frozen=True)
class Timed:
    """An instruction. writes, reads: registers; address: those of `reads` that form an address.

    count: registers moved, 1 for all but multiples. offset_register: a store whose offset is a register;
    to_pc: a load that ends in a jump.
    """

    kind: Kind
    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    address: frozenset[str] = frozenset()
    count: int = 1
    offset_register: bool = False
    to_pc: bool = False
