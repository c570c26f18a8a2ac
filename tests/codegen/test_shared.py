"""Which constant arrays are stored once for several ops."""

from __future__ import annotations

import numpy as np

from tinyc.codegen.model.shared import holders
from tinyc.kernels.base import Constant


def _array(ctype: str, *values: int) -> Constant:
    return Constant("any", ctype, np.array(values, {"int8_t": np.int8, "int32_t": np.int32}[ctype]))


def test_an_array_that_begins_another_is_stored_there() -> None:
    arrays = {
        "short": _array("int8_t", 7, 7),
        "long": _array("int8_t", 7, 7, 7, 8),
        "same": _array("int8_t", 7, 7, 7, 8),
        "middle": _array("int8_t", 7, 8),
        "other": _array("int8_t", 7, 6),
        "wide": _array("int32_t", 7),
        "wide_too": _array("int32_t", 7, 0),
    }
    found = holders(arrays.items())
    assert found == {
        "long": "long",
        "same": "long",
        "short": "long",
        "middle": "middle",
        "other": "other",
        "wide_too": "wide_too",
        "wide": "wide_too",
    }


def test_bytes_of_another_type_are_not_shared() -> None:
    found = holders({"words": _array("int32_t", 0, 0), "bytes": _array("int8_t", 0)}.items())
    assert found == {"words": "words", "bytes": "bytes"}
