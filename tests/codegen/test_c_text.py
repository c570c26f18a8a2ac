"""C text of names and values."""

from __future__ import annotations

import re
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyc.codegen.c_text import array_body, identifier, initializer, number
from tinyc.codegen.model.view import compress
from tinyc.errors import UsageError
from tinyc.kernels.base import Ref


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vww_96_int8", "vww_96_int8"),
        ("my model-v2.1", "my_model_v2_1"),
        ("96_vww", "m_96_vww"),
        ("__x__", "x"),
        ("größe", "gr__e"),
        ("int8", "int8"),
    ],
)
def test_names_become_identifiers(name: str, expected: str) -> None:
    assert identifier(name) == expected


@pytest.mark.parametrize("name", ["", "___", "äöü", "-", "int", "class", "main", "restrict", "tc_conv"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        identifier(name)


@given(st.text(max_size=30))
def test_any_name_is_an_identifier_or_refused(name: str) -> None:
    try:
        text = identifier(name)
    except UsageError:
        return
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", text)
    assert identifier(text) == text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_round_trip(value: float) -> None:
    text = number(value)
    assert struct.pack("f", float.fromhex(text.removesuffix("f"))) == struct.pack("f", value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_round_trip(value: float) -> None:
    text = number(value)
    assert float.fromhex(text.removesuffix("f")) == value


@given(st.integers(-(2**31), 2**31 - 1))
def test_integers_round_trip(value: int) -> None:
    text = number(value)
    assert (-(2**31) if text == "INT32_MIN" else int(text)) == value


@given(st.lists(st.integers(-128, 127), min_size=1, max_size=200), st.integers(20, 120))
def test_arrays_round_trip_in_lines_of_bounded_width(values: list[int], width: int) -> None:
    body = array_body(np.array(values, np.int8), width)
    assert [int(v) for v in body.replace("\n", " ").split(",") if v.strip()] == values
    assert all(len(line.strip()) <= width for line in body.splitlines())


def test_initialisers() -> None:
    assert initializer(Ref("weights"), {"weights": "m_op0_weights"}) == "m_op0_weights"
    assert initializer((1, -2), {}) == "{1, -2}"
    assert initializer({"zp": -128, "shift": 3}, {}) == "{.zp = -128, .shift = 3}"
    assert initializer(-(2**31), {}) == "INT32_MIN"


@given(st.lists(st.integers(0, 5), max_size=120))
def test_compressed_orders_give_the_order_back(steps: list[int]) -> None:
    check_compressed(steps)


@given(
    st.lists(st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(1, 30)), max_size=6)
)
def test_orders_of_patterns_are_compressed(runs: list[tuple[list[int], int]]) -> None:
    steps = [step for pattern, times in runs for step in pattern * times]
    table, repeats = check_compressed(steps)
    assert len(table) <= len(steps)
    if any(len(pattern) * (times - 1) > 6 for pattern, times in runs):
        assert len(table) < len(steps)
    assert all(0 < times < 1 << 16 for _, _, times in repeats)


def check_compressed(steps: list[int]) -> tuple[list[int], tuple[tuple[int, int, int], ...]]:
    table, repeats = compress(steps)
    given_back = [s for first, length, times in repeats for s in table[first : first + length] * times]
    assert given_back == steps
    return table, repeats
