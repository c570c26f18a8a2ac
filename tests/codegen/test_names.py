"""Identifiers of tensors: short, valid, each its own."""

from __future__ import annotations

import re

import pytest

from tinyc.codegen.model.names import LONGEST, tensor_symbols


def symbols(*tensors: str, model: str = "digits", taken: tuple[str, ...] = ()) -> list[str]:
    return list(tensor_symbols(model, tensors, taken).values())


@pytest.mark.parametrize(
    ("tensor", "symbol"),
    [
        ("conv1", "digits_conv1"),
        ("model/conv1/Relu;model/conv1/BiasAdd", "digits_model_conv1_relu"),
        ("StatefulPartitionedCall:0", "digits_statefulpartitionedcall_0"),
        ("EfficientNetV2/stage1.mbconv2.se.ex.act/clip_by_value", "digits_mbconv2_se_ex_act_clip_by_value"),
        ("\u00fc*/\n", "digits_tensor"),
        ("", "digits_tensor"),
    ],
)
def test_names_of_real_models(tensor: str, symbol: str) -> None:
    assert symbols(tensor) == [symbol]


def test_each_tensor_has_its_own() -> None:
    assert symbols("a/b", "a_b", "A.B", "b") == ["digits_a_b", "digits_a_b_2", "digits_a_b_3", "digits_b"]


def test_no_tensor_takes_the_name_of_a_function() -> None:
    assert symbols("input", taken=("digits_input",)) == ["digits_input_tensor"]
    assert symbols("params", model="op0") == ["op0_tensor_params"]


def test_long_words_are_cut() -> None:
    (symbol,) = symbols("x" * 500)
    assert re.fullmatch(r"digits_x+", symbol) and len(symbol) == len("digits_") + LONGEST
