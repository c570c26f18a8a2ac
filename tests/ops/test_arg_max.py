"""ARG_MAX and ARG_MIN against both interpreters, and as sanitised C."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.batch import make_case, wrong
from tests.e2e.tool import tinyc
from tests.modelgen.writer import ModelWriter
from tests.ops.agree import BOTH, check, model, samples
from tinyc.frontends import load_tflite
from tinyc.verify.expected import Vectors
from tinyc.verify.judge import judge

SHAPES = [
    ((1, 10), 1),
    ((1, 33), -1),
    ((1, 7, 5, 9), 3),
    ((1, 7, 5, 9), 2),
    ((1, 7, 5, 9), -3),
    ((1, 4, 1), 1),
]
_INT32, _INT64 = 2, 4


def build(kind: str, shape: tuple[int, ...], axis: int, dtype: str) -> bytes:
    def net(w: ModelWriter) -> tuple[list[int], list[int]]:
        x = w.tensor(shape, "int8", 0.1, 3)
        at = axis % len(shape)
        y = w.tensor((*shape[:at], *shape[at + 1 :]), dtype)
        w.op(kind, [x, w.constant(axis)], [y], output_type=_INT64 if dtype == "int64" else _INT32)
        return [x], [y]

    return model(net)


@BOTH
@pytest.mark.parametrize("kind", ["ARG_MAX", "ARG_MIN"])
@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_agrees_with_the_reference(kind: str, dtype: str, reference: str, tmp_path: Path) -> None:
    if (reference, dtype) == ("tflm", "int64"):
        pytest.skip("TFLM makes int32 only")
    cases = []
    for number, (shape, axis) in enumerate(SHAPES):
        data = build(kind, shape, axis, dtype)
        check(data, reference, count=6)
        source = load_tflite(data, "m", reference)
        inputs = tuple(samples(source, 3, seed=number))
        expected = judge(data, inputs, reference)
        assert expected is not None
        vectors = Vectors(inputs, expected.outputs, reference)
        cases.append(make_case(f"a{number}", f"{kind} {shape} {axis}", source, vectors))
    assert not wrong(cases, tmp_path)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_through_the_command(dtype: str, tmp_path: Path) -> None:
    file = tmp_path / "classes.tflite"
    file.write_bytes(build("ARG_MAX", (1, 6, 5, 7), 3, dtype))
    done = tinyc("run", file, "--board", "host")
    assert done.status == 0, done.err
    assert "bit-exact: all 150 output elements equal" in done.out
