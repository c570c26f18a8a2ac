"""Rewrites of a graph into a smaller one that computes the same bytes; each file states its contract."""

from __future__ import annotations

from collections.abc import Callable

from tinyc.ir import Graph, verify
from tinyc.passes.channels import remove_channels
from tinyc.passes.floats.fold_factors import fold_factors
from tinyc.passes.floats.fuse_relus import fuse_relus
from tinyc.passes.fold_borders import fold_borders
from tinyc.passes.fold_constants import fold_constants
from tinyc.passes.fold_pad import fold_pad
from tinyc.passes.fold_reshape import fold_reshape
from tinyc.passes.fold_shuffle import fold_shuffle
from tinyc.passes.fold_tables import fold_float_tables, fold_tables
from tinyc.passes.fold_tile import fold_tile
from tinyc.passes.fold_transpose import fold_transpose
from tinyc.passes.hoist_quantize import hoist_quantize
from tinyc.passes.remove_dead import remove_dead
from tinyc.passes.remove_identity import remove_identity
from tinyc.passes.turn_lines import turn_lines

__all__ = ["ALL", "FLOATS", "Pass", "Watch", "fold_borders", "fold_constants", "optimize", "unreduced"]

Pass = Callable[[Graph], Graph]
#: Is told the name of each pass and what it made.
Watch = Callable[[str, Graph], None]


def unwatched(name: str, graph: Graph) -> None:
    """Look at nothing."""


#: In order. Every pass leaves a graph that verifies.
ALL: tuple[Pass, ...] = (
    fold_constants,
    hoist_quantize,
    fold_borders,
    fold_transpose,
    fold_shuffle,
    fold_tile,
    remove_identity,
    fold_tables,
    remove_identity,
    fold_reshape,
    turn_lines,
    fold_reshape,
    fold_pad,
    remove_dead,
    remove_channels,
)

#: Those that a graph of float32 goes through: the others are about bytes.
FLOATS: tuple[Pass, ...] = (
    fold_constants,
    fold_transpose,
    fold_shuffle,
    fold_tile,
    remove_identity,
    fold_factors,
    fuse_relus,
    fold_reshape,
    turn_lines,
    fold_reshape,
    fold_pad,
    remove_dead,
)


def unreduced(graph: Graph) -> Graph:
    """Return the graph with every tensor of the model, as far as it can be computed layer by layer."""
    if graph.is_float:
        return verify(fold_constants(graph))
    return verify(fold_float_tables(fold_borders(hoist_quantize(fold_constants(graph)))))


def optimize(graph: Graph, watch: Watch = unwatched) -> Graph:
    """Run all passes, once, each result verified. watch: is shown the graph as it comes, "read", and after each."""
    watch("read", graph)
    for each in FLOATS if graph.is_float else ALL:
        graph = verify(each(graph))
        watch(each.__name__, graph)
    return graph
