"""Graphs of float32 as C for this computer: many small graphs as one, and every plan of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from tests.schedule.policies import all_plans
from tinyc.codegen import generate
from tinyc.host_model import HostModel
from tinyc.ir import Array, Graph, Op, Port, Tensor, verify
from tinyc.paths import temporary_folder
from tinyc.schedule import Plan, plan_smallest
from tinyc.target import folder
from tinyc.target.boards import load_board
from tinyc.target.build import build

ISAS = ("ref",)


def joined(graphs: Sequence[Graph]) -> Graph:
    """Return the graphs side by side as one; tensors and ports of graph n begin with n and a dot."""
    tensors: dict[str, Tensor] = {}
    ops: list[Op] = []
    inputs: list[Port] = []
    outputs: list[Port] = []
    for n, graph in enumerate(graphs):
        name = {old: f"{n}.{old}" for old in graph.tensors}
        tensors |= {name[t.name]: replace(t, name=name[t.name]) for t in graph.tensors.values()}
        ops += [
            replace(
                op,
                inputs=tuple(name[i] if i else i for i in op.inputs),
                outputs=tuple(name[o] for o in op.outputs),
            )
            for op in graph.ops
        ]
        inputs += [replace(p, name=f"{n}.{p.name}", tensor=name[p.tensor]) for p in graph.inputs]
        outputs += [replace(p, name=f"{n}.{p.name}", tensor=name[p.tensor]) for p in graph.outputs]
    whole = Graph("joined", tensors, (), tuple(inputs), tuple(outputs), graphs[0].reference)
    return verify(whole.with_ops(ops))


@contextmanager
def on_host(plan: Plan) -> Iterator[HostModel]:
    """The generated C of a plan, built for this computer."""
    with temporary_folder() as place:
        files = generate(plan, load_board("host"), "model", "resident", "test")
        folder.fill(files, place / "firmware")
        library = build(place / "firmware", load_board("host"), name="model", variant="shared").elf
        yield HostModel(library, "model", plan.graph, plan.arena, "test")


def run(graph: Graph, inputs: Sequence[Array]) -> tuple[Array, ...]:
    """Return the outputs. inputs: one sample of each."""
    with on_host(plan_smallest(graph, ISAS)) as model:
        found = model(*inputs)
        return found if isinstance(found, tuple) else (found,)


def run_all_plans(graph: Graph, inputs: Sequence[Array]) -> Iterator[tuple[Plan, tuple[Array, ...]]]:
    """Yield layer by layer, the Pareto set, one stage and stages in three strips, with their outputs."""
    kinds = ("layers", "pareto", "one stage", "in 3 strips")
    for plan in (p for name, p in all_plans(graph) if "resident" in name and any(k in name for k in kinds)):
        with on_host(plan) as model:
            found = model(*inputs)
            yield plan, found if isinstance(found, tuple) else (found,)
