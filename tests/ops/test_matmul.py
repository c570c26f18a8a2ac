"""BATCH_MATMUL against both interpreters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model
from tinyc.errors import ModelError
from tinyc.frontends import load_tflite


def matmul(
    w: ModelWriter, a: Any, b: Any, out: Any, scale: float = 0.3, **how: Any
) -> tuple[list[int], list[int]]:
    """how: adj_x, adj_y."""
    x, other = w.tensor(a, "int8", 0.07, -100), w.tensor(b, "int8", 0.02, 13)
    y = w.tensor(out, "int8", scale, 4)
    w.op("BATCH_MATMUL", [x, other], [y], **how)
    return [x, other], [y]


@BOTH
@pytest.mark.parametrize("adj_x", [False, True])
@pytest.mark.parametrize("adj_y", [False, True])
@pytest.mark.parametrize(
    ("a", "b", "sizes"),
    [
        ((), (), (1, 1, 1)),
        ((1,), (1,), (7, 33, 9)),
        ((3,), (3,), (5, 8, 31)),
        ((3,), (1,), (5, 8, 4)),
        ((1,), (3,), (5, 8, 4)),
        ((1, 2, 3), (1, 2, 3), (4, 5, 6)),
        ((1, 2, 1), (1, 3), (4, 5, 6)),
        ((2,), (), (3, 1, 2)),
    ],
)
def test_batch_matmul(a: Any, b: Any, sizes: Any, adj_x: bool, adj_y: bool, reference: str) -> None:
    rows, depth, columns = sizes
    first = (*a, depth, rows) if adj_x else (*a, rows, depth)
    second = (*b, columns, depth) if adj_y else (*b, depth, columns)
    out = (*np.broadcast_shapes(a, b), rows, columns)
    check(model(lambda w: matmul(w, first, second, out, adj_x=adj_x, adj_y=adj_y)), reference)


@pytest.mark.parametrize(
    ("a", "b", "scale", "why"),
    [
        ((2, 3), (4, 2), 0.3, r"\[2, 3\] and \[4, 2\] do not go together"),
        ((2, 4, 3), (3, 3, 2), 0.3, "do not broadcast"),
        ((3,), (3, 2), 0.3, "2 to 5 dimensions"),
        ((1, 2**15 + 1), (2**15 + 1, 1), 0.3, "at most 32768"),
        ((2, 3), (3, 2), 1e-13, "effective scale"),
    ],
)
def test_what_does_not_multiply_is_refused(a: Any, b: Any, scale: float, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        load_tflite(model(lambda w: matmul(w, a, b, (2, 2), scale)), "m.tflite", "litert")
