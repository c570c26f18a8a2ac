"""verify and the text form of a graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tinyc.errors import InternalError
from tinyc.ir import Graph, Origin, Port, Quant, Region, Tensor, TensorType, to_text, verify
from tinyc.ops.add import Add
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.window import Window

ORIGIN = Origin("m.tflite", 0, "CONV_2D", "y")
Q = Quant((0.5,), (3,))
IMAGE = TensorType((1, 6, 5, 2), "int8", Q)


def graph() -> Graph:
    weights = Tensor(
        "w", TensorType((4, 3, 3, 2), "int8", Quant((0.25,), (0,))), np.ones((4, 3, 3, 2), np.int8)
    )
    x, y = Tensor("x", IMAGE), Tensor("y", TensorType((1, 6, 5, 4), "int8", Q))
    op = Conv2D(("x", "w", ""), ("y",), ORIGIN, Window((3, 3), padding=(1, 1, 1, 1)))
    tensors = {t.name: t for t in (x, y, weights)}
    return Graph("m", tensors, (op,), (Port("x", "x", x.type),), (Port("y", "y", y.type),))


def test_a_sound_graph_verifies() -> None:
    assert verify(graph()).macs() == 6 * 5 * 4 * 3 * 3 * 2


def test_messages_name_the_first_part_of_a_fused_op() -> None:
    assert str(replace(ORIGIN, name="a/conv;a/bn;a/bias")) == "m.tflite: op 0 CONV_2D 'a/conv'"


def test_a_missing_quantization_is_named() -> None:
    assert IMAGE.q is Q
    with pytest.raises(InternalError, match=r"a tensor of type float32\[2, 3\] has no scale and zero point"):
        TensorType((2, 3), "float32").q  # noqa: B018


def test_text_is_stable() -> None:
    assert to_text(graph()) == (
        "graph m reference=litert\n"
        "  in  x: int8[1, 6, 5, 2] (s=0.5 z=3)\n"
        "  y: int8[1, 6, 5, 4] (s=0.5 z=3) = conv2d(x, w*, -) "
        "window=3x3:EXPLICIT(1,1,1,1) "
        "activation=NONE\n"
        "  out y\n"
    )


def test_broken_graphs_are_found() -> None:
    good = graph()
    op = good.ops[0]
    wrong_shape = {**good.tensors, "y": Tensor("y", TensorType((1, 6, 5, 3), "int8", Q))}
    broken = [
        (replace(good, ops=(op, op)), "written twice"),
        (replace(good, ops=(replace(op, inputs=("y", "w", "")),)), "read before it is written"),
        (replace(good, ops=(replace(op, inputs=("z", "w", "")),)), "not a tensor"),
        (replace(good, ops=()), "never written"),
        (replace(good, tensors=wrong_shape), r"inferred \[1, 6, 5, 4\]"),
    ]
    for bad, why in broken:
        with pytest.raises(InternalError, match=why):
            verify(bad)


def test_with_ops_drops_what_is_not_used() -> None:
    good = graph()
    op = Add(("x", "x"), ("y",), ORIGIN)
    tensors = {**good.tensors, "y": Tensor("y", IMAGE)}
    assert set(good.with_ops((op,), tensors).tensors) == {"x", "y"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [((0, 1), Region(0, 2, 0, 5)), ((2, 4), Region(1, 5, 0, 5)), ((5, 6), Region(4, 6, 0, 5))],
)
def test_regions_are_clipped_to_the_input(rows: tuple[int, int], expected: Region) -> None:
    good = graph()
    op = good.ops[0]
    found = op.input_region(0, Region(*rows, 0, 5), good.types(op), good.type("y"))
    assert found == expected
