"""What the front end knows of one operator of the .tflite format: a row beside its reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinyc.frontends.tflite.node import Node
from tinyc.ir import Array, Op

#: What a reader makes of an operator; an array is the value of an output known already.
Read = Callable[[Node], Op | tuple[Op, ...] | Array]


@dataclass(frozen=True)
class Operator:
    """One operator of the file format."""

    #: The format's name of it.
    kind: str
    #: Its reader: guards first, then the op.
    read: Read
    #: In words, for `tinyc ops` and docs/supported_ops.md; the reader's guards decide.
    supported: str
    #: Names of the options' tables that it may come with. A reader takes a missing one for the defaults.
    options: tuple[str, ...] = ()
    #: Newest version that LiteRT's reference kernels are registered for (TILE: see verify/judge/interpreters.py).
    newest: int = 1


def plain(op: type[Op], inputs: int = 1, *attributes: Callable[[Node], object]) -> Read:
    """Return the reader of an operator that becomes one op, whose attributes are each read from the node.

    inputs: how many tensors the operator reads. The op's operands are the first of them, the others say attributes.
    """
    made: Callable[..., Op] = op

    def read(n: Node) -> Op:
        n.counts((inputs,))
        operands = n.input_names[: len(op.operands)]
        return made(operands, n.output_names, n.origin, *(attribute(n) for attribute in attributes))

    return read
