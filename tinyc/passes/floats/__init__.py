"""Rewrites of a float graph, whatever file it came from: what exporters write as many ops is one again.

The same real function, within the rounding that docs/numerics.md allows.
"""

from __future__ import annotations

from collections.abc import Callable

from tinyc.ir import Graph, verify
from tinyc.passes.floats.constant_weights import constant_weights
from tinyc.passes.floats.fold_expand import fold_expand
from tinyc.passes.floats.fold_parts import fold_parts
from tinyc.passes.floats.recognise_functions import recognise_functions
from tinyc.passes.floats.recognise_l2_norm import recognise_l2_norm
from tinyc.passes.floats.recognise_rsqrt import recognise_rsqrt
from tinyc.passes.fold_reshape import fold_reshape
from tinyc.passes.remove_dead import remove_dead

__all__ = ["simplify_floats"]

#: In order. Every pass leaves a graph that verifies.
_ALL: tuple[Callable[[Graph], Graph], ...] = (
    constant_weights,
    fold_expand,
    fold_parts,
    remove_dead,
    fold_reshape,
    recognise_rsqrt,
    recognise_l2_norm,
    recognise_functions,
)


def simplify_floats(graph: Graph) -> Graph:
    """Return a graph of fewer ops."""
    for each in _ALL:
        graph = verify(each(graph))
    return graph
