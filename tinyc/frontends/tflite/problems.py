"""What a .tflite file is refused for: every reason at once, and a hint that applies."""

from __future__ import annotations

from tinyc.errors import ModelError
from tinyc.frontends.tflite.kinds import Kind
from tinyc.frontends.tflite.schema import FileGraph, FileOp

#: Refused nodes that one error lists.
_MAX_LINES = 40

_FIX_BATCH = (
    "the model leaves its batch open: convert it with a batch of 1, from a concrete function of "
    "tf.TensorSpec([1, ...]); the converter then needs fewer operators"
)

#: Element types of values that a model computes with, as opposed to shapes and indices.
_VALUES = frozenset(("INT8", "UINT8", "INT16", "FLOAT32", "FLOAT16"))


class FollowsError(Exception):
    """Something is refused only because of what was refused before: not worth a line."""


class Problems:
    """The reasons found so far, in order. kind: what the model is, where all of it is refused for that."""

    def __init__(self, graph: FileGraph, file: str, kind: Kind | None) -> None:
        self._graph = graph
        self._file = file
        self._kind = kind
        self._found: list[ModelError] = []
        self._about_shapes = False
        #: Tensors that a refused operator would have written, whose shape or content is therefore not known.
        self._unknown: set[int] = set()

    def add(self, problem: ModelError, op: FileOp | None = None) -> None:
        """op: the refused operator, None where it is the interface."""
        self._found.append(problem)
        if op is not None:
            self._about_shapes |= any(self._is_shape(at) for at in (*op.inputs, *op.outputs))
            self.spread(op)

    def spread(self, op: FileOp) -> None:
        """What the operator writes is not known, where the file does not say it either."""
        tensors = self._graph.tensors
        self._unknown |= {
            at for at in op.outputs if at >= 0 and (tensors[at].type not in _VALUES or tensors[at].is_open)
        }

    def follow(self, op: FileOp) -> bool:
        """Whether the operator reads what is not known."""
        return not self._unknown.isdisjoint(op.inputs)

    def raise_any(self) -> None:
        """Raise ModelError if there is a problem: in one line where the model is of a kind that is not supported."""
        if not self._found:
            return
        if self._kind is not None:
            raise ModelError(f"{self._file}: {self._kind.told}", self._kind.hint)
        is_open = any(t.is_open for t in self._graph.tensors)
        hint = _FIX_BATCH if is_open and self._about_shapes else self._found[0].hint
        lines = [problem.message for problem in self._found]
        more = len(lines) - _MAX_LINES
        raise ModelError("\n".join(lines[:_MAX_LINES] + ([f"... and {more} more"] if more > 0 else [])), hint)

    def _is_shape(self, index: int) -> bool:
        """Whether a tensor holds a shape or an index that is computed."""
        if index < 0:
            return False
        tensor = self._graph.tensors[index]
        return tensor.type not in _VALUES and tensor.data is None
