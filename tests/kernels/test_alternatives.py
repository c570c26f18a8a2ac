"""In what order the variants of an op come, and what is said of those that do not take it."""

from __future__ import annotations

import pytest

from tests.kernels.layers import RELU, Table
from tinyc.errors import InternalError
from tinyc.ir import Graph, Op
from tinyc.kernels.base import Call, Lowering
from tinyc.kernels.variant import Lower, Refusal, Variant, alternatives


def by(name: str) -> Lower[Op]:
    return lambda op, graph: Lowering((Call(name, "folder", (), ()),))


def refusing(reason: str) -> Lower[Op]:
    return lambda op, graph: Refusal(reason)


def slowly(op: Op, graph: Graph) -> Refusal | None:
    return Refusal("few pixels")


def never(op: Op, graph: Graph) -> Refusal | None:
    return None


def ways(*variants: Variant[Op]) -> list[Lowering]:
    table = Table(seed=1)
    table.dense(4, 4, RELU)
    graph = table.graph()
    return list(alternatives(variants, graph.ops[0], graph, ("simd", "scalar", "ref")))


def test_what_is_too_slow_comes_behind_the_others_but_before_portable_c() -> None:
    found = ways(
        Variant("ref", "ref", by("ref")),
        Variant("scalar", "scalar", by("scalar")),
        Variant("slow", "simd", by("slow"), slowly),
        Variant("fast", "simd", by("fast"), never),
    )
    assert [low.symbols for low in found] == ["fast", "scalar", "slow", "ref"]
    assert found[0].why == "first choice; slow: few pixels"
    assert [low.why for low in found[1:]] == ["slow: few pixels"] * 3


def test_a_reason_is_told_once_with_all_that_it_refuses() -> None:
    found = ways(
        Variant("a", "simd", refusing("too wide")),
        Variant("b", "simd", by("b"), slowly),
        Variant("c", "scalar", refusing("too wide")),
        Variant("a", "scalar", refusing("too wide")),
        Variant("ref", "ref", by("ref")),
    )
    assert [low.symbols for low in found] == ["b", "ref"]
    assert found[0].why == "first choice; a, c: too wide; b: few pixels"


def test_an_op_that_none_takes_is_a_bug_of_ours() -> None:
    with pytest.raises(InternalError, match="no kernel variant takes it: a: too wide"):
        ways(Variant("a", "simd", refusing("too wide")))
