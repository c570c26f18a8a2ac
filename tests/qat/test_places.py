"""Where scales belong, and which layers become ternary."""

from __future__ import annotations

import pytest

from tinyc.errors import UsageError
from tinyc.ir import Origin
from tinyc.ops.log_softmax import LogSoftmax
from tinyc.ops.logistic import Logistic
from tinyc.ops.softmax import Softmax
from tinyc.ops.tanh import Tanh
from tinyc.qat.places import FIXED_RANGES, Kind, Node, Trained, fused, scales, ternary_layers
from tinyc.qat.ranges import quant_of_range
from tinyc.quantize.rules import fixed


def chain(*kinds: str) -> list[Node]:
    """A network of one node after the other; each is called by its kind and number."""
    names = [f"{kind}{i}" for i, kind in enumerate(kinds)]
    return [
        Node(name, kind, (before,) if before else ())  # type: ignore[arg-type]
        for name, kind, before in zip(names, kinds, ["", *names], strict=False)
    ]


def test_a_scale_stands_behind_all_that_is_computed_at_once() -> None:
    nodes = chain("input", "weighted", "norm", "relu", "weighted", "relu", "weighted")
    assert scales(nodes, ["weighted6"]) == {n: n for n in ("input0", "relu3", "relu5", "weighted6")}
    assert fused(nodes, ["weighted6"]) == {"norm2": "weighted1", "relu3": "norm2", "relu5": "weighted4"}


def test_what_is_read_twice_is_not_computed_at_once() -> None:
    nodes = [*chain("input", "weighted", "relu"), Node("sum", "add", ("weighted1", "relu2"))]
    assert fused(nodes, ["sum"]) == {}
    assert set(scales(nodes, ["sum"])) == {"input0", "weighted1", "relu2", "sum"}


def test_moving_keeps_the_bytes_and_pooling_the_scale() -> None:
    nodes = chain("input", "weighted", "pool", "drop", "move", "weighted")
    assert scales(nodes, ["weighted5"]) == {
        "input0": "input0",
        "weighted1": "weighted1",
        "pool2": "weighted1",
        "weighted5": "weighted5",
    }


def test_what_is_joined_gets_one_scale() -> None:
    nodes = [Node("x", "input"), Node("a", "weighted", ("x",)), Node("b", "weighted", ("x",))]
    nodes += [Node("m", "move", ("b",)), Node("j", "join", ("a", "m")), Node("y", "weighted", ("j",))]
    assert set(scales(nodes, ["y"])) == {"x", "j", "y"}


def test_a_residual_sum_and_its_relu_are_one() -> None:
    nodes = [Node("x", "input"), Node("a", "weighted", ("x",)), Node("n", "norm", ("a",))]
    nodes += [Node("s", "add", ("n", "x")), Node("r", "relu", ("s",))]
    assert set(scales(nodes, ["r"])) == {"x", "n", "r"}
    assert fused(nodes, ["r"]) == {"n": "a", "r": "s"}


def test_a_second_relu_is_one_of_its_own() -> None:
    nodes = chain("input", "weighted", "relu", "relu")
    assert fused(nodes, ["relu3"]) == {"relu2": "weighted1"}


def test_softmax_has_its_own_scale_as_an_answer() -> None:
    nodes = chain("input", "weighted", "softmax")
    assert set(scales(nodes, ["softmax2"])) == {"input0", "weighted1"}
    longer = chain("input", "weighted", "softmax", "weighted")
    assert "softmax2" in scales(longer, ["weighted3"])


@pytest.mark.parametrize("kind", FIXED_RANGES)
def test_a_scale_that_is_fixed_is_that_of_what_moves_behind(kind: Kind) -> None:
    nodes = chain("input", "weighted", kind, "move", "weighted")
    found = scales(nodes, ["weighted4"])
    assert found[f"{kind}2"] == f"{kind}2" and "move3" not in found
    low, high = FIXED_RANGES[kind]
    quant = quant_of_range(low, high)
    names = ("x",), ("y",), Origin("net", 0, kind, "y")
    ops = {"sigmoid": Logistic(*names), "tanh": Tanh(*names), "log_softmax": LogSoftmax(*names)}
    assert quant == fixed(ops.get(kind, Softmax(*names, beta=1.0)))


def test_a_tensor_that_is_an_output_too_has_a_scale() -> None:
    nodes = chain("input", "weighted", "move", "relu")
    assert {"weighted1", "relu3"} <= set(scales(nodes, ["weighted1", "relu3"]))


def test_parts_of_a_tensor_have_the_scale_of_the_whole() -> None:
    """As halves of channels, also where a tuple is between."""
    halves = [Node("a", "move", ("x",)), Node("b", "move", ("x",))]
    ends = [Node("c", "weighted", ("a",)), Node("d", "weighted", ("b",)), Node("e", "join", ("c", "d"))]
    whole = [Node("x", "input"), *halves, *ends]
    assert scales(whole, ["e"]) == {"x": "x", "e": "e"}
    tuples = [Node("x", "weighted", ("i",)), Node("t", "move", ("x",))]
    halves = [Node("a", "move", ("t",)), Node("b", "move", ("t",))]
    assert scales([Node("i", "input"), *tuples, *halves, *ends], ["e"]) == {"i": "i", "x": "x", "e": "e"}


def test_whole_numbers_have_no_scale() -> None:
    nodes = chain("input", "weighted", "relu", "count")
    assert scales(nodes, ["count3"]) == {"input0": "input0", "relu2": "relu2"}


LAYERS = [
    Trained("stem", False, 4000),
    Trained("block.dw", True, 4000),
    Trained("block.pw", False, 4000),
    Trained("small", False, 511),
    Trained("head", False, 4000),
]


@pytest.mark.parametrize(
    ("keep", "ternary"),
    [
        (("first", "last", "depthwise", "tiny"), {"block.pw"}),
        ((), {"stem", "block.dw", "block.pw", "small", "head"}),
        (("first", "block.*"), {"small", "head"}),
        (("tiny", "head"), {"stem", "block.dw", "block.pw"}),
    ],
)
def test_layers_that_become_ternary(keep: tuple[str, ...], ternary: set[str]) -> None:
    assert ternary_layers(LAYERS, keep) == ternary


def test_a_pattern_that_matches_nothing_is_told() -> None:
    with pytest.raises(UsageError, match="blok"):
        ternary_layers(LAYERS, ("blok.*",))
