"""What the firmware computed against what the reference computes: outputs, and every layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinyc.emulate import RawRun
from tinyc.errors import InternalError
from tinyc.ir import DTYPES, Array, Graph
from tinyc.ops.copy import Copy
from tinyc.ops.reshape import Reshape
from tinyc.verify import near


@dataclass(frozen=True)
class Mismatch:
    """One output element that differs from the judge's."""

    sample: int
    output: int
    index: tuple[int, ...]
    expected: object
    got: object


@dataclass(frozen=True)
class LayerCheck:
    """One intermediate tensor against the reference's."""

    #: Of the op in the model file.
    index: int
    kind: str
    name: str
    elements: int
    #: Elements that differ.
    differing: int
    #: (index, expected, got) of the first of them, None where there is none.
    first: tuple[tuple[int, ...], object, object] | None


#: Differing elements per output that a result names.
_SHOWN = 8


def mismatches(expected: tuple[Array, ...], got: tuple[Array, ...]) -> list[tuple[int, tuple[Mismatch, ...]]]:
    """Per output how many elements differ in their bytes, and the first of them."""
    found = []
    for number, (want, have) in enumerate(zip(expected, got, strict=True)):
        bits = np.dtype(f"u{want.dtype.itemsize}")
        differs = np.ascontiguousarray(want).view(bits) != np.ascontiguousarray(have).view(bits)
        where = np.argwhere(differs)
        first = tuple(
            Mismatch(
                int(at[0]), number, tuple(map(int, at[1:])), want[tuple(at)].item(), have[tuple(at)].item()
            )
            for at in where[:_SHOWN]
        )
        found.append((len(where), first))
    return found


def compare_layers(graph: Graph, run: RawRun, expected: dict[str, Array]) -> tuple[LayerCheck, ...]:
    """One check per op that computes something; a tensor that the file does not have is compared as the view it has.

    expected: the reference's tensors by name; those of a float network may lie as far away as its outputs. Raises
    InternalError where there is nothing to compare with.
    """
    bound = near.bound_of(graph)
    views = {op.inputs[0]: op.outputs[0] for op in graph.ops if isinstance(op, Reshape)}
    checks = []
    for index, got in run.layer_outputs(0).items():
        op = graph.ops[index]
        kind = graph.type(op.outputs[0])
        names = (op.outputs[0], views.get(op.outputs[0]), op.inputs[0] if isinstance(op, Copy) else None)
        want = next((expected[name] for name in names if name in expected), None)
        if want is None or want.size != kind.elements:
            raise InternalError(f"{op.origin}: the reference gives no tensor to compare with")
        own = np.dtype(DTYPES[kind.dtype])
        if want.dtype.itemsize != own.itemsize or (want.dtype.kind == "f") != (own.kind == "f"):
            want = want.astype(own)  # int64 of a file whose whole numbers are int32 here
        have = np.frombuffer(got, want.dtype).reshape(kind.shape)
        least = near.least_magnitude(graph, op.outputs[0])
        if bound is not None and near.error(want, have, least) <= bound:
            want = have
        ((differing, first),) = mismatches((want.reshape(1, *kind.shape),), (have[None],))
        named = (first[0].index, first[0].expected, first[0].got) if first else None
        checks.append(
            LayerCheck(op.origin.index, op.origin.kind, op.outputs[0], kind.elements, differing, named)
        )
    return tuple(checks)
