"""Lines: images of one row, which a schedule streams along their columns.

What a Conv1D of Keras makes is [1, 1, T, C], an image of one row whose columns are steps in time. Seen as T rows of one
pixel it streams as any image does; its kernels still see columns of one image row, and take a block of them at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinyc.ir import Graph, Op, TensorType
from tinyc.kernels.access import Read, RowByRow, RowSegment, RowWindow, SameUnit, Units
from tinyc.kernels.base import Lowering

#: Dimensions of an image.
_IMAGE = 4
#: Steps that the generated code can count.
_MOST_STEPS = (1 << 15) - 1


@dataclass(frozen=True)
class Blocks:
    """How lines are computed. steps: that a task computes together; columns: that a kernel does at most."""

    steps: int = 1
    columns: int = 1


#: One step at a time.
STEP_BY_STEP = Blocks()


def step_axis(kind: TensorType) -> int | None:
    """The dimension of [1, 1, T, C], [1, T, 1, C] or [1, T, C] that counts T steps; None where there are none."""
    match kind.shape:
        case (1, 1, steps, _) if 1 < steps <= _MOST_STEPS:
            return 2
        case (1, steps, 1, _) | (1, steps, _) if 1 < steps <= _MOST_STEPS:
            return 1
        case _:
            return None


def lines_of(graph: Graph, lowerings: Sequence[Lowering]) -> frozenset[str]:
    """The tensors that are streamed step by step: those of one image row, and what is computed with them.

    lowerings: one per op. None of them has to take rows of such a tensor as an image.
    """
    pairs = tuple(zip(graph.ops, lowerings, strict=True))
    found = {
        name
        for name, tensor in graph.tensors.items()
        if tensor.data is None and step_axis(tensor.type) is not None
    }
    while wrong := {n for op, low in pairs if not _fits(graph, op, low, found) for n in _touched(graph, op)}:
        if not wrong & found:
            break
        found -= wrong
    kept = {n for n in found if step_axis(graph.type(n)) == _IMAGE - 2}
    size = -1
    while size < len(kept):
        size = len(kept)
        for op, low in pairs:
            linked = found.intersection(_touched(graph, op))
            if linked & kept and takes_blocks(graph, op, low, found):
                kept |= linked
    return frozenset(kept)


def takes_blocks(graph: Graph, op: Op, low: Lowering, lines: frozenset[str] | set[str]) -> bool:
    """Whether each of the op's calls can compute any run of steps of its output from the same steps of lines."""
    if len(op.outputs) > 1 or op.outputs[0] not in lines:
        return False
    steps = steps_of(graph, op.outputs[0])
    if low.is_view:
        return op.inputs[0] in lines and steps_of(graph, op.inputs[0]) == steps
    made = [r.access for call in low.calls for r in call.writes]
    if not all(isinstance(a, RowSegment) or (isinstance(a, Units) and a.count % steps == 0) for a in made):
        return False
    if low.needs_rows and (len(low.calls) > 1 or not _is_row(graph, op.outputs[0])):
        return False
    return all(_by_steps(graph, op.inputs[at], access, steps, lines) for at, access in low.operands)


def _by_steps(graph: Graph, name: str, access: Read, steps: int, lines: frozenset[str] | set[str]) -> bool:
    """Whether what a call reads of a tensor goes with the steps that it computes."""
    match access:
        case RowWindow():
            return name in lines and _is_row(graph, name)
        case SameUnit():
            return name in lines and steps_of(graph, name) == steps
        case RowByRow():
            return False
        case _:
            return True


def steps_of(graph: Graph, name: str) -> int:
    kind = graph.type(name)
    axis = step_axis(kind)
    return 1 if axis is None else kind.shape[axis]


def _is_row(graph: Graph, name: str) -> bool:
    """Whether a tensor is an image of one row."""
    shape = graph.type(name).shape
    return len(shape) == _IMAGE and shape[1] == 1


def _fits(graph: Graph, op: Op, low: Lowering, lines: set[str]) -> bool:
    """Whether the op can be computed where the lines among its tensors are seen as steps."""
    touched = lines.intersection(_touched(graph, op))
    if not touched or takes_blocks(graph, op, low, lines):
        return True
    windows = any(isinstance(access, RowWindow) for _, access in low.operands)
    return not windows and not lines.intersection(op.outputs if low.state_bytes else ())


def _touched(graph: Graph, op: Op) -> tuple[str, ...]:
    """Tensors that an op reads or writes at run time."""
    return (*graph.activations(op), *op.outputs)
