"""Operands by name."""

from __future__ import annotations

import pytest

from tinyc.errors import InternalError, ModelError
from tinyc.ir import Origin
from tinyc.ops.concat import Concat
from tinyc.ops.conv2d import Conv2D
from tinyc.ops.prelu import Prelu
from tinyc.ops.window import Window

ORIGIN = Origin("m.tflite", 0, "CONV_2D", "y")
CONV = Conv2D(("image", "filters", ""), ("y",), ORIGIN, Window((3, 3)))


def test_an_op_names_its_tensors() -> None:
    assert (CONV.x, CONV.weights, CONV.bias) == ("image", "filters", "")
    assert [o.name for o in Conv2D.operands] == ["x", "weights", "bias"]
    assert [o.name for o in Prelu.operands] == ["x", "alpha"]
    assert Conv2D(("image", "filters"), ("y",), ORIGIN, Window((3, 3))).bias == ""


def test_values_have_the_names_of_the_operands() -> None:
    values = CONV.named([1, 2, None])
    assert (values.x, values.weights, values.get("bias"), values.get("x")) == (1, 2, None, 1)
    assert values.values == (1, 2, None)


def test_ops_with_any_number_of_inputs_have_them_by_position() -> None:
    values = Concat(("a", "b", "c"), ("y",), ORIGIN, 1).named([1, 2, 3])
    assert values.all == (1, 2, 3)
    assert values.at(2) == 3


def test_a_missing_operand_is_named() -> None:
    values = CONV.named([1, 2, None])
    with pytest.raises(ModelError, match=r"m\.tflite: op 0 CONV_2D 'y': input 'bias' is missing"):
        values.bias  # noqa: B018
    with pytest.raises(ModelError, match="input 2 is missing"):
        values.at(2)
    with pytest.raises(InternalError, match="no operand 'wieghts'"):
        values.wieghts  # noqa: B018
