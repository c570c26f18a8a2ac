"""Reading an operator of a file that may say anything: what goes wrong is told, and constants end somewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tinyc.errors import ModelError
from tinyc.frontends.limits import MAX_ELEMENTS, check_elements
from tinyc.frontends.onnx.values import Known, Lazy, Node
from tinyc.ir import Array, Origin
from tinyc.plain import reason

#: Operators of a file, those of branches and functions counted; many do not become ops.
_MOST_OPERATORS = 5000
#: Elements of all constants that operators make of others.
_MOST_KNOWN = 4 * MAX_ELEMENTS
#: What arrays and attributes that do not go together provoke.
DAMAGE = (
    ArithmeticError,
    AttributeError,
    IndexError,
    KeyError,
    MemoryError,
    StopIteration,
    TypeError,
    ValueError,
)


def check_operators(model: Any, file: str) -> None:
    """Refuse a file whose operators nobody could tidy up in time."""
    waiting = [model.graph.node, *(function.node for function in model.functions)]
    count = 0
    while waiting:
        nodes = waiting.pop()
        count += len(nodes)
        if count > _MOST_OPERATORS:
            raise ModelError(f"{file}: more than {_MOST_OPERATORS:,} operators")
        waiting += [a.g.node for node in nodes for a in node.attribute if a.HasField("g")]


class Guard:
    """Sees what each operator adds. Raises ModelError for what is too large."""

    def __init__(self) -> None:
        self._known = 0

    def constants(self, made: Iterable[Array], origin: Origin) -> None:
        """Count what an operator makes of constants."""
        self._known += sum(data.size for data in made)
        if self._known > _MOST_KNOWN:
            raise ModelError(f"{origin}: constants of more than {_MOST_KNOWN:,} elements")

    def read(self, node: Node, reader: Callable[[Node], Sequence[Lazy | Known]]) -> Sequence[Lazy | Known]:
        before = len(node.draft.tensors)
        made = reader(node)
        self.constants((v.data for v in made if isinstance(v, Known)), node.origin)
        for name in list(node.draft.tensors)[before:]:
            shape = node.draft.tensors[name].type.shape
            node.need(min(shape, default=1) > 0, f"a shape of {list(shape)}")
            check_elements(shape, f"{node.origin}: tensor '{name}'")
        return made


def told(problem: Exception) -> str:
    return f"its inputs and attributes do not go together: {reason(problem)}"
